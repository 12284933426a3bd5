import Table from "cli-table3";

/** Seconds as a person says them: 9.4 s, 75 s, 3 min 05 s, 2 h 07 min, 3 d 4 h. */
export function duration(seconds: number): string {
    if (seconds < 10) return `${seconds.toFixed(1)} s`;
    const whole = Math.round(seconds);
    if (whole < 100) return `${whole} s`;
    const minutes = Math.floor(whole / 60);
    if (minutes < 100) return `${minutes} min ${pad(whole % 60)} s`;
    const hours = Math.floor(minutes / 60);
    if (hours < 48) return `${hours} h ${pad(minutes % 60)} min`;
    return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** A running clock: 0:07, 12:45, 1:02:03. */
export function clock(seconds: number): string {
    const whole = Math.max(0, Math.floor(seconds));
    const hours = Math.floor(whole / 3600);
    const minutes = Math.floor((whole % 3600) / 60);
    return hours > 0 ? `${hours}:${pad(minutes)}:${pad(whole % 60)}` : `${minutes}:${pad(whole % 60)}`;
}

/** Thousands apart, as in the sample's documentation: 100,000. */
export const count = (value: number): string => value.toLocaleString("en-US");

/** Bytes in the unit that fits. */
export function bytes(value: number): string {
    if (value >= 1024 ** 3) return `${(value / 1024 ** 3).toFixed(2)} GiB`;
    return `${Math.round(value / 1024 ** 2)} MiB`;
}

/** A table for the terminal, without colours so that it reads the same in a log. */
export function table(
    head: readonly string[],
    rows: readonly (readonly string[])[],
    right: readonly number[] = [],
): string {
    const drawn = new Table({
        head: [...head],
        colAligns: head.map((_, column) => (right.includes(column) ? ("right" as const) : ("left" as const))),
        style: { head: [], border: [] },
        chars: {
            top: "",
            "top-mid": "",
            "top-left": "",
            "top-right": "",
            bottom: "",
            "bottom-mid": "",
            "bottom-left": "",
            "bottom-right": "",
            left: "",
            "left-mid": "",
            mid: "",
            "mid-mid": "",
            right: "",
            "right-mid": "",
            middle: " ",
        },
    });
    drawn.push(...rows.map((row) => [...row]));
    return drawn
        .toString()
        .split("\n")
        .map((line) => line.trimEnd())
        .join("\n");
}

const pad = (value: number): string => String(value).padStart(2, "0");
