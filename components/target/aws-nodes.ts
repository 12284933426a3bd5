import type * as aws from "@pulumi/aws";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { AwsTarget } from "./index";

/** Name of the class of all the platform's nodes. */
export const NODE_CLASS = "lakehouse";

/** What nodes are made with. */
export interface NodesArgs {
    readonly network: AwsTarget["network"];
    readonly securityGroupId: pulumi.Input<string>;
    readonly nodeRole: aws.iam.Role;
    /** Of every instance, its disk and its network interface. */
    readonly tags: Readonly<Record<string, string>>;
    readonly kubernetes: kubernetes.Provider;
}

/**
 * Creates the class of the platform's nodes and a pool of nodes on demand, for all but executors. EKS has a pool and a class of
 * its own, whose nodes would have no tags: who pays could not be told for the largest part of the bill. How many nodes there are
 * follows from the pods; Airflow and Spark limit these.
 *
 * @returns what must exist before pods can run
 */
export function createNodes(name: string, args: NodesArgs): pulumi.Resource[] {
    const opts = { provider: args.kubernetes };
    // Fields: https://docs.aws.amazon.com/eks/latest/userguide/create-node-class.html
    const nodeClass = new kubernetes.apiextensions.CustomResource(
        `${name}-node-class`,
        {
            apiVersion: "eks.amazonaws.com/v1",
            kind: "NodeClass",
            metadata: { name: NODE_CLASS },
            spec: {
                role: args.nodeRole.name,
                subnetSelectorTerms: subnetTerms(args.network),
                securityGroupSelectorTerms: [{ id: args.securityGroupId }],
                tags: args.tags,
            },
        },
        opts,
    );
    const general = new kubernetes.apiextensions.CustomResource(
        `${name}-general-nodes`,
        nodePool("general", { capacity: ["on-demand"], consolidation: "WhenEmptyOrUnderutilized", taints: [] }),
        { ...opts, dependsOn: [nodeClass] },
    );
    return [nodeClass, general];
}

function subnetTerms(network: AwsTarget["network"]): pulumi.Output<{ id: string }[]> {
    return pulumi.output(network.privateSubnetIds).apply((ids) => ids.map((id) => ({ id })));
}

/** How nodes of a pool come and go. */
export interface NodePoolArgs {
    /** Ways to pay, the cheapest first tried. */
    readonly capacity: readonly ("on-demand" | "spot")[];
    /** Which nodes are given up when others could do their work. */
    readonly consolidation: "WhenEmpty" | "WhenEmptyOrUnderutilized";
    readonly taints: readonly { readonly key: string; readonly value: string; readonly effect: string }[];
}

/** A pool of the class above (https://docs.aws.amazon.com/eks/latest/userguide/create-node-pool.html). */
export function nodePool(
    poolName: string,
    { capacity, consolidation, taints }: NodePoolArgs,
): kubernetes.apiextensions.CustomResourceArgs {
    const requirement = (key: string, operator: string, values: readonly string[]): object => ({
        key,
        operator,
        values,
    });
    return {
        apiVersion: "karpenter.sh/v1",
        kind: "NodePool",
        metadata: { name: poolName },
        spec: {
            template: {
                spec: {
                    nodeClassRef: { group: "eks.amazonaws.com", kind: "NodeClass", name: NODE_CLASS },
                    requirements: [
                        requirement("karpenter.sh/capacity-type", "In", capacity),
                        requirement("kubernetes.io/arch", "In", ["amd64"]),
                        // No burstable ones: a pod would be slow after its first minutes.
                        requirement("eks.amazonaws.com/instance-category", "In", ["c", "m", "r"]),
                        requirement("eks.amazonaws.com/instance-generation", "Gt", ["4"]),
                    ],
                    ...(taints.length > 0 && { taints }),
                },
            },
            disruption: { consolidationPolicy: consolidation, consolidateAfter: "60s" },
        },
    };
}
