import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Airflow } from "../../../tools/cli/airflow";
import { failureReport, runAll, waitForDags } from "../../../tools/cli/pipelines";

const DATA = { sample: "customers-100000.csv", sha256: "abc", catalog: "jdbc" };
const PIPELINES = [
    { dag: "duck_db_dag", spark: false },
    { dag: "spark_job_dag", spark: true },
    { dag: "dbt_dag", spark: true },
];

/**
 * The few answers of Airflow's REST API that the commands ask for. duck_db_dag has run before; dbt_dag fails, and is started
 * by an asset when `assets` is set, a little late.
 */
class StubAirflow {
    assets = false;
    readonly asked: string[] = [];
    private readonly polls = new Map<string, number>();
    private server: Server | undefined;

    async start(): Promise<string> {
        this.server = createServer((request, response) => {
            void readBody(request).then((body) => {
                const { status, answer } = this.answer(request, body);
                response.writeHead(status, { "content-type": "application/json" });
                response.end(JSON.stringify(answer));
            });
        });
        await new Promise<void>((resolve) => this.server?.listen(0, "127.0.0.1", resolve));
        return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    }

    stop(): void {
        this.server?.close();
        this.server?.closeAllConnections();
    }

    private answer(request: IncomingMessage, body: unknown): { status: number; answer: unknown } {
        const path = (request.url ?? "").replace("/api/v2", "").replace(/\?.*/, "");
        const line = `${request.method} ${path}`;
        this.asked.push(line);
        if (path === "/auth/token") {
            const { password } = body as { password: string };
            return password === "right" ? ok({ access_token: "token" }) : { status: 401, answer: {} };
        }
        if (request.headers.authorization !== "Bearer token") return { status: 403, answer: {} };
        const dag = /\/dags\/(\w+)/.exec(path)?.[1] ?? "";
        if (path === "/dags") return ok({ dags: PIPELINES.map((each) => ({ dag_id: each.dag })) });
        if (path === "/importErrors") {
            return ok({ import_errors: [{ filename: "mine.py", stack_trace: "Traceback\nNameError: x\n" }] });
        }
        if (line === `POST /dags/${dag}/dagRuns`) {
            expect(body).toEqual({ logical_date: null, conf: DATA });
            return ok(run(dag, "queued"));
        }
        if (path === `/dags/${dag}/dagRuns`) {
            if (this.assets && dag === "dbt_dag") return ok({ dag_runs: [{ ...run(dag, "queued"), conf: {} }] });
            return ok({ dag_runs: dag === "duck_db_dag" ? [run(dag, "success")] : [] });
        }
        if (path === "/assets/events") {
            expect(request.url).toContain("source_dag_id=spark_job_dag&source_run_id=manual__1");
            const asked = this.asked.filter((each) => each === line).length;
            const made = [{ dag_id: "dbt_dag", run_id: "manual__1" }];
            return ok({ asset_events: [{ created_dagruns: [] }, { created_dagruns: asked < 2 ? [] : made }] });
        }
        if (path.endsWith("/taskInstances")) return ok({ task_instances: [task(dag)] });
        if (path.endsWith("/xcomEntries/return_value")) {
            return ok({ value: { rows_written: 5, rows_rejected: { malformed_row: 1 } } });
        }
        if (path.endsWith("/logs/1")) {
            return ok({ content: [{ event: "dbt build" }, { event: "1 of 4 ERROR" }], continuation_token: null });
        }
        if (request.method === "PATCH") return ok({});
        const polls = (this.polls.get(dag) ?? 0) + 1;
        this.polls.set(dag, polls);
        return ok(run(dag, polls < 2 ? "running" : dag === "dbt_dag" ? "failed" : "success"));
    }
}

const ok = (answer: unknown): { status: number; answer: unknown } => ({ status: 200, answer });

const run = (dag: string, state: string): Record<string, unknown> => ({
    dag_run_id: "manual__1",
    dag_id: dag,
    state,
    queued_at: "2026-01-01T10:00:00Z",
    start_date: "2026-01-01T10:00:01Z",
    end_date: "2026-01-01T10:00:43Z",
    conf: DATA,
});

const task = (dag: string): unknown => ({
    task_id: "build",
    state: dag === "dbt_dag" ? "failed" : "success",
    start_date: null,
    end_date: "2026-01-01T10:00:43Z",
    try_number: 1,
    map_index: -1,
});

async function readBody(request: IncomingMessage): Promise<unknown> {
    let text = "";
    for await (const chunk of request) text += String(chunk);
    return text === "" ? undefined : JSON.parse(text);
}

describe("against a stub of Airflow's REST API", () => {
    const stub = new StubAirflow();
    let airflowUrl: string;
    const connect = (airflowPassword = "right"): Promise<Airflow> =>
        Airflow.connect({ airflowUrl, airflowUser: "admin", airflowPassword });

    beforeAll(async () => {
        airflowUrl = await stub.start();
    });
    afterAll(() => stub.stop());

    test("pipelines run that have no good run on the data; rows and outcome are told", async () => {
        const said: string[] = [];
        const airflow = await connect();
        const outcomes = await runAll(airflow, PIPELINES, DATA, 1, (line) => said.push(line));
        expect(outcomes.map(({ dag, run: { state }, rows, fresh }) => [dag, state, rows?.written, fresh])).toEqual([
            ["duck_db_dag", "success", 5, false],
            ["spark_job_dag", "success", 5, true],
            ["dbt_dag", "failed", undefined, true],
        ]);
        expect(said).toEqual([
            "spark_job_dag: started",
            "spark_job_dag: success in 43 s, 5 rows written, 1 rejected",
            "dbt_dag: started",
            "dbt_dag: failed in 43 s",
        ]);
        expect(stub.asked.filter((line) => /^(PATCH|POST) \/dags/.test(line))).toEqual([
            "PATCH /dags/spark_job_dag",
            "POST /dags/spark_job_dag/dagRuns",
            "PATCH /dags/dbt_dag",
            "POST /dags/dbt_dag/dagRuns",
        ]);
        const failed = outcomes.at(-1)?.run;
        expect(failed && (await failureReport(airflow, failed))).toBe(
            "Log of dbt_dag, task build (its last lines):\n  | dbt build\n  | 1 of 4 ERROR",
        );
    });

    test("a pipeline that another one starts by its asset is waited for, not started again", async () => {
        stub.assets = true;
        stub.asked.length = 0;
        const pipelines = [
            { dag: "spark_job_dag", spark: true },
            { dag: "dbt_dag", spark: true, follows: "spark_job_dag" },
        ];
        const outcomes = await runAll(await connect(), pipelines, DATA, 2, () => undefined);
        stub.assets = false;
        expect(outcomes.map(({ dag, run: { state } }) => [dag, state])).toEqual([
            ["spark_job_dag", "success"],
            ["dbt_dag", "failed"],
        ]);
        expect(stub.asked.filter((line) => /^POST \/dags/.test(line))).toEqual(["POST /dags/spark_job_dag/dagRuns"]);
    });

    test("a DAG that cannot be imported is told at once, with the reason", async () => {
        const airflow = await connect();
        await waitForDags(airflow, ["dbt_dag"]);
        await expect(waitForDags(airflow, ["dbt_dag", "mine"])).rejects.toMatchObject({
            message: "Airflow has not loaded mine",
            remedy: "mine.py: NameError: x",
        });
    });

    test("a password that Airflow does not take", async () => {
        await expect(connect("wrong")).rejects.toThrow(
            "Airflow refuses the password that the stack recorded for admin",
        );
    });
});
