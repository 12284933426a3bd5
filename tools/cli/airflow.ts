import { UserError } from "./errors";
import { sleep } from "./process";
import type { Outputs } from "./pulumi";

/** One run of a DAG, as Airflow's REST API tells it. */
export interface DagRun {
    dag_run_id: string;
    dag_id: string;
    state: "queued" | "running" | "success" | "failed";
    queued_at: string | null;
    start_date: string | null;
    end_date: string | null;
    conf: Record<string, unknown> | null;
}

export interface TaskInstance {
    task_id: string;
    state: string | null;
    start_date: string | null;
    end_date: string | null;
    try_number: number;
    map_index: number;
}

/** What a pipeline reports about its rows. */
export interface Rows {
    written: number;
    rejected: Record<string, number>;
}

interface LogMessage {
    event?: string;
    timestamp?: string;
    level?: string;
    error_detail?: { exc_type?: string; exc_value?: string }[];
}

/** A small client of Airflow's REST API, logged in as the stack's administrator. */
export class Airflow {
    private constructor(
        private readonly base: string,
        private readonly token: string,
    ) {}

    static async connect(outputs: Pick<Outputs, "airflowUrl" | "airflowUser" | "airflowPassword">): Promise<Airflow> {
        const base = outputs.airflowUrl.replace(/\/$/, "");
        const answer = await request(`${base}/auth/token`, {
            method: "POST",
            headers: { "content-type": "application/json" },
            body: JSON.stringify({
                username: outputs.airflowUser,
                password: outputs.airflowPassword,
            }),
        });
        if (answer.status === 401) {
            throw new UserError(
                `Airflow refuses the password that the stack recorded for ${outputs.airflowUser}`,
                "It was changed in Airflow. Set it back there, or let the stack set it: make down, then make up.",
            );
        }
        const { access_token: token } = (await json(answer)) as {
            access_token: string;
        };
        return new Airflow(base, token);
    }

    async dagIds(): Promise<string[]> {
        const { dags } = (await this.get("/dags?limit=500&exclude_stale=true")) as {
            dags: { dag_id: string }[];
        };
        return dags.map((dag) => dag.dag_id).sort();
    }

    /** Files that Airflow could not import, with the last line of the reason. */
    async importErrors(): Promise<string[]> {
        const { import_errors: errors } = (await this.get("/importErrors")) as {
            import_errors: { filename: string; stack_trace: string }[];
        };
        return errors.map((error) => `${error.filename}: ${error.stack_trace.trim().split("\n").pop() ?? ""}`);
    }

    /** The latest runs of a DAG, newest first. */
    async runs(dag: string, limit = 50): Promise<DagRun[]> {
        const { dag_runs: runs } = (await this.get(
            `/dags/${encode(dag)}/dagRuns?limit=${limit}&order_by=-run_after`,
        )) as { dag_runs: DagRun[] };
        return runs;
    }

    /** Id of the run of `dag` that was made because this run updated an asset. */
    async startedBy(run: DagRun, dag: string): Promise<string | undefined> {
        const { asset_events: events } = (await this.get(
            `/assets/events?source_dag_id=${encode(run.dag_id)}&source_run_id=${encode(run.dag_run_id)}`,
        )) as { asset_events: { created_dagruns: { dag_id: string; run_id: string }[] }[] };
        return events.flatMap((event) => event.created_dagruns).find((each) => each.dag_id === dag)?.run_id;
    }

    async run(dag: string, runId: string): Promise<DagRun> {
        return (await this.get(`/dags/${encode(dag)}/dagRuns/${encode(runId)}`)) as DagRun;
    }

    /** Switches a DAG off or on; while it is off, updated assets start no run of it. */
    async pause(dag: string, paused: boolean): Promise<void> {
        await this.send("PATCH", `/dags/${encode(dag)}`, { is_paused: paused });
    }

    /** Switches the DAG on and starts a run of it now. */
    async trigger(dag: string, conf: Record<string, unknown>): Promise<DagRun> {
        await this.pause(dag, false);
        return (await this.send("POST", `/dags/${encode(dag)}/dagRuns`, {
            logical_date: null,
            conf,
        })) as DagRun;
    }

    async tasks(run: DagRun): Promise<TaskInstance[]> {
        const { task_instances: tasks } = (await this.get(`${runPath(run)}/taskInstances?limit=200`)) as {
            task_instances: TaskInstance[];
        };
        return tasks;
    }

