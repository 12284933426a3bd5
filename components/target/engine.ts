import * as net from "net";
import type { Settings } from "../../config";
import { formatGiB } from "../shared/memory";
import { UserError } from "../shared/user-error";
import { docker } from "../shared/watch";
import { publishedPorts } from "./ports";

/** What the checks need to know of the container engine and this machine. */
export interface EngineFacts {
    /** Memory of the engine, in MiB. */
    readonly memoryMiB: number;
    /** Ports of the platform that somebody else listens on. */
    readonly takenPorts: readonly number[];
}

/** What the platform needs beside the Spark workers' memory, in MiB: idle services and one running pipeline. */
export const PLATFORM_MEMORY_MIB = 3072;
/** What a Spark Connect server may use beside that, in MiB. */
export const CONNECT_MEMORY_MIB = 1280;

/**
 * Asks the container engine and this machine.
 *
 * @throws UserError when no engine answers
 */
export async function readEngineFacts(settings: Settings): Promise<EngineFacts> {
    const [info, containers] = await Promise.all([
        docker().info() as Promise<{ MemTotal: number }>,
        docker().listContainers({ filters: { label: [`lakehouse.stack=${settings.stack}`] } }),
    ]).catch((error: unknown) => {
        throw new UserError(
            `No container engine answers (${error instanceof Error ? error.message : String(error)}). Start Docker, or let ` +
                "'make up' install and start it. DOCKER_HOST names another engine.",
        );
    });
    const own = new Set(containers.flatMap((container) => container.Ports.map((port) => port.PublicPort)));
    const wanted = publishedPorts(settings).map(([, port]) => port);
    const taken = await Promise.all(wanted.map(async (port) => !own.has(port) && (await isTaken(port))));
    return { memoryMiB: Math.floor(info.MemTotal / 1024 ** 2), takenPorts: wanted.filter((_, index) => taken[index]) };
}

/**
 * Checks the settings against the engine's facts.
 *
 * @throws UserError that names every setting that the engine cannot fulfil
 */
export function checkEngine(settings: Settings, facts: EngineFacts): void {
    const mistakes: string[] = [];
    const { workers, workerMemoryMiB, connect } = settings.spark;
    const rest = PLATFORM_MEMORY_MIB + (connect ? CONNECT_MEMORY_MIB : 0);
    const needed = workers * workerMemoryMiB + rest;
    if (needed > facts.memoryMiB) {
        mistakes.push(
            `lakehouse:sparkWorkerMemory: ${workers} × ${formatGiB(workerMemoryMiB)} for Spark workers and ` +
                `${formatGiB(rest)} for the rest of the platform are more than the container engine's ` +
                `${formatGiB(facts.memoryMiB)}. Lower it, or the number of workers, with: ` +
                "pulumi config set lakehouse:sparkWorkerMemory 1g",
        );
    }
    const names = new Map(publishedPorts(settings).map(([name, port]) => [port, name]));
    for (const port of facts.takenPorts) {
        mistakes.push(
            `lakehouse:portOffset: port ${port} (${names.get(port)}) on 127.0.0.1 is in use by another program. Stop that ` +
                `program, or move all ports with: pulumi config set lakehouse:portOffset ${settings.portOffset + 100}`,
        );
    }
    if (mistakes.length > 0) {
        throw UserError.ofMany(mistakes);
    }
}

function isTaken(port: number): Promise<boolean> {
    return new Promise((resolve) => {
        const server = net.createServer();
        server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code === "EADDRINUSE"));
        server.listen(port, "127.0.0.1", () => server.close(() => resolve(false)));
    });
}
