import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { PolicyStatement } from "../shared/aws/policy";
import type { ClusterArgs } from "./aws-cluster";

/** A role, and what must be attached before somebody can act in it. */
export interface AttachedRole {
    readonly role: aws.iam.Role;
    readonly policies: pulumi.Resource[];
}

/** What the control plane needs in Auto Mode (https://docs.aws.amazon.com/eks/latest/userguide/auto-cluster-iam-role.html). */
const CLUSTER_POLICIES = [
    "AmazonEKSBlockStoragePolicy",
    "AmazonEKSClusterPolicy",
    "AmazonEKSComputePolicy",
    "AmazonEKSLoadBalancingPolicy",
    "AmazonEKSNetworkingPolicy",
];
/** What a node needs; pods have identities of their own (https://docs.aws.amazon.com/eks/latest/userguide/auto-create-node-role.html). */
const NODE_POLICIES = ["AmazonEC2ContainerRegistryPullOnly", "AmazonEKSWorkerNodeMinimalPolicy"];

/** Role in which EKS manages nodes, disks, load balancers and addresses. */
export function createClusterRole(name: string, args: ClusterArgs): AttachedRole {
    const { role, policies } = createRole(
        `${name}-cluster`,
        `${args.prefix}-cluster`,
        "eks.amazonaws.com",
        CLUSTER_POLICIES,
        args,
    );
    const tagging = new aws.iam.RolePolicy(
        `${name}-cluster-tagging`,
        { role: role.name, policy: JSON.stringify({ Version: "2012-10-17", Statement: taggingStatements(args) }) },
        args.opts,
    );
    return { role, policies: [...policies, tagging] };
}

/**
 * What the policies above leave out: to create resources with tags of our own. Each is bound to the tags by which EKS knows its
 * cluster's resources (https://docs.aws.amazon.com/eks/latest/userguide/auto-learn-iam.html#tag-prop).
 */
function taggingStatements({ prefix, region, account, settings }: ClusterArgs): PolicyStatement[] {
    const arns = (service: string, kinds: readonly string[]): string[] =>
        kinds.map((kind) => `arn:${account.partition}:${service}:${region}:${account.accountId}:${kind}/*`);
    const ofCluster = { StringEquals: { "aws:RequestTag/eks:eks-cluster-name": prefix } };
    const nodes: PolicyStatement[] = [
        {
            Sid: "TagNodes",
            Effect: "Allow",
            Action: ["ec2:CreateFleet", "ec2:CreateLaunchTemplate", "ec2:RunInstances"],
            Resource: arns("ec2", [
                "fleet",
                "instance",
                "launch-template",
                "network-interface",
                "spot-instances-request",
                "volume",
            ]),
            Condition: {
                ...ofCluster,
                StringLike: {
                    "aws:RequestTag/eks:kubernetes-node-class-name": "*",
                    "aws:RequestTag/eks:kubernetes-node-pool-name": "*",
                },
            },
        },
        {
            Sid: "TagInterfaces",
            Effect: "Allow",
            Action: ["ec2:CreateNetworkInterface"],
            Resource: arns("ec2", ["network-interface"]),
            Condition: { ...ofCluster, StringLike: { "aws:RequestTag/eks:kubernetes-cni-node-name": "*" } },
        },
    ];
    const loadBalancers: PolicyStatement[] = [
        {
            Sid: "TagLoadBalancers",
            Effect: "Allow",
            Action: [
                "ec2:CreateSecurityGroup",
                "elasticloadbalancing:CreateListener",
                "elasticloadbalancing:CreateLoadBalancer",
                "elasticloadbalancing:CreateTargetGroup",
            ],
            Resource: [
                ...arns("ec2", ["security-group"]),
                ...arns("elasticloadbalancing", ["listener", "loadbalancer", "targetgroup"]),
            ],
            Condition: ofCluster,
        },
    ];
    return settings.airflowAccess === "internal" ? [...nodes, ...loadBalancers] : nodes;
}

/** Role of the nodes themselves. */
export function createNodeRole(name: string, args: ClusterArgs): AttachedRole {
    return createRole(`${name}-node`, `${args.prefix}-node`, "ec2.amazonaws.com", NODE_POLICIES, args);
}

function createRole(
    name: string,
    roleName: string,
    service: string,
    policies: readonly string[],
    { account, opts }: ClusterArgs,
): AttachedRole {
    const role = new aws.iam.Role(
        `${name}-role`,
        {
            name: roleName,
            assumeRolePolicy: JSON.stringify({
                Version: "2012-10-17",
                Statement: [
                    {
                        Effect: "Allow",
                        Principal: { Service: service },
                        // EKS tags its sessions in Auto Mode; EC2 does not.
                        Action: service.startsWith("eks.") ? ["sts:AssumeRole", "sts:TagSession"] : ["sts:AssumeRole"],
                    },
                ],
            }),
        },
        opts,
    );
    const attachments = policies.map(
        (policy) =>
            new aws.iam.RolePolicyAttachment(
                `${name}-${policy}`,
                { role: role.name, policyArn: `arn:${account.partition}:iam::aws:policy/${policy}` },
                opts,
            ),
    );
    return { role, policies: attachments };
}
