import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { basename, isAbsolute, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { attach } from "./process";
import { UserError } from "./errors";

/** Where `tools/sample-data.mjs` puts the file that comes with the project. */
export const GENERATED_SAMPLE = "data/customers-100000.csv";

/** Makes the project's own sample when it is asked for and missing; a user's own file is never made up. */
export async function ensureSample(root: string, samplePath: string): Promise<void> {
    if (samplePath !== GENERATED_SAMPLE) return;
    if (existsSync(join(root, samplePath))) return;
    await makeSample(root);
}

export async function makeSample(root: string): Promise<void> {
    const code = await attach(process.execPath, [join(root, "tools", "sample-data.mjs"), "--out", GENERATED_SAMPLE], {
        cwd: root,
    });
    if (code !== 0) throw new UserError("the sample file could not be made");
}

/** What identifies the data a pipeline ran on: a run on the same file and catalog need not be repeated. */
export async function fingerprint(
    root: string,
    samplePath: string,
    catalogType: string,
): Promise<Record<string, string>> {
    const path = isAbsolute(samplePath) ? samplePath : join(root, samplePath);
    const hash = createHash("sha256");
    await pipeline(createReadStream(path), hash);
    return {
        sample: basename(path),
        sha256: hash.digest("hex").slice(0, 16),
        catalog: catalogType,
    };
}
