import * as aws from "@pulumi/aws";
import * as docker from "@pulumi/docker";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../config";
import { registryHost } from "../shared/aws/image";
import type { AwsTarget } from "./index";
import { readAccount } from "./aws-account";
import { createCluster, KUBERNETES_VERSION } from "./aws-cluster";
import { createKey } from "./aws-key";
import { createNetwork, readZones, type NetworkArgs } from "./aws-network";
import { createNodes } from "./aws-nodes";
import { tagEverything, tagsOf } from "./aws-tags";

/** Namespace of everything that the platform runs. */
const NAMESPACE = "lakehouse";

/** Creates the network, the key, the cluster and its namespace, once AWS has said whose credentials these are. */
export async function createAwsTarget(name: string, settings: Settings): Promise<AwsTarget> {
    const ofAws = settings.aws!;
    const { region } = settings;
    const account = await readAccount(region);
    const tags = tagsOf(settings);
    tagEverything(tags);
    const prefix = `lakehouse-${settings.stack}`;
    const provider = new aws.Provider(`${name}-aws`, {
        region,
        // Credentials of another account, taken by mistake, end here.
        allowedAccountIds: [account.accountId],
    });
    // What the region lacks is said before anything is created.
    const zones = ofAws.existingNetwork === undefined ? await readZones(ofAws, region, provider) : [];
    const principalArn = await readPrincipal(account.callerArn, provider);
    const opts = { provider };
    const isProtected = ofAws.environment !== "dev";
    const kmsKeyArn = createKey(name, prefix, isProtected, account, region, opts);
    const network = networkOf(name, zones, { prefix, settings: ofAws, region, kmsKeyArn, opts });
    const cluster = createCluster(name, {
        prefix,
        settings: ofAws,
        region,
        account,
        principalArn,
        network,
        kmsKeyArn,
        opts,
    });
    const common = {
        stack: settings.stack,
        prefix,
        baseImage: settings.baseImage,
        projectDir: settings.projectDir,
        settings: ofAws,
        region,
        partition: account.partition,
        accountId: account.accountId,
    };
    return {
        kind: "aws",
        ...common,
        network,
        cluster: { name: prefix, securityGroupId: cluster.securityGroupId },
        namespace: NAMESPACE,
        ready: pulumi.output([
            createNamespace(name, cluster.kubernetes),
            ...createNodes(name, { ...cluster, network, tags }),
        ]),
        kmsKeyArn,
        aws: provider,
        kubernetes: cluster.kubernetes,
        registry: createRegistry(name, registryHost(common), provider),
    };
}

/** The network that the settings name, or else one of the platform's own. */
function networkOf(name: string, zones: readonly string[], args: NetworkArgs): AwsTarget["network"] {
    const existing = args.settings.existingNetwork;
    if (existing !== undefined) {
        return { vpcId: existing.vpcId, privateSubnetIds: [...existing.privateSubnetIds] };
    }
    return createNetwork(name, zones, args);
}

/**
 * The IAM role or user that deploys: a session of a role is not one, and its ARN does not tell the path of its role
 * (https://docs.aws.amazon.com/eks/latest/userguide/creating-access-entries.html).
 */
async function readPrincipal(callerArn: string, provider: aws.Provider): Promise<string> {
    const { issuerArn } = await aws.iam.getSessionContext({ arn: callerArn }, { provider });
    return issuerArn;
}

/**
 * Creates the namespace; it takes only pods that give up all privileges
 * (https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted).
 */
function createNamespace(name: string, provider: kubernetes.Provider): kubernetes.core.v1.Namespace {
    const standard = (mode: string): Record<string, string> => ({
        [`pod-security.kubernetes.io/${mode}`]: "restricted",
        [`pod-security.kubernetes.io/${mode}-version`]: `v${KUBERNETES_VERSION}`,
    });
    return new kubernetes.core.v1.Namespace(
        `${name}-namespace`,
        {
            metadata: {
                name: NAMESPACE,
                labels: { ...standard("audit"), ...standard("enforce"), ...standard("warn") },
            },
        },
        { provider },
    );
}

/** Pushes to the account's registry with a token that lasts twelve hours. */
function createRegistry(name: string, address: string, provider: aws.Provider): docker.Provider {
    const token = aws.ecr.getAuthorizationTokenOutput({}, { provider });
    return new docker.Provider(`${name}-registry`, {
        registryAuth: [{ address, username: token.userName, password: pulumi.secret(token.password) }],
    });
}
