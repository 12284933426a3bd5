import { resolve } from "node:path";
import { UserError } from "./errors";

/** What every command needs to know. */
export interface Context {
    /** The checkout. */
    root: string;
    stack: string;
    say: (line: string) => void;
}

/** Stack names go into names of containers and networks, so they are kept simple. */
export function checkStackName(name: string): string {
    if (!/^[a-z0-9][a-z0-9-]{0,30}$/.test(name)) {
        throw new UserError(
            `STACK="${name}" is not a name for a stack`,
            "Use up to 31 small letters, digits and dashes, such as STACK=local",
        );
    }
    return name;
}

/** The only way to lose data is to write the word; a typing error must not count as it. */
export function checkData(value: string | undefined): boolean {
    if (value === undefined || value === "keep") return false;
    if (value === "delete") return true;
    throw new UserError(
        `DATA="${value}" is not known`,
        "DATA=delete removes the data volumes; leave it out to keep them.",
    );
}

/** Reads a switch such as DEMO=0. */
export function checkSwitch(name: string, value: string | undefined, fallback: boolean): boolean {
    if (value === undefined) return fallback;
    if (["1", "true", "yes"].includes(value)) return true;
    if (["0", "false", "no"].includes(value)) return false;
    throw new UserError(`${name}="${value}" is not known`, `Use ${name}=0 or ${name}=1.`);
}

/** Reads a number of lines such as LINES=200. */
export function checkCount(name: string, value: string | undefined, fallback: number): number {
    if (value === undefined) return fallback;
    if (/^[1-9]\d{0,6}$/.test(value)) return Number(value);
    throw new UserError(`${name}="${value}" is not a number`, `For example ${name}=${fallback}.`);
}

/** Reads the parameters of a run such as CONF='{"dry_run": true}'. */
export function checkConf(value: string | undefined): Record<string, unknown> {
    try {
        const conf: unknown = JSON.parse(value ?? "{}");
        if (typeof conf === "object" && conf !== null && !Array.isArray(conf)) return conf as Record<string, unknown>;
    } catch {
        // Not JSON: refused below.
    }
    throw new UserError(`CONF="${value}" is not a JSON object`, `For example CONF='{"dry_run": true}'.`);
}

/** Picks one name out of those that exist, or tells which ones do. */
export function pick(kind: string, variable: string, wanted: string | undefined, known: readonly string[]): string {
    if (wanted !== undefined && known.includes(wanted)) return wanted;
    const what = wanted === undefined ? `name a ${kind} with ${variable}=` : `there is no ${kind} called ${wanted}`;
    throw new UserError(
        what,
        known.length > 0 ? `Known: ${known.join(", ")}` : `There is none yet; start the stack with: make up`,
    );
}

export const projectRoot = (): string => resolve(__dirname, "..", "..");
