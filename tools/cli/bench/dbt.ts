import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Airflow } from "../airflow";
import type { Context } from "../context";
import { docker } from "../docker";
import { waitForDags } from "../pipelines";
import { must } from "../process";
import { requireOutputs } from "../pulumi";
import { dagSeconds } from "./clock";
import { runningContainer } from "./driver";
import { round, timed, type Figure } from "./figure";
import { inOwnStack } from "./stack";

const DAG = "dbt_dag";
/** Where the image lets dbt write what a run did. */
const RESULTS = "/tmp/dbt/target/run_results.json";
const SMALL = 100_000;
const LARGE = 5_000_000;

/** What dbt says of a run, as far as it is read here. */
interface RunResults {
    results: { unique_id: string; execution_time: number }[];
}

/** One run: from trigger to success, and the seconds of each of its stages, the models. */
interface Run {
    seconds: number;
    stages: Record<string, number>;
}

/** Rows per second of dbt_dag's stages, on a file of the usual size and on one fifty times as large. */
export async function dbt({ root, say }: Context): Promise<Figure[]> {
    const directory = mkdtempSync(join(tmpdir(), "lakehouse-bench-"));
    try {
        return await inOwnStack(root, async ({ context, up }) => {
            const runs: Run[] = [];
            for (const [rows, times] of [
                [SMALL, 2],
                [LARGE, 1],
            ] as const) {
                const file = join(directory, `customers-${rows}.csv`);
                const generator = join(root, "tools", "sample-data.mjs");
                await must(process.execPath, [generator, "--rows", String(rows), "--out", file]);
                await up({ samplePath: file });
                runs.push(await dbtRun(context.stack, times));
                say(`dbt: ${rows} rows`);
            }
            const [small, large] = runs;
            return small && large ? growth(small, large) : [];
        });
    } finally {
        rmSync(directory, { recursive: true, force: true });
    }
}

/** Runs the pipeline a few times: the last one counts. */
async function dbtRun(stack: string, times: number): Promise<Run> {
    const airflow = await Airflow.connect(await requireOutputs(stack));
    await waitForDags(airflow, [DAG]);
    let seconds = 0;
    for (let time = 1; time <= times; time++) seconds = await dagSeconds(airflow, DAG);
    const text = await docker(["exec", await runningContainer(stack, "dbt"), "cat", RESULTS]);
    return { seconds, stages: stageSeconds(JSON.parse(text) as RunResults) };
}

/** Seconds of each model. */
export function stageSeconds({ results }: RunResults): Record<string, number> {
    const models = results.filter(({ unique_id: id }) => id.startsWith("model."));
    return Object.fromEntries(
        models.map(({ unique_id: id, execution_time: time }) => [id.split(".").pop() ?? id, time]),
    );
}

/** Rate of each stage at both sizes, and how the whole run grows. */
export function growth(small: Run, large: Run): Figure[] {
    const rate = (rows: number, run: Run): Figure[] =>
        Object.entries(run.stages).map(([stage, seconds]) => ({
            name: `${DAG}, ${stage} at ${rows} rows`,
            value: Math.round(rows / seconds),
            unit: "rows/s",
        }));
    return [
        ...rate(SMALL, small),
        ...rate(LARGE, large),
        timed(`${DAG}, ${SMALL} rows`, [small.seconds]),
        timed(`${DAG}, ${LARGE} rows`, [large.seconds]),
        {
            name: `${DAG}, growth of the time with ${LARGE / SMALL} times the rows`,
            value: round(large.seconds / small.seconds),
            unit: "x",
            target: LARGE / SMALL,
        },
    ];
}