    /** What the run's last task returned about rows, if it did. */
    async rows(run: DagRun): Promise<Rows | undefined> {
        const tasks = (await this.tasks(run)).filter((task) => task.end_date);
        tasks.sort((a, b) => (b.end_date ?? "").localeCompare(a.end_date ?? ""));
        for (const task of tasks) {
            const answer = await this.call(
                "GET",
                `${runPath(run)}/taskInstances/${encode(task.task_id)}/xcomEntries/return_value`,
            );
            if (answer.status === 404) continue;
            const { value } = (await json(answer)) as { value: unknown };
            const rows = parseRows(value);
            if (rows) return rows;
        }
        return undefined;
    }

    /** The last lines of a task's log. */
    async logTail(run: DagRun, task: TaskInstance, lines = 40): Promise<string> {
        const { content } = (await this.get(
            `${runPath(run)}/taskInstances/${encode(task.task_id)}/logs/${Math.max(1, task.try_number)}?full_content=true&map_index=${task.map_index}`,
        )) as { content: (LogMessage | string)[] };
        return content.flatMap(formatLog).slice(-lines).join("\n");
    }

    private async get(path: string): Promise<unknown> {
        return json(await this.call("GET", path));
    }

    private async send(method: string, path: string, body: unknown): Promise<unknown> {
        return json(await this.call(method, path, body));
    }

    private call(method: string, path: string, body?: unknown): Promise<Response> {
        return request(`${this.base}/api/v2${path}`, {
            method,
            headers: {
                accept: "application/json",
                authorization: `Bearer ${this.token}`,
                ...(body === undefined ? {} : { "content-type": "application/json" }),
            },
            ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
    }
}

/** Reads the dictionary that a pipeline's last task returns; Airflow hands it over as an object or as its JSON. */
export function parseRows(value: unknown): Rows | undefined {
    if (typeof value === "string") {
        try {
            return parseRows(JSON.parse(value));
        } catch {
            return undefined;
        }
    }
    if (typeof value !== "object" || value === null) return undefined;
    const { rows_written: written, rows_rejected: rejected } = value as {
        rows_written?: unknown;
        rows_rejected?: unknown;
    };
    if (typeof written !== "number") return undefined;
    return {
        written,
        rejected: typeof rejected === "object" && rejected !== null ? (rejected as Record<string, number>) : {},
    };
}

/** One entry of a structured task log as the lines that a person wants to read. */
export function formatLog(entry: LogMessage | string): string[] {
    if (typeof entry === "string") return entry.trimEnd().split("\n");
    const text = (entry.event ?? "").trimEnd();
    if (text.startsWith("::group::") || text.startsWith("::endgroup::")) return [];
    const causes = (entry.error_detail ?? []).map((cause) => `${cause.exc_type ?? "error"}: ${cause.exc_value ?? ""}`);
    return [...text.split("\n"), ...causes].filter((line) => line !== "");
}

const encode = encodeURIComponent;

const runPath = (run: DagRun): string => `/dags/${encode(run.dag_id)}/dagRuns/${encode(run.dag_run_id)}`;

/** Sends a request; a refused connection is tried again for a while, since a service may just be restarting. */
async function request(url: string, init: RequestInit): Promise<Response> {
    const attempts = init.method === "GET" ? 10 : 3;
    for (let attempt = 1; ; attempt++) {
        try {
            return await fetch(url, { ...init, signal: AbortSignal.timeout(60_000) });
        } catch (error) {
            if (attempt === attempts) {
                throw new UserError(
                    `Airflow does not answer at ${new URL(url).origin} (${cause(error)})`,
                    "See what it says: make logs SERVICE=airflow-api-server",
                );
            }
            await sleep(2000);
        }
    }
}

async function json(answer: Response): Promise<unknown> {
    if (answer.ok) return answer.json();
    const path = new URL(answer.url).pathname;
    const text = (await answer.text()).slice(0, 500);
    throw new UserError(
        `Airflow answers ${answer.status} to ${path}: ${text}`,
        "See what it says: make logs SERVICE=airflow-api-server",
    );
}

function cause(error: unknown): string {
    if (!(error instanceof Error)) return String(error);
    return error.cause instanceof Error ? error.cause.message : error.message;
}
