import { Airflow } from "../airflow";
import { pick, type Context } from "../context";
import { UserError } from "../errors";
import { count, table } from "../format";
import { failureReport, follow } from "../pipelines";
import * as pulumi from "../pulumi";
import { outcomeLine, pipelineTable } from "../report";
import { fingerprint, GENERATED_SAMPLE } from "../sample";

/** Starts a run of a DAG with parameters, waits for its end and tells how it went. */
export async function run(
    { root, stack, say }: Context,
    dag: string | undefined,
    conf: Readonly<Record<string, unknown>>,
): Promise<void> {
    const outputs = await pulumi.requireOutputs(stack);
    const airflow = await Airflow.connect(outputs);
    const wanted = pick("DAG", "DAG", dag, await airflow.dagIds());
    const { samplePath } = await pulumi.stackConfig(stack);
    const data = await fingerprint(root, samplePath ?? GENERATED_SAMPLE, outputs.catalogType);
    const outcome = await follow(airflow, await airflow.trigger(wanted, { ...data, ...conf }), say);
    say(`\n${pipelineTable([outcomeLine(outcome)])}`);
    const rejected = Object.entries(outcome.rows?.rejected ?? {});
    if (rejected.length > 0) {
        say(
            `\n${table(
                ["rejected because of", "rows"],
                rejected.map(([reason, rows]) => [reason, count(rows)]),
                [1],
            )}`,
        );
    }
    if (outcome.run.state === "failed") {
        say(`\n${await failureReport(airflow, outcome.run)}`);
        throw new UserError(`${wanted} failed`, `Its page: ${outputs.airflowUrl}/dags/${wanted}/runs`);
    }
}
