import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { inCluster } from "../shared/aws/options";
import type { Ready } from "../shared/ready";
import type { AwsTarget } from "../target";
import { nodePool } from "../target/aws-nodes";

/** Where executors run; parts of a pod. */
export interface ExecutorNodes {
    readonly nodeSelector: Record<string, string>;
    readonly tolerations: object[];
    /** Resolves once there can be such nodes. */
    readonly ready: Ready;
}

const POOL = "spark-executors";

/**
 * Creates nodes for executors alone, on spot instances, or on demand where there is no spare capacity. Nothing else may run
 * there, as spot instances end at two minutes' notice. Without the setting `sparkSpot`, executors run where all else does.
 */
export function createExecutorNodes(name: string, target: AwsTarget, parent: pulumi.Resource): ExecutorNodes {
    if (!target.settings.sparkSpot) {
        return {
            nodeSelector: { "karpenter.sh/capacity-type": "on-demand" },
            tolerations: [],
            ready: pulumi.output<pulumi.Resource[]>([]),
        };
    }
    const taint = { key: POOL, value: "true", effect: "NoSchedule" };
    const pool = new kubernetes.apiextensions.CustomResource(
        `${name}-executor-nodes`,
        // An executor that is moved for thrift's sake loses its shuffle files.
        nodePool(POOL, { capacity: ["spot", "on-demand"], consolidation: "WhenEmpty", taints: [taint] }),
        inCluster(target, parent),
    );
    return {
        nodeSelector: { "karpenter.sh/nodepool": POOL },
        tolerations: [{ ...taint, operator: "Equal" }],
        ready: pulumi.output([pool]),
    };
}
