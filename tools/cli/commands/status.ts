import { Airflow } from "../airflow";
import type { Context } from "../context";
import { containers, memory, type ContainerFact } from "../docker";
import { UserError } from "../errors";
import { bytes, duration, table } from "../format";
import { PIPELINES } from "../pipelines";
import { outputs as readOutputs, stackArgument, type Outputs } from "../pulumi";
import { addressTable, ago, pipelineTable, type PipelineLine } from "../report";

/** Containers, web pages and the last run of each pipeline. */
export async function status({ stack, say }: Context): Promise<void> {
    const found = await containers(stack);
    if (found.length === 0) {
        say(`Nothing is running for stack ${stack}. Start it: make up${stackArgument(stack)}`);
        return;
    }
    const running = found.filter((fact) => fact.state === "running");
    const [used, outputs] = await Promise.all([memory(running.map((fact) => fact.name)), readOutputs(stack)]);
    say(containerTable(found, used));
    if (!outputs) {
        say(`\nThe stack is not complete. Go on with: make up${stackArgument(stack)}`);
        return;
    }
    say(`\n${addressTable(outputs)}`);
    say(`\n${await lastRuns(outputs)}`);
}

/** Service, state, uptime, memory. */
export function containerTable(
    found: readonly ContainerFact[],
    used: ReadonlyMap<string, number>,
    now = Date.now(),
): string {
    const rows = found.map((fact) => {
        const size = used.get(fact.name);
        return [
            fact.service,
            stateOf(fact),
            fact.state === "running" ? duration(Math.max(0, (now - Date.parse(fact.startedAt)) / 1000)) : "-",
            size === undefined ? "-" : bytes(size),
        ];
    });
    const total = [...used.values()].reduce((sum, each) => sum + each, 0);
    rows.push(["all", "", "", bytes(total)]);
    return table(["service", "state", "up for", "memory"], rows, [3]);
}

/** One word or two on how a container is. */
export function stateOf(fact: ContainerFact): string {
    if (fact.state === "running") {
        return fact.health === "unhealthy" ? "UNHEALTHY" : fact.health || "running";
    }
    if (fact.role === "init" && fact.state === "exited") {
        return fact.exitCode === 0 ? "done" : `FAILED (${fact.exitCode})`;
    }
    return fact.state === "exited" ? `STOPPED (${fact.exitCode})` : fact.state;
}

async function lastRuns(outputs: Outputs): Promise<string> {
    try {
        const airflow = await Airflow.connect(outputs);
        const dags = await airflow.dagIds();
        const order = (dag: string): number => {
            const place = PIPELINES.findIndex((each) => each.dag === dag);
            return place < 0 ? PIPELINES.length : place;
        };
        dags.sort((a, b) => order(a) - order(b) || a.localeCompare(b));
        return pipelineTable(await Promise.all(dags.map((dag) => lastRun(airflow, dag))));
    } catch (error) {
        // The rest of the page is still worth showing while Airflow is down.
        if (error instanceof UserError) return `Pipelines: ${error.message}`;
        throw error;
    }
}

async function lastRun(airflow: Airflow, dag: string): Promise<PipelineLine> {
    const [run] = await airflow.runs(dag, 1);
    if (!run) return { dag, run, rows: undefined, when: "-" };
    const rows = run.state === "success" ? await airflow.rows(run) : undefined;
    return { dag, run, rows, when: ago(run) };
}
