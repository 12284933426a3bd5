import { UpdateLog, summary, type EngineEvent } from "../../../tools/cli/events";

const SPARK = {
    op: "create",
    urn: "urn:pulumi:local::lakehouse::docker:index/container:Container::spark-master",
    type: "docker:index/container:Container",
};

/** Feeds events to a log, each with the second at which it comes; null stands for a tick. */
function logged(...events: [number, EngineEvent | string | null][]): string[] {
    const lines: string[] = [];
    let now = 100;
    const log = new UpdateLog(
        (line) => lines.push(line),
        () => now,
    );
    for (const [second, event] of events) {
        now = 100 + second;
        if (event === null) log.tick();
        else log.line(typeof event === "string" ? event : JSON.stringify(event));
    }
    return lines;
}

test("a resource is told when it is done, and by a tick while it is not", () => {
    expect(
        logged(
            [1, { resourcePreEvent: { metadata: SPARK } }],
            [15, null],
            [21, { resOutputsEvent: { metadata: SPARK } }],
            [30, null],
        ),
    ).toEqual(["  0:15  still at it: Container spark-master (14 s)", "  0:21  created Container spark-master (20 s)"]);
});

test("unchanged resources, components and reads say nothing", () => {
    const quiet = [
        { ...SPARK, op: "same" },
        { ...SPARK, op: "refresh" },
        { ...SPARK, type: "lakehouse:index:SparkCluster" },
        { ...SPARK, type: "pulumi:pulumi:Stack" },
    ];
    const events = quiet.flatMap((metadata): [number, EngineEvent][] => [
        [1, { resourcePreEvent: { metadata } }],
        [2, { resOutputsEvent: { metadata } }],
    ]);
    expect(logged(...events)).toEqual([]);
});

test("what a destroy leaves on the machine is not called deleted", () => {
    const metadata = { ...SPARK, op: "delete", old: { retainOnDelete: true } };
    expect(logged([1, { resourcePreEvent: { metadata } }], [2, { resOutputsEvent: { metadata } }])).toEqual([
        "  0:02  kept Container spark-master (1.0 s)",
    ]);
});

test("failures and diagnostics are shown without colour marks, passing ones are not", () => {
    const message = "<{%fg 1%}>port 8080 is in use<{%reset%}>\n";
    expect(
        logged(
            [2, { diagnosticEvent: { severity: "error", message } }],
            [3, { diagnosticEvent: { severity: "info", message: "building", ephemeral: true } }],
            [3, { diagnosticEvent: { severity: "debug", message: "RegisterResource RPC" } }],
            [4, { diagnosticEvent: { severity: "info#err", message: "a note" } }],
            [5, { resOpFailedEvent: { metadata: SPARK } }],
        ),
    ).toEqual([
        "  0:02  error: port 8080 is in use",
        "  0:04  a note",
        "  0:05  FAILED to create Container spark-master",
    ]);
});

test("property values never reach the log, whatever they hold", () => {
    const metadata = { ...SPARK, new: { inputs: { envs: ["DB_PASSWORD=hunter2"] }, outputs: { result: "hunter2" } } };
    const lines = logged(
        [0, { resourcePreEvent: { metadata } }],
        [1, { resOutputsEvent: { metadata } }],
        [2, JSON.stringify({ preludeEvent: { config: { password: "hunter2" } } })],
    );
    expect(lines).toHaveLength(1);
    expect(lines.join()).not.toContain("hunter2");
});

test("the closing line says when the update did not succeed", () => {
    expect(
        logged(
            [9, { summaryEvent: { resourceChanges: { create: 3 }, result: "failed" } }],
            [9, { summaryEvent: { resourceChanges: { create: 3 }, result: "succeeded" } }],
        ),
    ).toEqual(["  0:09  failed; until then: 3 created, 0 as they were", "  0:09  3 created, 0 as they were"]);
});

test("a line that is no event is passed on", () => {
    expect(logged([0, "warning: something from the command itself"], [0, "{not json"], [0, ""])).toEqual([
        "warning: something from the command itself",
        "{not json",
    ]);
});

test("the summary counts changes by kind", () => {
    expect(summary({ same: 31 })).toBe("no changes, 31 as they were");
    expect(summary({ create: 2, update: 1, same: 30 })).toBe("1 updated, 2 created, 30 as they were");
});
