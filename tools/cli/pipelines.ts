import type { Airflow, DagRun, Rows, TaskInstance } from "./airflow";
import { UserError } from "./errors";
import { clock, count, duration } from "./format";
import { sleep } from "./process";

export interface Pipeline {
    dag: string;
    /** Whether it needs the Spark cluster. */
    spark: boolean;
    /** The pipeline that starts this one, since it updates an Airflow asset that this one is scheduled on. */
    follows?: string;
}

/** The five pipelines that come with the project. */
export const PIPELINES: readonly Pipeline[] = [
    { dag: "empty_dag", spark: false },
    { dag: "duck_db_dag", spark: false },
    { dag: "spark_job_dag", spark: true },
    { dag: "spark_iceberg_dag", spark: true },
    { dag: "dbt_dag", spark: true, follows: "spark_iceberg_dag" },
];

/** How one pipeline ended. */
export interface Outcome {
    dag: string;
    run: DagRun;
    rows: Rows | undefined;
    /** False when an earlier run on the same data was found good enough. */
    fresh: boolean;
}

/** What to do about a pipeline: nothing, wait for a run under way, or start one. */
export type Choice = { kind: "done"; run: DagRun } | { kind: "wait"; run: DagRun } | { kind: "trigger" };

const TICK_SECONDS = 15;
const DEADLINE_SECONDS = 3600;
/** The scheduler makes runs for updated assets within a few seconds. */
const ASSET_SECONDS = 60;

/**
 * Chooses by the runs on the same data, newest first: a good one is enough, one under way is waited for. A run that an
 * asset started has no data of its own, so its id must be given.
 */
export function choose(
    runs: readonly DagRun[],
    data: Readonly<Record<string, string>>,
    startedByAsset?: string,
): Choice {
    const same = runs.filter(
        (run) =>
            run.dag_run_id === startedByAsset ||
            Object.entries(data).every(([key, value]) => run.conf?.[key] === value),
    );
    const active = same.find(isActive);
    if (active) return { kind: "wait", run: active };
    // A later failure outweighs an earlier success: the tables may be half written.
    const last = same[0];
    return last?.state === "success" ? { kind: "done", run: last } : { kind: "trigger" };
}

const isActive = (run: DagRun): boolean => run.state === "queued" || run.state === "running";

/** One Spark pipeline for each worker at a time, two at most; the others have a lane of their own. */
export function lanes<T extends { spark: boolean }>(
    pipelines: readonly T[],
    workers: number,
): { queue: T[]; width: number }[] {
    return [
        { queue: pipelines.filter((each) => !each.spark), width: 1 },
        {
            queue: pipelines.filter((each) => each.spark),
            width: Math.max(1, Math.min(2, workers)),
        },
    ];
}

/** Waits until Airflow has read all of these DAGs; it needs some seconds after its first start. */
export async function waitForDags(airflow: Airflow, wanted: readonly string[], seconds = 90): Promise<void> {
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
        const known = new Set(await airflow.dagIds());
        const missing = wanted.filter((dag) => !known.has(dag));
        if (missing.length === 0) return;
        const errors = await airflow.importErrors();
        if (errors.length > 0 || Date.now() > deadline) {
            throw new UserError(
                `Airflow has not loaded ${missing.join(", ")}`,
                errors.length > 0 ? errors.join("\n") : "See what it says: make logs SERVICE=airflow-dag-processor",
            );
        }
        await sleep(1000);
    }
}

/** Runs the pipelines that have no good run on this data yet; results in the order of `pipelines`. */
export async function runAll(
    airflow: Airflow,
    pipelines: readonly Pipeline[],
    data: Readonly<Record<string, string>>,
    workers: number,
    say: (line: string) => void,
): Promise<Outcome[]> {
    const outcomes = new Map<string, Promise<Outcome>>();
    const work = lanes(pipelines, workers).flatMap(({ queue, width }) =>
        Array.from({ length: width }, async () => {
            for (let next = queue.shift(); next; next = queue.shift()) {
                const leader = next.follows === undefined ? undefined : outcomes.get(next.follows);
                const outcome = runOnce(airflow, next.dag, data, say, leader);
                outcomes.set(next.dag, outcome);
                await outcome;
            }
        }),
    );
    await Promise.all(work);
    return Promise.all(pipelines.map(({ dag }) => outcomes.get(dag)).filter((outcome) => outcome !== undefined));
}

