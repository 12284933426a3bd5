import { UserError } from "./errors";
import { capture, lastLines, must } from "./process";

/** What Docker says about one container of a stack. */
export interface ContainerFact {
    id: string;
    /** Id of the image. */
    image: string;
    name: string;
    service: string;
    role: string;
    /** created, running, restarting, exited, dead */
    state: string;
    /** healthy, unhealthy, starting, or empty when it has no check */
    health: string;
    startedAt: string;
    exitCode: number;
}

interface Inspected {
    Id: string;
    Image: string;
    Name: string;
    Config: { Labels: Record<string, string> | null };
    State: {
        Status: string;
        StartedAt: string;
        ExitCode: number;
        Health?: { Status: string };
    };
}

const ofStack = (stack: string): string[] => ["--filter", `label=lakehouse.stack=${stack}`];

/** All containers of a stack, running or not, by name of the service. */
export async function containers(stack: string): Promise<ContainerFact[]> {
    const ids = words(await docker(["ps", "-aq", ...ofStack(stack)]));
    const facts = (await inspect(ids)).map(toFact);
    return facts.sort((a, b) => a.service.localeCompare(b.service));
}

export const removeContainers = (names: readonly string[]): Promise<void> => each(names, ["rm", "--force"]);

export const removeNetworks = (names: readonly string[]): Promise<void> => each(names, ["network", "rm"]);

export const removeVolumes = (names: readonly string[]): Promise<void> => each(names, ["volume", "rm"]);

export async function networks(stack: string): Promise<string[]> {
    return words(await docker(["network", "ls", "--format", "{{.Name}}", ...ofStack(stack)]));
}

export async function volumes(stack: string): Promise<string[]> {
    return words(await docker(["volume", "ls", "--format", "{{.Name}}", ...ofStack(stack)]));
}

/** Names of the images that the program built for a stack. */
export async function images(stack: string): Promise<string[]> {
    return words(
        await docker([
            "image",
            "ls",
            "--format",
            "{{.Repository}}:{{.Tag}}",
            "--filter",
            `reference=lakehouse-${stack}/*`,
        ]),
    );
}

/** The last lines that a container wrote, both streams together. */
export async function tail(name: string, lines: number): Promise<string> {
    const done = await capture("docker", ["logs", "--tail", String(lines), name]);
    return lastLines(`${done.stdout}${done.stderr}`, lines);
}

/** Memory in bytes by container name: the working set, which is usage without inactive page cache. */
export async function memory(names: readonly string[]): Promise<Map<string, number>> {
    if (names.length === 0) return new Map();
    const text = await docker(["stats", "--no-stream", "--format", "{{.Name}}\t{{.MemUsage}}", ...names]);
    return new Map(
        text
            .trim()
            .split("\n")
            .map((line) => {
                const [name = "", usage = ""] = line.split("\t");
                return [name, parseMemory(usage)] as const;
            }),
    );
}

/** Reads Docker's "238.4MiB / 1GiB" into bytes. */
export function parseMemory(usage: string): number {
    const match = /^([\d.]+)\s*([KMGT]?i?B)/.exec(usage.trim());
    if (!match) return 0;
    const [, amount = "0", unit = "B"] = match;
    const power = ["B", "KiB", "MiB", "GiB", "TiB"].indexOf(unit);
    return Number(amount) * 1024 ** Math.max(0, power);
}

/** Runs a docker command that has to succeed and returns what it printed. */
export async function docker(args: readonly string[]): Promise<string> {
    const done = await capture("docker", args);
    if (done.code === 0) return done.stdout;
    if (/cannot connect to the docker daemon|is the docker daemon running/i.test(done.stderr)) {
        throw new UserError(
            "the container engine does not answer",
            "`make up` starts it, or on a systemd machine: systemctl start docker",
        );
    }
    throw new UserError(`docker ${args.slice(0, 2).join(" ")} failed: ${lastLines(done.stderr, 5)}`);
}

/** Fails early and clearly when no engine answers. */
export async function requireEngine(): Promise<void> {
    await docker(["version", "--format", "{{.Server.Version}}"]);
}

async function inspect(ids: readonly string[]): Promise<Inspected[]> {
    if (ids.length === 0) return [];
    // A container that is gone makes docker fail, but the others are still printed.
    const done = await capture("docker", ["inspect", "--type", "container", ...ids]);
    if (done.stdout.trim() === "") await requireEngine();
    return JSON.parse(done.stdout || "[]") as Inspected[];
}

function toFact(found: Inspected): ContainerFact {
    const labels = found.Config.Labels ?? {};
    return {
        id: found.Id,
        image: found.Image,
        name: found.Name.replace(/^\//, ""),
        service: labels["lakehouse.service"] ?? found.Name.replace(/^\//, ""),
        role: labels["lakehouse.role"] ?? "service",
        state: found.State.Status,
        health: found.State.Health?.Status ?? "",
        startedAt: found.State.StartedAt,
        exitCode: found.State.ExitCode,
    };
}

async function each(names: readonly string[], command: readonly string[]): Promise<void> {
    if (names.length > 0) await must("docker", [...command, ...names]);
}

const words = (text: string): string[] => text.split(/\s+/).filter(Boolean);
