import { UserError } from "./errors";
import { capture, lastLines, must } from "./process";
import type { StackState } from "./recovery";

/** What the program tells about a running stack; the passwords stay in memory and are never printed. */
export interface Outputs {
    airflowUrl: string;
    airflowUser: string;
    airflowPassword: string;
    sparkMasterUrl: string;
    sparkHistoryUrl: string;
    s3Endpoint: string;
    s3ConsoleUrl: string;
    /** Only where the server runs. */
    sparkConnectUrl?: string;
    s3AccessKey: string;
    s3SecretKey: string;
    catalogType: string;
}

/** The settings that the commands themselves need. */
export interface StackConfig {
    target: string | undefined;
    samplePath: string | undefined;
    demo: boolean;
}

/** How Pulumi says that there is no such stack, or no state at all yet. */
const NO_STACK = /no stack named|unable to open bucket.*no such file/i;

const on = (stack: string): string[] => ["--stack", stack, "--non-interactive"];

/** The recorded state, secrets still encrypted; undefined when the stack does not exist. */
export async function exportState(stack: string): Promise<StackState | undefined> {
    const done = await capture("pulumi", ["stack", "export", ...on(stack)]);
    if (done.code === 0) return JSON.parse(done.stdout) as StackState;
    if (NO_STACK.test(done.stderr)) return undefined;
    throw new UserError(`Pulumi cannot read the state of stack ${stack}: ${lastLines(done.stderr, 5)}`);
}

/** Makes a stack. Only the usual one becomes the stack that `pulumi preview` means when it is not told. */
export async function createStack(stack: string): Promise<void> {
    const select = stack === "local" ? [] : ["--no-select"];
    await must("pulumi", ["stack", "init", stack, "--non-interactive", ...select]);
}

export async function setConfig(stack: string, key: string, value: string): Promise<void> {
    await must("pulumi", ["config", "set", `lakehouse:${key}`, value, ...on(stack)]);
}

/** Writes the state back. Pulumi leaves pending operations out when it imports, which is what we want of it. */
export async function clearPending(stack: string, state: StackState): Promise<void> {
    await must("pulumi", ["stack", "import", ...on(stack)], {
        input: JSON.stringify(state),
    });
}

export async function removeLocks(stack: string): Promise<void> {
    await must("pulumi", ["cancel", "--yes", ...on(stack)]);
}

/** Outputs of a stack that is up, or undefined when there is no such stack or it has none. */
export async function outputs(stack: string): Promise<Outputs | undefined> {
    const done = await capture("pulumi", ["stack", "output", "--json", "--show-secrets", ...on(stack)]);
    if (done.code !== 0) {
        if (NO_STACK.test(done.stderr)) return undefined;
        throw new UserError(`Pulumi cannot read the outputs of stack ${stack}: ${lastLines(done.stderr, 5)}`);
    }
    const found = JSON.parse(done.stdout) as Partial<Outputs>;
    return found.airflowUrl ? (found as Outputs) : undefined;
}

/** Outputs of a stack that has to be up. */
export async function requireOutputs(stack: string): Promise<Outputs> {
    const found = await outputs(stack);
    if (!found) {
        throw new UserError(`stack ${stack} is not up`, `Start it with: make up${stackArgument(stack)}`);
    }
    return found;
}

/** The stack's settings with the project's defaults applied. */
export async function stackConfig(stack: string): Promise<StackConfig> {
    const text = await must("pulumi", ["config", "--json", ...on(stack)]);
    return parseConfig(text);
}

export function parseConfig(text: string): StackConfig {
    const entries = JSON.parse(text) as Record<string, { value?: string }>;
    const value = (key: string): string | undefined => entries[`lakehouse:${key}`]?.value;
    return { target: value("target"), samplePath: value("samplePath"), demo: value("demo") !== "false" };
}

/** How to name the stack on a make line; nothing for the usual one. */
export const stackArgument = (stack: string): string => (stack === "local" ? "" : ` STACK=${stack}`);
