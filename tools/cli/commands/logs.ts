import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { pick, type Context } from "../context";
import { containers, type ContainerFact } from "../docker";
import { attach, capture } from "../process";
import { UserError } from "../errors";
import { stackArgument } from "../pulumi";

export interface LogOptions {
    service: string | undefined;
    follow: boolean;
    lines: number;
}

/** The last lines of one service, or of all of them by time; with `follow` it goes on until Ctrl-C. */
export async function logs({ stack, say }: Context, { service, follow, lines }: LogOptions): Promise<void> {
    const found = await containers(stack);
    if (found.length === 0) {
        throw new UserError(`stack ${stack} has no containers`, `Start it: make up${stackArgument(stack)}`);
    }
    if (service !== undefined) {
        const known = found.map((fact) => fact.service);
        const wanted = pick("service", "SERVICE", service, known);
        const name = found.find((fact) => fact.service === wanted)?.name ?? "";
        const following = follow ? ["--follow"] : [];
        await attach("docker", ["logs", "--tail", String(lines), ...following, name]);
        return;
    }
    if (follow) return followAll(found, say);
    say(await recent(found, lines));
}

async function recent(found: readonly ContainerFact[], lines: number): Promise<string> {
    const texts = await Promise.all(
        found.map(async (fact) => {
            const done = await capture("docker", ["logs", "--timestamps", "--tail", String(lines), fact.name]);
            return { service: fact.service, text: `${done.stdout}${done.stderr}` };
        }),
    );
    return interleave(texts, lines).join("\n");
}

/** The latest lines of all services in the order of their time stamps, each with its service in front. */
export function interleave(texts: readonly { service: string; text: string }[], lines: number): string[] {
    const width = Math.max(...texts.map(({ service }) => service.length));
    return texts
        .flatMap(({ service, text }) =>
            text
                .split("\n")
                .filter((line) => line !== "")
                .map((line) => {
                    const space = line.indexOf(" ");
                    return {
                        time: line.slice(0, space),
                        line: `${service.padEnd(width)} | ${line.slice(space + 1)}`,
                    };
                }),
        )
        .sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0))
        .slice(-lines)
        .map(({ line }) => line);
}

async function followAll(found: readonly ContainerFact[], say: (line: string) => void): Promise<void> {
    const width = Math.max(...found.map((fact) => fact.service.length));
    process.stdout.once("error", () => process.exit());
    await Promise.all(
        found
            .filter((fact) => fact.state === "running")
            .map(
                (fact) =>
                    new Promise<void>((resolve) => {
                        const child = spawn("docker", ["logs", "--follow", "--tail", "10", fact.name], {
                            stdio: ["ignore", "pipe", "pipe"],
                        });
                        for (const input of [child.stdout, child.stderr]) {
                            createInterface({ input }).on("line", (line) =>
                                say(`${fact.service.padEnd(width)} | ${line}`),
                            );
                        }
                        child.once("close", () => resolve());
                    }),
            ),
    );
}
