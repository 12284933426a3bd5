import * as fs from "fs";
import * as path from "path";
import { load } from "js-yaml";
import { CONFIGURATIONS } from "./configurations";
import { type ClusterFacts, factsOf, type Manifest, manifestsOf } from "./manifests";
import { PROJECT, runAwsProgram } from "./support";

/** Where the manifests are left, one directory a configuration, for validators and clusters to read. */
const OUT = process.env.LAKEHOUSE_MANIFESTS ?? path.join(PROJECT, "test/artefacts/kubernetes");
/** Those whose objects differ by more than the text of a config map. */
const WRITTEN = ["default", "jdbc", "production", "existing-network"];

describe.each(WRITTEN)("the objects of the configuration %s", (configuration) => {
    let manifests: Manifest[];
    let facts: ClusterFacts;

    beforeAll(async () => {
        const { registrations } = await runAwsProgram(CONFIGURATIONS[configuration]);
        manifests = manifestsOf(registrations);
        facts = factsOf(registrations);
    }, 120_000);

    test("are told apart by kind and name", () => {
        const names = manifests.map(({ file }) => file.replace(/^\d+-/, ""));
        expect(names).toEqual([...new Set(names)]);
        expect(names).toEqual(
            expect.arrayContaining([
                "namespace-lakehouse.yaml",
                "deployment-spark-history.yaml",
                "nodepool-general.yaml",
            ]),
        );
        expect(names.filter((name) => name.startsWith("pod-template-of-"))).not.toEqual([]);
    });

    test("are of the platform's namespace, if of any", () => {
        const withoutNamespace = manifests
            .map(({ text }) => load(text) as { kind: string; metadata: { namespace?: string } })
            .filter(({ metadata }) => metadata.namespace !== "lakehouse");
        const kinds = [...new Set(withoutNamespace.map(({ kind }) => kind))];
        expect(kinds.filter((kind) => !["Namespace", "NodeClass", "NodePool"].includes(kind))).toEqual([]);
    });

    test("come with what they need of AWS, and the pod of a task", () => {
        const accounts = manifests
            .map(({ text }) => load(text) as { kind: string; metadata: { name: string } })
            .filter(({ kind }) => kind === "ServiceAccount");
        expect(Object.keys(facts.roles).sort()).toEqual(accounts.map(({ metadata }) => metadata.name).sort());
        expect(facts.roles).toHaveProperty("spark-executor.Statement.0.Sid", "LakeObjects");
        expect(Object.keys(facts.images).sort()).toEqual(["airflow", "dbt", "postgres", "spark"]);
        expect(facts.images.spark).toMatch(
            /^\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com\/lakehouse-aws\/spark:[0-9a-f]{12}$/,
        );
        expect(facts.buckets).toHaveLength(3);
        expect(facts.objects.map(({ key }) => key)).toEqual(["spark-events/.keep"]);
        expect(Object.keys(facts.databases)).toHaveLength(configuration === "jdbc" ? 0 : 2);
        expect(facts.taskPod).toMatchObject({ kind: "Pod", spec: { serviceAccountName: "airflow-task" } });
    });

    test("are written", () => {
        const directory = path.join(OUT, configuration);
        fs.rmSync(directory, { recursive: true, force: true });
        fs.mkdirSync(directory, { recursive: true });
        manifests.forEach(({ file, text }) => fs.writeFileSync(path.join(directory, file), text));
        // No manifest: whatever reads those looks for YAML.
        fs.writeFileSync(path.join(directory, "facts.json"), JSON.stringify(facts, undefined, 2));
        expect(fs.readdirSync(directory)).toEqual([...manifests.map(({ file }) => file), "facts.json"].sort());
    });
});