async function runOnce(
    airflow: Airflow,
    dag: string,
    data: Readonly<Record<string, string>>,
    say: (line: string) => void,
    leader?: Promise<Outcome>,
): Promise<Outcome> {
    const startedByAsset = leader && (await followerOf(await leader, airflow, dag));
    const choice = choose(await airflow.runs(dag), data, startedByAsset);
    if (choice.kind === "done") {
        const rows = await airflow.rows(choice.run);
        return { dag, run: choice.run, rows, fresh: false };
    }
    if (choice.kind === "wait") {
        say(`${dag}: a run is under way, waiting for it`);
        return follow(airflow, choice.run, say);
    }
    return follow(airflow, await airflow.trigger(dag, data), say);
}

/** The run of a DAG that another pipeline's run has started by updating an asset. */
async function followerOf({ run, fresh }: Outcome, airflow: Airflow, dag: string): Promise<string | undefined> {
    const deadline = Date.now() + (fresh && run.state === "success" ? ASSET_SECONDS * 1000 : 0);
    for (;;) {
        const follower = await airflow.startedBy(run, dag);
        if (follower !== undefined || Date.now() >= deadline) return follower;
        await sleep(1000);
    }
}

/** Waits for the end of a run, telling now and then how far it is. */
export async function follow(airflow: Airflow, started: DagRun, say: (line: string) => void): Promise<Outcome> {
    const dag = started.dag_id;
    const begun = Date.now();
    const elapsed = (): number => (Date.now() - begun) / 1000;
    say(`${dag}: started`);
    let run = started;
    for (let nextTick = TICK_SECONDS; isActive(run);) {
        await sleep(elapsed() < 10 ? 500 : 1000);
        run = await airflow.run(dag, run.dag_run_id);
        if (isActive(run) && elapsed() >= nextTick) {
            say(`${dag}: ${await standing(airflow, run)} (${clock(elapsed())})`);
            nextTick += TICK_SECONDS;
        }
        if (elapsed() > DEADLINE_SECONDS) {
            throw new UserError(
                `${dag} has not finished after ${duration(DEADLINE_SECONDS)}`,
                "It goes on in Airflow; look at its page, or at: make logs SERVICE=airflow-scheduler",
            );
        }
    }
    const rows = run.state === "success" ? await airflow.rows(run) : undefined;
    say(`${dag}: ${ending(run, rows)}`);
    return { dag, run, rows, fresh: true };
}

/** How long a run took, from being queued to its end. */
export function runSeconds(run: DagRun): number | undefined {
    const begin = run.queued_at ?? run.start_date;
    if (!begin || !run.end_date) return undefined;
    return (Date.parse(run.end_date) - Date.parse(begin)) / 1000;
}

export const rejectedTotal = (rows: Rows): number => Object.values(rows.rejected).reduce((sum, each) => sum + each, 0);

/** The first task that failed; the tasks after it only say so. */
export function failedTask(tasks: readonly TaskInstance[]): TaskInstance | undefined {
    return tasks
        .filter((task) => task.state === "failed")
        .sort((a, b) => (a.end_date ?? "").localeCompare(b.end_date ?? ""))[0];
}

/** Heading and last lines of the log of the task that made a run fail. */
export async function failureReport(airflow: Airflow, run: DagRun): Promise<string> {
    const task = failedTask(await airflow.tasks(run));
    if (!task) return `${run.dag_id}: no task ran; see its page in Airflow`;
    const tail = await airflow.logTail(run, task);
    return `Log of ${run.dag_id}, task ${task.task_id} (its last lines):\n${tail.replace(/^/gm, "  | ")}`;
}

function ending(run: DagRun, rows: Rows | undefined): string {
    const seconds = runSeconds(run);
    const parts = [seconds === undefined ? run.state : `${run.state} in ${duration(seconds)}`];
    if (rows) {
        parts.push(`${count(rows.written)} rows written`);
        const rejected = rejectedTotal(rows);
        if (rejected > 0) parts.push(`${count(rejected)} rejected`);
    }
    return parts.join(", ");
}

async function standing(airflow: Airflow, run: DagRun): Promise<string> {
    if (run.state === "queued") return "queued";
    const running = (await airflow.tasks(run)).filter((task) => task.state === "running").map((task) => task.task_id);
    return running.length > 0 ? `at ${running.join(", ")}` : "between tasks";
}
