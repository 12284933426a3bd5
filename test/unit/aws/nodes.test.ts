import * as pulumi from "@pulumi/pulumi";
import { createExecutorNodes, type ExecutorNodes } from "../../../components/spark-cluster/aws-nodes";
import { type AwsRegistration, awsTarget, inputsOf, list, recordAws, settle } from "./support";

async function createNodes(sparkSpot: string): Promise<{ registrations: AwsRegistration[]; nodes: ExecutorNodes }> {
    const registrations: AwsRegistration[] = [];
    await recordAws(registrations);
    const parent = new pulumi.ComponentResource("lakehouse:index:Part", "part");
    const nodes = createExecutorNodes("spark", awsTarget({ sparkSpot }), parent);
    await settle();
    return { registrations, nodes };
}

describe("nodes of executors", () => {
    test("are spot instances that take nothing else, or on demand where there are none", async () => {
        const { registrations, nodes } = await createNodes("true");
        expect(list(registrations)).toEqual(["NodePool spark-executor-nodes", "Part part"]);
        const { metadata, spec } = inputsOf(registrations, "NodePool spark-executor-nodes") as {
            metadata: { name: string };
            spec: { template: { spec: { requirements: object[]; taints: object[] } }; disruption: object };
        };
        expect(spec.template.spec.requirements).toContainEqual({
            key: "karpenter.sh/capacity-type",
            operator: "In",
            values: ["spot", "on-demand"],
        });
        expect(spec.disruption).toEqual({ consolidationPolicy: "WhenEmpty", consolidateAfter: "60s" });
        // Executors, and they alone, pass the taint, and go nowhere else.
        expect(nodes.nodeSelector).toEqual({ "karpenter.sh/nodepool": metadata.name });
        expect(nodes.tolerations).toEqual(spec.template.spec.taints.map((taint) => ({ ...taint, operator: "Equal" })));
        expect(spec.template.spec.taints).toMatchObject([{ effect: "NoSchedule" }]);
    });

    test("are those of everything else without spot instances", async () => {
        const { registrations, nodes } = await createNodes("false");
        expect(list(registrations)).toEqual(["Part part"]);
        expect(nodes).toMatchObject({ nodeSelector: { "karpenter.sh/capacity-type": "on-demand" }, tolerations: [] });
    });
});
