const UNITS_MIB: Readonly<Record<string, number>> = { m: 1, g: 1024 };

/**
 * Reads a memory size in the notation of Spark and the JVM.
 *
 * @param text digits and a unit `m` or `g`, such as `1536m` or `2g`
 * @returns the size in MiB, or undefined when the text is not such a size
 */
export function parseMemoryMiB(text: string): number | undefined {
    const match = /^([1-9]\d*)([mg])$/i.exec(text);
    return match ? Number(match[1]) * UNITS_MIB[match[2]!.toLowerCase()]! : undefined;
}

/** Shows a size in GiB with one decimal, such as `1.5 GiB`. */
export function formatGiB(mebibytes: number): string {
    return `${(mebibytes / 1024).toFixed(1)} GiB`;
}
