import type { DagRun, TaskInstance } from "../../../tools/cli/airflow";
import { choose, failedTask, lanes, PIPELINES, runSeconds } from "../../../tools/cli/pipelines";

const DATA = { sample: "customers-100000.csv", sha256: "abc", catalog: "jdbc" };

const run = (state: DagRun["state"], conf: DagRun["conf"] = { ...DATA }): DagRun => ({
    dag_run_id: "manual__1",
    dag_id: "duck_db_dag",
    state,
    queued_at: "2026-01-01T10:00:00Z",
    start_date: "2026-01-01T10:00:01Z",
    end_date: "2026-01-01T10:00:04.500Z",
    conf,
});

describe("choosing what to run", () => {
    test("without a run, or with runs on other data only, one is started", () => {
        expect(choose([], DATA)).toEqual({ kind: "trigger" });
        expect(choose([run("success", {}), run("success", null)], DATA)).toEqual({ kind: "trigger" });
        expect(choose([run("success", { ...DATA, catalog: "hadoop" })], DATA)).toEqual({ kind: "trigger" });
    });

    test("a good run on the same data is enough, also when others came after it", () => {
        const good = run("success");
        expect(choose([run("failed", {}), good], DATA)).toEqual({ kind: "done", run: good });
    });

    test("a run under way is waited for instead of starting a second", () => {
        const active = run("running");
        expect(choose([active, run("success")], DATA)).toEqual({ kind: "wait", run: active });
    });

    test("a run that an asset started counts though it names no data", () => {
        const started = run("success", {});
        expect(choose([started], DATA, started.dag_run_id)).toEqual({ kind: "done", run: started });
        expect(choose([run("failed", {})], DATA, started.dag_run_id)).toEqual({ kind: "trigger" });
    });

    test("a failure after a good run is tried again", () => {
        expect(choose([run("failed"), run("success")], DATA)).toEqual({ kind: "trigger" });
    });
});

test.each([
    [0, 1],
    [1, 1],
    [2, 2],
    [5, 2],
])("with %d Spark workers, %d Spark pipelines run at once, and the others beside them one by one", (workers, width) => {
    const [light, spark] = lanes(PIPELINES, workers);
    expect(light?.width).toBe(1);
    expect(light?.queue.map(({ dag }) => dag)).toEqual(["empty_dag", "duck_db_dag"]);
    expect(spark?.width).toBe(width);
    expect(spark?.queue.map(({ dag }) => dag)).toEqual(["spark_job_dag", "spark_iceberg_dag", "dbt_dag"]);
});

test("a run lasts from being queued to its end", () => {
    expect(runSeconds(run("success"))).toBe(4.5);
    expect(runSeconds({ ...run("running"), end_date: null })).toBeUndefined();
});

test("the first failed task is the one to look at", () => {
    const task = (task_id: string, state: string, end_date: string): TaskInstance => ({
        task_id,
        state,
        start_date: null,
        end_date,
        try_number: 1,
        map_index: -1,
    });
    const tasks = [
        task("last", "upstream_failed", "2026-01-01T10:00:09Z"),
        task("second", "failed", "2026-01-01T10:00:08Z"),
        task("first", "failed", "2026-01-01T10:00:07Z"),
    ];
    expect(failedTask(tasks)?.task_id).toBe("first");
    expect(failedTask([])).toBeUndefined();
});
