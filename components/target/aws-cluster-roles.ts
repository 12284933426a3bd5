import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
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
    return createRole(`${name}-cluster`, `${args.prefix}-cluster`, "eks.amazonaws.com", CLUSTER_POLICIES, args);
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
    { partition, opts }: ClusterArgs,
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
                { role: role.name, policyArn: `arn:${partition}:iam::aws:policy/${policy}` },
                opts,
            ),
    );
    return { role, policies: attachments };
}
