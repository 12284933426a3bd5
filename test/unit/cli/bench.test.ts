import { chooseGroups } from "../../../tools/cli/bench";
import { perType } from "../../../tools/cli/bench/catalogs";
import { growth, stageSeconds } from "../../../tools/cli/bench/dbt";
import { figureTable, median, timed } from "../../../tools/cli/bench/figure";
import { uniqueLayers, type ImageFacts } from "../../../tools/cli/bench/images";
import { emptyProjectFile } from "../../../tools/cli/bench/noop";
import { compared, rivals } from "../../../tools/cli/bench/tpch";

test("median", () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(() => median([])).toThrow("no values to take a median of");
});

test("the table says whether a target is met", () => {
    const figures = [
        timed("no-op pulumi up", [5, 6.004, 7], { target: 6 }),
        timed("fresh", [80], { target: 75 }),
        timed("base", [3]),
    ];
    expect(figureTable(figures)).toBe(
        [
            " figure            value    target   met   single values",
            " no-op pulumi up     6 s    <= 6 s   yes   5 6 7",
            " fresh              80 s   <= 75 s   NO    80",
            " base                3 s                   3",
        ].join("\n"),
    );
});

test("groups are chosen by name, in their own order", () => {
    expect(chooseGroups("images, noop")).toEqual(["noop", "images"]);
    expect(chooseGroups(undefined)).toEqual([
        ...["noop", "images", "memory", "spark", "duckdb", "maintenance"],
        ...["tpch", "catalogs", "dbt", "fresh"],
    ]);
    expect(() => chooseGroups("noop,speed")).toThrow("ONLY=noop,speed: unknown speed");
});

describe("layers", () => {
    const base = { instruction: "Imported from -", size: 200 };
    const settings = { instruction: "ENV PATH=/usr/bin", size: 0 };
    const spark: ImageFacts = {
        name: "spark",
        layers: ["a", "b", "w"],
        history: [
            base,
            settings,
            { instruction: "RUN install spark", size: 700 },
            { instruction: "WORKDIR /opt", size: 0 },
        ],
    };

    test("shared ones count once, and only when all below them are shared", () => {
        const dbt: ImageFacts = {
            name: "dbt",
            layers: [...spark.layers, "d"],
            history: [...spark.history, settings, { instruction: "COPY venv # buildkit", size: 90 }],
        };
        const postgres: ImageFacts = {
            name: "postgres",
            layers: ["a", "p", "d"],
            history: [base, { instruction: "RUN install postgres", size: 120 }, { instruction: "COPY x", size: 90 }],
        };
        const sizes = uniqueLayers([spark, dbt, postgres]);
        expect(sizes.size).toBe(6);
        expect([...sizes.values()].reduce((sum, size) => sum + size)).toBe(200 + 700 + 90 + 120 + 90);
    });

    test("a history that does not fit is not guessed at", () => {
        expect(() => uniqueLayers([{ ...spark, layers: ["a"] }])).toThrow(
            "cannot tell the layers of spark apart: 1 layers, 3 instructions that make one",
        );
    });
});

test("the empty project has our runtime and nothing else of ours", () => {
    const project = [
        "name: lakehouse",
        "# why",
        "runtime:",
        "  name: nodejs",
        "  options:",
        "    typescript: false",
        "main: index.ts",
        "config:",
        "  lakehouse:target:",
        "    type: string",
        "",
    ].join("\n");
    expect(emptyProjectFile(project)).toBe(
        "name: empty\nruntime:\n  name: nodejs\n  options:\n    typescript: false\nmain: index.ts\n",
    );
});

describe("tpch", () => {
    test("the one process gets the heap of driver and executor, the cluster as many cores", () => {
        const { cluster, alone } = rivals({ "spark.executor.memory": "1024m", "spark.driver.memory": "1g" });
        expect(cluster).toMatchObject({ "spark.driver.memory": "512m", "spark.cores.max": "2" });
        expect(alone).toMatchObject({ "spark.driver.memory": "1536m", "spark.master": "local[2]" });
    });

    test("totals, their ratio, and each query", () => {
        const report = (...seconds: number[]): { query: Record<string, { seconds: number }> } => ({
            query: Object.fromEntries(seconds.map((each, index) => [String(index + 1), { seconds: each }])),
        });
        const figures = compared([report(3, 1), report(2, 2)], [report(1, 1), report(2, 1)]);
        expect(figures.map(({ name, value }) => [name, value])).toEqual([
            ["TPC-H, 22 queries on the cluster", 4],
            ["TPC-H, 22 queries by local[2]", 2.5],
            ["TPC-H, cluster / local", 1.6],
            ["TPC-H Q1, cluster", 2.5],
            ["TPC-H Q2, cluster", 1.5],
        ]);
        expect(figures[1]?.note).toBe("Q1 1.5, Q2 1");
    });
});

test("catalogs are compared with jdbc, step by step", () => {
    const turn = (seconds: number): Parameters<typeof perType>[0] =>
        Object.fromEntries(
            ["jdbc", "hadoop", "hive", "glue", "rest"].map((type, index) => {
                const each = seconds + index;
                return [type, [{ create: each, append: 2 * each, merge: 3 * each, read: each }]];
            }),
        );
    const figures = perType(turn(2));
    expect(figures).toHaveLength(5 * 4 + 4 * 4);
    expect(figures.find(({ name }) => name === "hive, merge 1M rows")).toMatchObject({ value: 12, unit: "s" });
    expect(figures.find(({ name }) => name === "hive, merge 1M rows / jdbc")).toMatchObject({ value: 2, unit: "x" });
});

test("stages of dbt are its models; their rates, and the growth of the whole", () => {
    const stages = stageSeconds({
        results: [
            { unique_id: "model.lakehouse.stg_customers", execution_time: 10 },
            { unique_id: "test.lakehouse.not_null_stg_customers_index.1a2b", execution_time: 1 },
        ],
    });
    expect(stages).toEqual({ stg_customers: 10 });
    const figures = growth({ seconds: 20, stages }, { seconds: 300, stages: { stg_customers: 250 } });
    expect(figures.map(({ name, value, target }) => [name, value, target])).toEqual([
        ["dbt_dag, stg_customers at 100000 rows", 10_000, undefined],
        ["dbt_dag, stg_customers at 5000000 rows", 20_000, undefined],
        ["dbt_dag, 100000 rows", 20, undefined],
        ["dbt_dag, 5000000 rows", 300, undefined],
        ["dbt_dag, growth of the time with 50 times the rows", 15, 50],
    ]);
});
