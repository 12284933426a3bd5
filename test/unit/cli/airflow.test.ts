import { formatLog, parseRows } from "../../../tools/cli/airflow";

test("rows are read from an object and from its JSON", () => {
    const value = { rows_written: 99388, rows_rejected: { malformed_row: 2 } };
    const rows = { written: 99388, rejected: { malformed_row: 2 } };
    expect(parseRows(value)).toEqual(rows);
    expect(parseRows(JSON.stringify(value))).toEqual(rows);
    expect(parseRows({ rows_written: 0 })).toEqual({ written: 0, rejected: {} });
});

test.each([[null], ["some text"], [17], [{ rows: 3 }], [[1]]])("%j does not tell rows", (value) => {
    expect(parseRows(value)).toBeUndefined();
});

test("a log entry becomes its lines and the causes of an error; group marks are left out", () => {
    expect(formatLog("plain\nlines\n")).toEqual(["plain", "lines"]);
    expect(formatLog({ event: "::group::Log message source details" })).toEqual([]);
    expect(
        formatLog({
            event: "Task failed with exception",
            error_detail: [{ exc_type: "ValueError", exc_value: "no column Country" }],
        }),
    ).toEqual(["Task failed with exception", "ValueError: no column Country"]);
});
