import * as fs from "fs";
import { parse } from "csv-parse/sync";

/** Columns that the pipelines read from the sample file. */
export const SAMPLE_COLUMNS = [
    "Index",
    "Customer Id",
    "First Name",
    "Last Name",
    "Company",
    "City",
    "Country",
    "Phone 1",
    "Phone 2",
    "Email",
    "Subscription Date",
    "Website",
] as const;

/** Enough for any header line. */
const HEADER_BYTES = 64 * 1024;

/**
 * Checks that a CSV file exists and has the needed columns.
 *
 * @param file absolute path
 * @returns what is wrong with it, empty when nothing is
 */
export function checkSample(file: string): string[] {
    const remedy =
        "Make the generated sample with 'make data', or set your own: pulumi config set lakehouse:samplePath FILE";
    let columns: string[];
    try {
        columns = readHeader(file);
    } catch (error) {
        const reason = (error as NodeJS.ErrnoException).code === "ENOENT" ? "does not exist" : "cannot be read as CSV";
        return [`lakehouse:samplePath: '${file}' ${reason}. ${remedy}`];
    }
    const missing = SAMPLE_COLUMNS.filter((column) => !columns.includes(column));
    return missing.length === 0
        ? []
        : [
              `lakehouse:samplePath: '${file}' lacks the column ${missing.map((name) => `'${name}'`).join(", ")}. ` +
                  `Needed: ${SAMPLE_COLUMNS.join(", ")}. ${remedy}`,
          ];
}

function readHeader(file: string): string[] {
    const descriptor = fs.openSync(file, "r");
    try {
        const buffer = Buffer.alloc(HEADER_BYTES);
        const length = fs.readSync(descriptor, buffer, 0, HEADER_BYTES, 0);
        const rows: string[][] = parse(buffer.subarray(0, length), { bom: true, to: 1 });
        return rows[0] ?? [];
    } finally {
        fs.closeSync(descriptor);
    }
}
