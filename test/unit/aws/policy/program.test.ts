import * as pulumi from "@pulumi/pulumi";
import { CONFIGURATIONS } from "../configurations";
import { ACTIONS } from "../deployer-policy/actions";
import { type AwsRegistration, runAwsProgram } from "../support";
import { AWS_TYPES, KUBERNETES_TYPES } from "./judgements";
import { RULES } from "./rules";
import { podsOf } from "./rules/pods";

/** Types that some configuration registers. */
const seen = new Set<string>();

describe.each(Object.entries(CONFIGURATIONS))("the platform, configured as %s", (_, settings) => {
    const environment = settings.environment ?? "dev";
    let resources: AwsRegistration[];
    let outputs: Record<string, unknown>;

    beforeAll(async () => {
        ({ registrations: resources, outputs } = await runAwsProgram(settings));
        resources.forEach(({ type }) => seen.add(type));
    }, 120_000);

    // Without anything to judge, every rule would hold.
    test("has what the rules are about", () => {
        for (const type of [
            "aws:eks/cluster:Cluster",
            "aws:iam/rolePolicy:RolePolicy",
            "aws:rds/instance:Instance",
            "aws:s3/bucket:Bucket",
            "kubernetes:core/v1:ConfigMap",
            "kubernetes:core/v1:Secret",
            "kubernetes:core/v1:ServiceAccount",
        ]) {
            expect(resources.map((resource) => resource.type)).toContain(type);
        }
        expect(resources.flatMap(podsOf).length).toBeGreaterThan(2);
    });

    test.each(RULES)("$name", (rule) => {
        expect(resources.flatMap((resource) => rule.check(resource, { resources, environment }))).toEqual([]);
    });

    test("has secret outputs for its passwords", async () => {
        expect(await pulumi.isSecret(outputs.airflowPassword as pulumi.Output<string>)).toBe(true);
    });
});

test("the deployer has rights for each type", () => {
    expect([...seen].filter((type) => type.startsWith("aws:")).sort()).toEqual(Object.keys(ACTIONS).sort());
});

test("no judgement is left over", () => {
    expect([...Object.keys(AWS_TYPES), ...KUBERNETES_TYPES].filter((type) => !seen.has(type))).toEqual([]);
});
