import { Airflow } from "../airflow";
import type { Context } from "../context";
import { docker } from "../docker";
import { requireOutputs } from "../pulumi";
import { dagSeconds, secondsOf } from "./clock";
import { confArguments, DAGS, jobConf, PYTHON, runningContainer } from "./driver";
import { round, timed, type Figure } from "./figure";

const REPEATS = 3;

/** Asks the pipelines' own settings for the arguments that the DAG would give to the job. */
const JOB_ARGUMENTS = `
import json, os
from utils.config_manager import load_settings, spark_iceberg_arguments
print(json.dumps(spark_iceberg_arguments(load_settings(os.environ))))
`;

/** spark_iceberg_dag through Airflow, and the same job given straight to the same cluster. */
export async function spark(context: Context): Promise<Figure[]> {
    const scheduler = await runningContainer(context.stack, "airflow-scheduler");
    const args = await docker(["exec", "--workdir", DAGS, scheduler, PYTHON, "-c", JOB_ARGUMENTS]);
    const bare = [
        ...["exec", "--workdir", "/tmp", scheduler, "spark-submit", ...confArguments(await jobConf(scheduler))],
        ...[`${DAGS}/spark/spark_iceberg_job.py`, ...(JSON.parse(args) as string[])],
        ...["--report", "/tmp/bench-report.json"],
    ];
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
    const scheduler = await runningContainer(context.stack, "airflow-scheduler");
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
