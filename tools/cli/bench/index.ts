import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, freemem, loadavg, totalmem } from "node:os";
import { dirname, join, resolve } from "node:path";
import type { Context } from "../context";
import { requireEngine } from "../docker";
import { UserError } from "../errors";
import { catalogs } from "./catalogs";
import { dbt } from "./dbt";
import { fresh } from "./fresh";
import { figureTable, round, type Figure } from "./figure";
import { images } from "./images";
import { duckDb, spark } from "./jobs";
import { maintenance } from "./maintenance";
import { memory } from "./memory";
import { noop } from "./noop";
import { tpch } from "./tpch";

/** In the order in which they run: memory before the pipelines, which leave warm processes behind. */
const GROUPS: Record<string, (context: Context) => Promise<Figure[]>> = {
    noop,
    images,
    memory,
    spark,
    duckdb: duckDb,
    maintenance,
    tpch,
    catalogs,
    dbt,
    fresh,
};

/** Measures the platform, prints a table and writes the figures as JSON. */
export async function bench(context: Context, only: string | undefined, out: string | undefined): Promise<void> {
    const groups = chooseGroups(only);
    await requireEngine();
    const begun = { time: new Date().toISOString(), load: loadavg().map(round) };
    const figures: Figure[] = [];
    for (const group of groups) {
        context.say(`measuring: ${group}`);
        figures.push(...((await GROUPS[group]?.(context)) ?? []));
    }
    context.say(`\n${figureTable(figures)}`);
    for (const { name, note } of figures) {
        if (note) context.say(`${name}: ${note}`);
    }
    const path = resolve(context.root, out ?? join(".pulumi", "bench.json"));
    mkdirSync(dirname(path), { recursive: true });
    const report = { ...begun, stack: context.stack, machine: machine(), figures };
    writeFileSync(path, `${JSON.stringify(report, null, 2)}\n`);
    context.say(`\nWritten to ${path}`);
}

/** The groups that ONLY names, or all. */
export function chooseGroups(only: string | undefined): string[] {
    const all = Object.keys(GROUPS);
    if (only === undefined) return all;
    const wanted = only.split(",").map((name) => name.trim());
    const unknown = wanted.filter((name) => !all.includes(name));
    if (unknown.length > 0) {
        throw new UserError(`ONLY=${only}: unknown ${unknown.join(", ")}`, `Known: ${all.join(", ")}`);
    }
    return all.filter((name) => wanted.includes(name));
}

const machine = (): Record<string, number | string> => ({
    cpus: cpus().length,
    model: cpus()[0]?.model ?? "",
    memoryGiB: round(totalmem() / 1024 ** 3),
    freeGiB: round(freemem() / 1024 ** 3),
    node: process.version,
});
