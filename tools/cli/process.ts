import { spawn, type ChildProcess, type StdioOptions } from "node:child_process";
import { createInterface } from "node:readline";
import { UserError } from "./errors";

/** What a finished program left behind. */
export interface Finished {
    code: number;
    stdout: string;
    stderr: string;
}

export interface RunOptions {
    cwd?: string;
    env?: NodeJS.ProcessEnv;
    /** Written to the program's standard input. */
    input?: string;
}

const REMEDIES: Record<string, string> = {
    pulumi: 'Run the command through `make`, or prepare this shell first: eval "$(tools/env)"',
    docker: "`make up` installs a container engine, or says how to get one.",
};

/** Runs a program to its end and returns what it printed; a non-zero exit code is the caller's to judge. */
export async function capture(command: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
    const child = start(command, args, options, ["pipe", "pipe", "pipe"]);
    const stdout = collect(child.stdout);
    const stderr = collect(child.stderr);
    // A program that ends before it has read its input is judged by its exit code.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(options.input ?? "");
    const code = await exitCode(command, child);
    return { code, stdout: await stdout, stderr: await stderr };
}

/** Runs a program that has to succeed and returns its standard output. */
export async function must(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
    const done = await capture(command, args, options);
    if (done.code !== 0) {
        throw new UserError(
            `${command} ${args.slice(0, 2).join(" ")} failed with exit code ${done.code}: ${lastLines(done.stderr || done.stdout, 8)}`,
        );
    }
    return done.stdout;
}

/** Hands the terminal to a program and returns its exit code. */
export async function attach(command: string, args: readonly string[], options: RunOptions = {}): Promise<number> {
    return exitCode(command, start(command, args, options, "inherit"));
}

/** Runs a program, gives each line of its standard output to `onLine`; its errors go to the terminal. */
export async function eachLine(
    command: string,
    args: readonly string[],
    onLine: (line: string) => void,
    options: RunOptions = {},
): Promise<number> {
    const child = start(command, args, options, ["ignore", "pipe", "inherit"]);
    const lines = child.stdout ? createInterface({ input: child.stdout, crlfDelay: Infinity }) : undefined;
    lines?.on("line", onLine);
    const drained = new Promise<void>((resolve) => (lines ? lines.once("close", resolve) : resolve()));
    const code = await exitCode(command, child);
    await drained;
    return code;
}

export const sleep = (milliseconds: number): Promise<void> =>
    new Promise((resolve) => setTimeout(resolve, milliseconds));

/** The last lines of a text, without trailing white space. */
export function lastLines(text: string, count: number): string {
    return text.trimEnd().split("\n").slice(-count).join("\n");
}

function start(command: string, args: readonly string[], options: RunOptions, stdio: StdioOptions): ChildProcess {
    return spawn(command, args, {
        cwd: options.cwd,
        env: options.env ?? process.env,
        stdio,
    });
}

/** Waits for the end. Ctrl-C reaches the child through the terminal, so that it can tidy up; we stay to report it. */
function exitCode(command: string, child: ChildProcess): Promise<number> {
    const ignore = (): void => undefined;
    const forward = (): void => void child.kill("SIGINT");
    process.on("SIGINT", ignore);
    process.on("SIGTERM", forward);
    return new Promise<number>((resolve, reject) => {
        child.once("error", (error: NodeJS.ErrnoException) => {
            reject(error.code === "ENOENT" ? new UserError(`${command} was not found`, REMEDIES[command]) : error);
        });
        child.once("close", (code, signal) => {
            resolve(code ?? (signal === "SIGINT" ? 130 : 143));
        });
    }).finally(() => {
        process.off("SIGINT", ignore);
        process.off("SIGTERM", forward);
    });
}

async function collect(stream: NodeJS.ReadableStream | null | undefined): Promise<string> {
    let text = "";
    stream?.setEncoding("utf8");
    for await (const chunk of stream ?? []) text += String(chunk);
    return text;
}
