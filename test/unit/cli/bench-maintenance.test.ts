import { figures, type Measured } from "../../../tools/cli/bench/maintenance";

const before = { files: 200, bytes: 900_000, manifests: 120, snapshots: 200, objects: 801, objectBytes: 5_000_000 };
const after = { files: 1, bytes: 700_000, manifests: 1, snapshots: 1, objects: 206, objectBytes: 2_000_000 };
const measured = (answer: number[]): Measured => ({
    before: { ...before, answer: [20_000, 199_990_000] },
    after: { ...after, answer },
    seconds: 12.345,
});

test("a fiftieth of the files is the target", () => {
    expect(figures(measured([20_000, 199_990_000])).map(({ value, unit, target }) => [value, unit, target])).toEqual([
        [1, "files", 4],
        [700_000, "B", undefined],
        [206, "objects", undefined],
        [12.35, "s", undefined],
    ]);
});

test("another answer is an error", () => {
    expect(() => figures(measured([19_999, 199_990_000]))).toThrow(
        "maintenance changed an answer: 20000 199990000 is now 19999 199990000",
    );
});
