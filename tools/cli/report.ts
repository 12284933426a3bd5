import { count, duration, table } from "./format";
import { rejectedTotal, runSeconds, type Outcome } from "./pipelines";
import type { DagRun, Rows } from "./airflow";
import { stackArgument, type Outputs } from "./pulumi";

/** A line of the table of pipelines: the pipeline and its last run, if there was one. */
export interface PipelineLine {
    dag: string;
    run: DagRun | undefined;
    rows: Rows | undefined;
    when: string;
}

/** Pipeline, state, duration, rows. */
export function pipelineTable(lines: readonly PipelineLine[]): string {
    return table(
        ["pipeline", "state", "duration", "rows written", "rows rejected", "run"],
        lines.map(({ dag, run, rows, when }) => {
            const seconds = run ? runSeconds(run) : undefined;
            return [
                dag,
                run?.state ?? "never ran",
                seconds === undefined ? "-" : duration(seconds),
                rows ? count(rows.written) : "-",
                rows ? count(rejectedTotal(rows)) : "-",
                when,
            ];
        }),
        [2, 3, 4],
    );
}

export const outcomeLine = (outcome: Outcome): PipelineLine => ({
    dag: outcome.dag,
    run: outcome.run,
    rows: outcome.rows,
    when: outcome.fresh ? "just now" : `earlier, ${ago(outcome.run)}`,
});

/** How long ago a run ended. */
export function ago(run: DagRun, now = Date.now()): string {
    return run.end_date ? `${duration(Math.max(0, (now - Date.parse(run.end_date)) / 1000))} ago` : "under way";
}

/** Web pages of the stack. */
export function addressTable(outputs: Outputs): string {
    return table(
        ["web page", "address"],
        [
            ["Airflow", outputs.airflowUrl],
            ["Spark master", outputs.sparkMasterUrl],
            ["Spark history", outputs.sparkHistoryUrl],
            ["MinIO console", outputs.s3ConsoleUrl],
            ["S3 endpoint (for programs)", outputs.s3Endpoint],
            ...(outputs.sparkConnectUrl ? [["Spark Connect (for programs)", outputs.sparkConnectUrl]] : []),
        ],
    );
}

/** How to log in and what to do next. The password itself is never shown. */
export function nextSteps(stack: string, demoRan: boolean, user: string): string {
    const argument = stackArgument(stack);
    const output = `pulumi stack output --stack ${stack} --show-secrets`;
    const first = demoRan
        ? [`make spark-sql${argument}`, "query the tables"]
        : [`make run DAG=spark_iceberg_dag${argument}`, "run a pipeline"];
    const steps = [
        first,
        [`make status${argument}`, "what is running"],
        [`make down${argument}`, "stop it, keep the data"],
        ["make help", "everything else"],
    ];
    return [
        table(
            ["log in to", "user", "password"],
            [
                ["Airflow", user, `${output} airflowPassword`],
                ["MinIO", "the output s3AccessKey", `${output} s3SecretKey`],
            ],
        ),
        '  (in a shell that knows pulumi: eval "$(tools/env)")',
        "",
        table(["next", ""], steps),
    ].join("\n");
}
