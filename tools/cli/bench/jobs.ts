import { Airflow } from "../airflow";
import type { Context } from "../context";
import { containers, docker } from "../docker";
import { UserError } from "../errors";
import { sleep } from "../process";
import { requireOutputs } from "../pulumi";
import { secondsOf } from "./clock";
import { round, timed, type Figure } from "./figure";

const REPEATS = 3;
const DAGS = "/opt/airflow/dags";
const PYTHON = "/opt/airflow/venv/bin/python";

/** Asks the pipelines' own settings for the command that the DAG would give to spark-submit. */
const SUBMIT_ARGUMENTS = `
import json, os
from utils.config_manager import load_settings, spark_conf, spark_iceberg_arguments
settings = load_settings(os.environ)
conf = [word for key, value in spark_conf(settings).items() for word in ("--conf", f"{key}={value}")]
report = ["--report", "/tmp/bench-report.json"]
print(json.dumps([*conf, "${DAGS}/spark/spark_iceberg_job.py", *spark_iceberg_arguments(settings), *report]))
`;

/** spark_iceberg_dag through Airflow, and the same job given straight to the same cluster. */
export async function spark(context: Context): Promise<Figure[]> {
    const scheduler = await schedulerOf(context.stack);
    const args = await docker(["exec", "--workdir", DAGS, scheduler, PYTHON, "-c", SUBMIT_ARGUMENTS]);
    const bare = ["exec", "--workdir", "/tmp", scheduler, "spark-submit", ...(JSON.parse(args) as string[])];
    const { throughAirflow, alone } = await inTurns(context, "spark_iceberg_dag", bare);
    const job = timed("the same job by bare spark-submit", alone);
    const dag = timed("spark_iceberg_dag, trigger to success", throughAirflow, { target: round(1.5 * job.value) });
    return [
        dag,
        job,
        { name: "spark_iceberg_dag / bare", value: round(dag.value / job.value), unit: "x", target: 1.5 },
    ];
}

/** duck_db_dag through Airflow, and the same script started by hand in the same container. */
export async function duckDb(context: Context): Promise<Figure[]> {
    const scheduler = await schedulerOf(context.stack);
    const bare = ["exec", "--workdir", DAGS, scheduler, PYTHON, "-m", "utils.duck_db"];
    const { throughAirflow, alone } = await inTurns(context, "duck_db_dag", bare);
    const script = timed("the same script by hand", alone);
    const target = round(script.value + 6);
    return [timed("duck_db_dag, trigger to success", throughAirflow, { target }), script];
}

/** Takes turns, so that a busy moment of the machine falls on both. */
async function inTurns(
    { stack, say }: Context,
    dag: string,
    bare: readonly string[],
): Promise<{ throughAirflow: number[]; alone: number[] }> {
    const airflow = await Airflow.connect(await requireOutputs(stack));
    const throughAirflow: number[] = [];
    const alone: number[] = [];
    // It would follow each load of the raw table, and run beside the next measurement.
    await airflow.pause("dbt_dag", true);
    try {
        for (let turn = 1; turn <= REPEATS; turn++) {
            throughAirflow.push(await dagSeconds(airflow, dag));
            alone.push(await secondsOf("docker", bare));
            say(`${dag}, turn ${turn} of ${REPEATS}`);
        }
    } finally {
        await airflow.pause("dbt_dag", false);
    }
    return { throughAirflow, alone };
}

/** Seconds from the request that triggers a run to the answer that it succeeded. */
async function dagSeconds(airflow: Airflow, dag: string): Promise<number> {
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

async function schedulerOf(stack: string): Promise<string> {
    const found = await containers(stack);
    const scheduler = found.find((fact) => fact.service === "airflow-scheduler" && fact.state === "running");
    if (!scheduler) throw new UserError(`stack ${stack} is not running`, "make up");
    return scheduler.name;
}
