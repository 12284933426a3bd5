import * as aws from "@pulumi/aws";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { AwsAccount } from "./aws-account";
import { createClusterRole, createNodeRole } from "./aws-cluster-roles";
import { createLogGroup } from "./aws-logs";
import type { AwsSettings } from "./aws-settings";
import type { AwsTarget } from "./index";

/** What a cluster is made with. */
export interface ClusterArgs {
    /** Name of the cluster. */
    readonly prefix: string;
    readonly settings: AwsSettings;
    readonly region: string;
    readonly account: AwsAccount;
    /** IAM role or user that deploys. */
    readonly principalArn: string;
    readonly network: AwsTarget["network"];
    readonly kmsKeyArn: pulumi.Output<string>;
    readonly opts: pulumi.CustomResourceOptions;
}

/** The cluster, and how its objects are made. */
export interface Cluster {
    readonly securityGroupId: pulumi.Output<string>;
    readonly nodeRole: aws.iam.Role;
    readonly kubernetes: kubernetes.Provider;
}

/** Kubernetes of the cluster; in EKS's standard support (https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html). */
export const KUBERNETES_VERSION = "1.35";
/** All that the control plane logs (https://docs.aws.amazon.com/eks/latest/userguide/control-plane-logs.html). */
const LOG_TYPES = ["api", "audit", "authenticator", "controllerManager", "scheduler"];

/**
 * Creates an EKS cluster in Auto Mode: AWS runs its nodes, disks and load balancers
 * (https://docs.aws.amazon.com/eks/latest/userguide/automode.html).
 */
export function createCluster(name: string, args: ClusterArgs): Cluster {
    const { prefix, settings, network, kmsKeyArn, opts } = args;
    const logs = createLogGroup(`${name}-cluster`, `/aws/eks/${prefix}/cluster`, args);
    const clusterRole = createClusterRole(name, args);
    const nodeRole = createNodeRole(name, args);
    const isPublic = settings.apiCidrs.length > 0;
    const isProtected = settings.environment !== "dev";
    const cluster = new aws.eks.Cluster(
        `${name}-cluster`,
        {
            name: prefix,
            version: KUBERNETES_VERSION,
            roleArn: clusterRole.role.arn,
            // Auto Mode brings networking, DNS and storage along.
            bootstrapSelfManagedAddons: false,
            // The platform's own pool takes the place of general-purpose; with system, EKS lets nodes of this role join.
            computeConfig: { enabled: true, nodePools: ["system"], nodeRoleArn: nodeRole.role.arn },
            kubernetesNetworkConfig: { ipFamily: "ipv4", elasticLoadBalancing: { enabled: true } },
            storageConfig: { blockStorage: { enabled: true } },
            vpcConfig: {
                subnetIds: network.privateSubnetIds,
                endpointPrivateAccess: true,
                endpointPublicAccess: isPublic,
                ...(isPublic && { publicAccessCidrs: [...settings.apiCidrs] }),
            },
            // Access entries alone say who may what, also for who creates the cluster.
            accessConfig: { authenticationMode: "API", bootstrapClusterCreatorAdminPermissions: false },
            encryptionConfig: { provider: { keyArn: kmsKeyArn }, resources: ["secrets"] },
            enabledClusterLogTypes: LOG_TYPES,
            deletionProtection: isProtected,
            // No version that costs six times as much when it is old: an upgrade comes by itself instead.
            upgradePolicy: { supportType: "STANDARD" },
        },
        { ...opts, protect: isProtected, dependsOn: [logs, ...clusterRole.policies, ...nodeRole.policies] },
    );
    const access = createAdmins(name, cluster, args);
    return {
        securityGroupId: cluster.vpcConfig.apply((config) => config.clusterSecurityGroupId),
        nodeRole: nodeRole.role,
        kubernetes: new kubernetes.Provider(
            `${name}-kubernetes`,
            { kubeconfig: kubeconfigOf(cluster, args), enableServerSideApply: true },
            // Objects can be made, and be removed, as long as somebody has access.
            { parent: opts.parent, dependsOn: access },
        ),
    };
}

/** Lets the one who deploys, and whom the settings name, administer the cluster. */
function createAdmins(name: string, cluster: aws.eks.Cluster, args: ClusterArgs): pulumi.Resource[] {
    const { account, settings, opts } = args;
    const principals = new Set([args.principalArn, ...settings.adminArns]);
    return [...principals].flatMap((principalArn) => {
        const admin = `${name}-admin-${principalArn.split(":").slice(4).join("-").replaceAll("/", "-")}`;
        const entry = new aws.eks.AccessEntry(admin, { clusterName: cluster.name, principalArn }, opts);
        const association = new aws.eks.AccessPolicyAssociation(
            admin,
            {
                clusterName: cluster.name,
                principalArn,
                policyArn: `arn:${account.partition}:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy`,
                accessScope: { type: "cluster" },
            },
            { ...opts, dependsOn: [entry] },
        );
        return [entry, association];
    });
}

/** How to reach the cluster; the AWS CLI gets a token from the credentials at hand, so none is kept. */
function kubeconfigOf(cluster: aws.eks.Cluster, args: ClusterArgs): pulumi.Output<string> {
    return pulumi.jsonStringify({
        apiVersion: "v1",
        kind: "Config",
        clusters: [
            {
                name: args.prefix,
                cluster: {
                    server: cluster.endpoint,
                    "certificate-authority-data": cluster.certificateAuthority.apply(({ data }) => data),
                },
            },
        ],
        contexts: [{ name: args.prefix, context: { cluster: args.prefix, user: args.prefix } }],
        "current-context": args.prefix,
        users: [
            {
                name: args.prefix,
                user: {
                    exec: {
                        apiVersion: "client.authentication.k8s.io/v1beta1",
                        command: "aws",
                        args: ["--region", args.region, "eks", "get-token", "--cluster-name", args.prefix],
                        interactiveMode: "Never",
                    },
                },
            },
        ],
    });
}
