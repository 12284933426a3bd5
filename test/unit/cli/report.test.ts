import type { DagRun } from "../../../tools/cli/airflow";
import type { Outputs } from "../../../tools/cli/pulumi";
import { addressTable, nextSteps, outcomeLine, pipelineTable } from "../../../tools/cli/report";
import { containerTable, stateOf } from "../../../tools/cli/commands/status";
import { interleave } from "../../../tools/cli/commands/logs";
import { parseConfig } from "../../../tools/cli/pulumi";
import { parseMemory, type ContainerFact } from "../../../tools/cli/docker";

const RUN: DagRun = {
    dag_run_id: "manual__1",
    dag_id: "spark_job_dag",
    state: "success",
    queued_at: "2026-01-01T10:00:00Z",
    start_date: "2026-01-01T10:00:01Z",
    end_date: "2026-01-01T10:00:43Z",
    conf: {},
};

const OUTPUTS: Outputs = {
    airflowUrl: "http://127.0.0.1:8080",
    airflowUser: "admin",
    airflowPassword: "hunter2",
    sparkMasterUrl: "http://127.0.0.1:8081",
    sparkHistoryUrl: "http://127.0.0.1:18080",
    s3Endpoint: "http://127.0.0.1:9000",
    s3ConsoleUrl: "http://127.0.0.1:9001",
    s3AccessKey: "lakehouse",
    s3SecretKey: "not shown",
    catalogType: "jdbc",
};

const FACT: ContainerFact = {
    id: "1",
    image: "sha256:1",
    name: "lakehouse-local-minio",
    service: "minio",
    role: "service",
    state: "running",
    health: "healthy",
    startedAt: "2026-01-01T10:00:00Z",
    exitCode: 0,
};

test("the table of pipelines", () => {
    const rows = { written: 99388, rejected: { malformed_row: 2, missing_customer_id: 610 } };
    expect(
        pipelineTable([
            outcomeLine({ dag: "spark_job_dag", run: RUN, rows, fresh: true }),
            { dag: "dbt_dag", run: undefined, rows: undefined, when: "-" },
        ]),
    ).toBe(
        [
            " pipeline        state       duration   rows written   rows rejected   run",
            " spark_job_dag   success         43 s         99,388             612   just now",
            " dbt_dag         never ran          -              -               -   -",
        ].join("\n"),
    );
});

test("addresses and next steps tell how to get the password, and never the password", () => {
    const text = `${addressTable(OUTPUTS)}\n${nextSteps("local", true, OUTPUTS.airflowUser)}`;
    expect(text).toContain("http://127.0.0.1:18080");
    expect(text).toContain("pulumi stack output --stack local --show-secrets airflowPassword");
    expect(text).not.toMatch(/hunter2|Spark Connect/);
    expect(addressTable({ ...OUTPUTS, sparkConnectUrl: "sc://localhost:15002" })).toContain("sc://localhost:15002");
});

test("next steps name a stack that is not the usual one", () => {
    expect(nextSteps("e2e", false, "admin")).toContain("make status STACK=e2e");
});

test.each<[Partial<ContainerFact>, string]>([
    [{}, "healthy"],
    [{ health: "unhealthy" }, "UNHEALTHY"],
    [{ health: "" }, "running"],
    [{ state: "restarting" }, "restarting"],
    [{ state: "exited", exitCode: 137 }, "STOPPED (137)"],
    [{ role: "init", state: "exited" }, "done"],
    [{ role: "init", state: "exited", exitCode: 1 }, "FAILED (1)"],
])("a container %j is %s", (change, text) => {
    expect(stateOf({ ...FACT, ...change })).toBe(text);
});

test("the table of containers adds memory up", () => {
    const now = Date.parse("2026-01-01T10:01:30Z");
    const stopped = { ...FACT, name: "lakehouse-local-dbt", service: "dbt", state: "exited", exitCode: 1 };
    expect(containerTable([FACT, stopped], new Map([["lakehouse-local-minio", 84 * 1024 ** 2]]), now)).toBe(
        [
            " service   state         up for   memory",
            " minio     healthy       90 s     84 MiB",
            " dbt       STOPPED (1)   -             -",
            " all                              84 MiB",
        ].join("\n"),
    );
});

test.each([
    ["238.4MiB / 1GiB", 238.4 * 1024 ** 2],
    ["1.5GiB / 4GiB", 1.5 * 1024 ** 3],
    ["512KiB / 1GiB", 512 * 1024],
    ["0B / 0B", 0],
    ["--", 0],
])("memory %s", (text, size) => {
    expect(parseMemory(text)).toBe(size);
});

test("log lines of all services stand in the order of time, the latest of them", () => {
    const texts = [
        { service: "minio", text: "2026-01-01T10:00:01Z one\n2026-01-01T10:00:03Z three\n" },
        { service: "dbt", text: "2026-01-01T10:00:02Z two\n" },
    ];
    expect(interleave(texts, 2)).toEqual(["dbt   | two", "minio | three"]);
});

test("the stack's settings", () => {
    const text =
        '{"lakehouse:target":{"value":"local"},"lakehouse:samplePath":{"value":"data/mine.csv"},"lakehouse:demo":{"value":"false"}}';
    expect(parseConfig(text)).toEqual({ target: "local", samplePath: "data/mine.csv", demo: false });
    expect(parseConfig("{}")).toEqual({ target: undefined, samplePath: undefined, demo: true });
});
