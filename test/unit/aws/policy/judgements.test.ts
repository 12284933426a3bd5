import * as fs from "fs";
import * as path from "path";
import { PROJECT } from "../support";
import { AWS_TYPES } from "./judgements";

/** Names of the inputs that the SDK knows of a type, from its declarations. */
function inputsOf(type: string): string[] {
    const [, module] = type.split(":") as [string, string];
    const file = path.join(PROJECT, "node_modules/@pulumi/aws", `${module}.d.ts`);
    const args = /^export interface \w+Args \{\n(.*?)^\}/ms.exec(fs.readFileSync(file, "utf8"))![1]!;
    return [...args.matchAll(/^ {4}(\w+)\??: /gm)].map((match) => match[1]!);
}

const types = Object.entries(AWS_TYPES).map(([type, judgement]) => ({ type, judgement, inputs: inputsOf(type) }));

test("types are judged as taggable exactly where the SDK says so", () => {
    const taggable = types.filter(({ inputs }) => inputs.includes("tags")).map(({ type }) => type);
    expect(types.filter(({ judgement }) => judgement.taggable).map(({ type }) => type)).toEqual(taggable);
});

test("every type with an option of encryption has a judgement of it", () => {
    const options = types.filter(({ inputs }) => inputs.some((input) => /encrypt|kms/i.test(input)));
    expect(options.map(({ type }) => type)).toEqual(
        expect.arrayContaining(["aws:eks/cluster:Cluster", "aws:rds/instance:Instance", "aws:s3/bucket:Bucket"]),
    );
    expect(options.filter(({ judgement }) => judgement.encryption === undefined).map(({ type }) => type)).toEqual([]);
});
