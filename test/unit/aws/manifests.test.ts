import * as fs from "fs";
import * as path from "path";
import { load } from "js-yaml";
import { CONFIGURATIONS } from "./configurations";
import { type Manifest, manifestsOf } from "./manifests";
import { PROJECT, runAwsProgram } from "./support";

/** Where the manifests are left, one directory a configuration, for validators and clusters to read. */
const OUT = process.env.LAKEHOUSE_MANIFESTS ?? path.join(PROJECT, "test/artefacts/kubernetes");
/** Those whose objects differ by more than the text of a config map. */
const WRITTEN = ["default", "jdbc", "production", "existing-network"];

describe.each(WRITTEN)("the objects of the configuration %s", (configuration) => {
    let manifests: Manifest[];

    beforeAll(async () => {
        manifests = manifestsOf((await runAwsProgram(CONFIGURATIONS[configuration])).registrations);
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

    test("are written", () => {
        const directory = path.join(OUT, configuration);
        fs.rmSync(directory, { recursive: true, force: true });
        fs.mkdirSync(directory, { recursive: true });
        manifests.forEach(({ file, text }) => fs.writeFileSync(path.join(directory, file), text));
        expect(fs.readdirSync(directory)).toEqual(manifests.map(({ file }) => file).sort());
    });
});
