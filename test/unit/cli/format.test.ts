import { bytes, clock, count, duration, table } from "../../../tools/cli/format";

test.each([
    [0.42, "0.4 s"],
    [9.94, "9.9 s"],
    [42.4, "42 s"],
    [185, "3 min 05 s"],
    [7620, "2 h 07 min"],
    [270_000, "3 d 3 h"],
])("%d seconds read as %s", (seconds, text) => {
    expect(duration(seconds)).toBe(text);
});

test.each([
    [-1, "0:00"],
    [7, "0:07"],
    [765, "12:45"],
    [3723, "1:02:03"],
])("the clock shows %d seconds as %s", (seconds, text) => {
    expect(clock(seconds)).toBe(text);
});

test("amounts", () => {
    expect(count(99388)).toBe("99,388");
    expect(bytes(238.4 * 1024 ** 2)).toBe("238 MiB");
    expect(bytes(1.5 * 1024 ** 3)).toBe("1.50 GiB");
});

test("a table has aligned columns and no colour", () => {
    expect(
        table(
            ["pipeline", "rows"],
            [
                ["empty_dag", "0"],
                ["dbt", "99,388"],
            ],
            [1],
        ),
    ).toBe([" pipeline      rows", " empty_dag        0", " dbt         99,388"].join("\n"));
});
