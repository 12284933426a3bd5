import { chooseGroups } from "../../../tools/cli/bench";
import { figureTable, median, timed } from "../../../tools/cli/bench/figure";
import { uniqueLayers, type ImageFacts } from "../../../tools/cli/bench/images";
import { emptyProjectFile } from "../../../tools/cli/bench/noop";

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
    expect(chooseGroups(undefined)).toEqual(["noop", "images", "memory", "spark", "duckdb", "fresh"]);
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
