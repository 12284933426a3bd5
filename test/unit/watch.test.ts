import * as http from "http";
import type { AddressInfo } from "net";

/** Answers of an engine to successive inspections; the last one stays. */
type State = Record<string, unknown>;

/** A container engine that knows one container and logs what it is asked to do. */
async function withEngine(
    states: { State: State; RestartCount?: number }[] | 404,
    run: (wait: (role: "service" | "init") => Promise<void>) => Promise<void>,
): Promise<string[]> {
    const starts: string[] = [];
    const server = http.createServer((request, response) => {
        if (states === 404) {
            response.writeHead(404).end("{}");
        } else if (request.method === "POST") {
            starts.push(request.url!);
            response.writeHead(204).end();
        } else if (request.url!.includes("/logs")) {
            const text = Buffer.from("first line\nlast line\n");
            response.end(Buffer.concat([Buffer.from([1, 0, 0, 0, 0, 0, 0, text.length]), text]));
        } else {
            const state = states.length > 1 ? states.shift()! : states[0]!;
            response.setHeader("content-type", "application/json");
            response.end(JSON.stringify({ RestartCount: 0, ...state }));
        }
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const before = process.env.DOCKER_HOST;
    process.env.DOCKER_HOST = `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
        jest.resetModules();
        const { waitForContainer } = await import("../../components/shared/watch");
        await run((role) => waitForContainer("id", "lakehouse-test-part", role));
    } finally {
        server.close();
        server.closeAllConnections();
        if (before === undefined) {
            delete process.env.DOCKER_HOST;
        } else {
            process.env.DOCKER_HOST = before;
        }
    }
    return starts;
}

const LOGS = "Its last log lines:\n    first line\n    last line";
const soon = (): string => new Date(Date.now() + 60_000).toISOString();
const longAgo = "2020-01-01T00:00:00Z";
const starting = { State: { Status: "running", Health: { Status: "starting" } } };
const healthy = { State: { Status: "running", Health: { Status: "healthy" } } };

describe("waiting for a container", () => {
    test("ends when it is healthy", async () => {
        expect(await withEngine([starting, healthy], (wait) => wait("service"))).toEqual([]);
    });

    test("ends when an init step ended well", async () => {
        const ended = { State: { Status: "exited", ExitCode: 0, FinishedAt: longAgo } };
        expect(await withEngine([{ State: { Status: "running" } }, ended], (wait) => wait("init"))).toEqual([]);
    });

    test("reports a dead service with its log within two polls", async () => {
        const dead = { State: { Status: "exited", ExitCode: 3, FinishedAt: soon() } };
        const begin = Date.now();
        await withEngine([starting, dead], async (wait) => {
            await expect(wait("service")).rejects.toThrow(
                `The container lakehouse-test-part died with exit code 3. ${LOGS}`,
            );
        });
        expect(Date.now() - begin).toBeLessThan(5_000);
    });

    test("reports a service that its restart policy keeps restarting", async () => {
        const looping = { State: { Status: "restarting", ExitCode: 1 }, RestartCount: 1 };
        await withEngine([starting, looping], async (wait) => {
            await expect(wait("service")).rejects.toThrow(`died with exit code 1. ${LOGS}`);
        });
    });

    test("reports an unhealthy service with the words of its health check", async () => {
        const unhealthy = {
            State: {
                Status: "running",
                Health: { Status: "unhealthy", Log: [{ Output: "old" }, { Output: "no heartbeat\n" }] },
            },
        };
        await withEngine([unhealthy], async (wait) => {
            await expect(wait("service")).rejects.toThrow(`is unhealthy. Its health check says: no heartbeat ${LOGS}`);
        });
    });

    test("reports a failed init step", async () => {
        const failed = { State: { Status: "exited", ExitCode: 4, FinishedAt: soon() } };
        await withEngine([failed], async (wait) => {
            await expect(wait("init")).rejects.toThrow(`The step lakehouse-test-part failed with exit code 4. ${LOGS}`);
        });
    });

    test.each([
        ["init" as const, { State: { Status: "exited", ExitCode: 0, FinishedAt: soon() } }],
        ["service" as const, healthy],
    ])("starts a %s that an earlier update left stopped", async (role, then) => {
        const left = { State: { Status: "exited", ExitCode: 1, FinishedAt: longAgo } };
        const starts = await withEngine([left, then], (wait) => wait(role));
        expect(starts).toEqual([expect.stringMatching(/\/containers\/id\/start$/)]);
    });

    test("says how to mend a container that is gone", async () => {
        await withEngine(404, async (wait) => {
            await expect(wait("service")).rejects.toThrow(
                "The container lakehouse-test-part was removed behind Pulumi's back. Fix it with: pulumi up --refresh",
            );
        });
    });
});
