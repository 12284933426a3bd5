import type { Airflow } from "../airflow";
import { UserError } from "../errors";
import { capture, lastLines, sleep, type RunOptions } from "../process";

/** Runs a program that has to succeed and returns how many seconds it took. */
export async function secondsOf(command: string, args: readonly string[], options: RunOptions = {}): Promise<number> {
    const begun = performance.now();
    const done = await capture(command, args, options);
    const seconds = (performance.now() - begun) / 1000;
    if (done.code !== 0) {
        throw new UserError(
            `cannot measure: ${command} ${args.slice(0, 3).join(" ")} failed:\n${lastLines(done.stdout + done.stderr, 15)}`,
        );
    }
    return seconds;
}

/** Seconds from the request that triggers a run to the answer that it succeeded. */
export async function dagSeconds(airflow: Airflow, dag: string): Promise<number> {
    const begun = performance.now();
    let run = await airflow.trigger(dag, { bench: true });
    while (run.state === "queued" || run.state === "running") {
        await sleep(200);
        run = await airflow.run(dag, run.dag_run_id);
    }
    if (run.state === "failed") {
        throw new UserError(`cannot measure: ${dag} failed`, `See why: make run DAG=${dag}`);
    }
    return (performance.now() - begun) / 1000;
}
