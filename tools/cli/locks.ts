import { existsSync, readdirSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { UserError } from "./errors";
import { sleep } from "./process";
import { removeLocks } from "./pulumi";

/** A lock file of Pulumi's file backend. */
export interface Lock {
    pid: number;
    hostname: string;
    timestamp: string;
}

/** What to do about the locks of a stack. */
export type Verdict = "free" | "stale" | { heldBy: Lock };

/** A lock counts as stale when its process ran on this host and is gone. */
export function judgeLocks(locks: readonly Lock[], host: string, isPulumi: (pid: number) => boolean): Verdict {
    const held = locks.find((lock) => lock.hostname !== host || isPulumi(lock.pid));
    if (held) return { heldBy: held };
    return locks.length > 0 ? "stale" : "free";
}

/** Removes the lock of a dead run; waits a while for a live one, which may be tidying up after Ctrl-C. */
export async function freeLocks(stack: string, say: (line: string) => void): Promise<void> {
    const deadline = Date.now() + 60_000;
    for (let told = false; ; told = true) {
        const verdict = judgeLocks(readLocks(stack), hostname(), isPulumi);
        if (verdict === "free") return;
        if (verdict === "stale") {
            say("an earlier run left its lock behind; removing it");
            return removeLocks(stack);
        }
        const { pid, hostname: host, timestamp } = verdict.heldBy;
        if (Date.now() > deadline) {
            throw new UserError(
                `another Pulumi (process ${pid} on ${host}, since ${timestamp}) works on stack ${stack}`,
                `Let it finish. If you are sure that it is gone: pulumi cancel --stack ${stack}`,
            );
        }
        if (!told) say(`waiting for another Pulumi (process ${pid}) to finish`);
        await sleep(1000);
    }
}

function readLocks(stack: string): Lock[] {
    const backend = process.env.PULUMI_BACKEND_URL ?? "";
    if (!backend.startsWith("file://")) return [];
    const root = join(fileURLToPath(backend), ".pulumi", "locks");
    if (!existsSync(root)) return [];
    return readdirSync(root, { recursive: true, encoding: "utf8" })
        .filter((path) => path.endsWith(".json"))
        .filter((path) => path.split("/").at(-2) === stack)
        .map((path) => JSON.parse(readFileSync(join(root, path), "utf8")) as Lock);
}

/** A process id may be in use again by another program, so its name is looked at where /proc has it. */
function isPulumi(pid: number): boolean {
    try {
        process.kill(pid, 0);
    } catch (error) {
        return (error as NodeJS.ErrnoException).code === "EPERM";
    }
    const comm = `/proc/${pid}/comm`;
    return !existsSync(comm) || readFileSync(comm, "utf8").includes("pulumi");
}
