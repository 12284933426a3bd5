import { table } from "../format";

/** One measured figure. */
export interface Figure {
    name: string;
    value: number;
    unit: string;
    /** The most that is acceptable, in the same unit; none for a figure that others are compared with. */
    target?: number;
    /** Single measurements behind a median. */
    samples?: number[];
    /** What exactly was measured. */
    note?: string;
}

/** The middle value; the mean of the two middle ones when their number is even. */
export function median(values: readonly number[]): number {
    if (values.length === 0) throw new Error("no values to take a median of");
    const sorted = [...values].sort((a, b) => a - b);
    const middle = sorted.length / 2;
    const upper = sorted[Math.floor(middle)] ?? 0;
    return Number.isInteger(middle) ? ((sorted[middle - 1] ?? 0) + upper) / 2 : upper;
}

/** A figure from repeated measurements. */
export function timed(
    name: string,
    samples: readonly number[],
    rest: Omit<Figure, "name" | "value" | "unit" | "samples"> = {},
): Figure {
    return {
        name,
        value: round(median(samples)),
        unit: "s",
        samples: samples.map(round),
        ...rest,
    };
}

export const round = (value: number): number => Math.round(value * 100) / 100;

/** The figures with their targets, for the terminal. */
export function figureTable(figures: readonly Figure[]): string {
    return table(
        ["figure", "value", "target", "met", "single values"],
        figures.map(({ name, value, unit, target, samples }) => [
            name,
            `${value} ${unit}`,
            target === undefined ? "" : `<= ${target} ${unit}`,
            target === undefined ? "" : value <= target ? "yes" : "NO",
            samples?.join(" ") ?? "",
        ]),
        [1, 2],
    );
}
