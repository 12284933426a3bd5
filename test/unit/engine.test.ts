import * as net from "net";
import { parseSettings, type Settings } from "../../config";
import { checkEngine, type EngineFacts, readEngineFacts } from "../../components/target/engine";
import { publishedPorts } from "../../components/target/ports";
import { configuration } from "./support/mocks";

const settings = (overrides: Record<string, string> = {}): Settings =>
    parseSettings(configuration(overrides), "test", "/project", () => false);
const facts: EngineFacts = { memoryMiB: 8192, takenPorts: [] };

describe("container engine", () => {
    test("that can carry the platform passes", () => {
        expect(() => checkEngine(settings(), facts)).not.toThrow();
    });

    test("with too little memory is refused", () => {
        expect(() => checkEngine(settings({ sparkWorkers: "4", sparkWorkerMemory: "64g" }), facts)).toThrow(
            "lakehouse:sparkWorkerMemory: 4 × 64.0 GiB for Spark workers and 3.0 GiB for the rest of the platform are more " +
                "than the container engine's 8.0 GiB. Lower it, or the number of workers, with: " +
                "pulumi config set lakehouse:sparkWorkerMemory 1g",
        );
    });

    test("needs more memory for Spark Connect", () => {
        const small = { ...facts, memoryMiB: 5120 };
        expect(() => checkEngine(settings(), small)).not.toThrow();
        expect(() => checkEngine(settings({ sparkConnect: "true" }), small)).toThrow(
            "lakehouse:sparkWorkerMemory: 1 × 2.0 GiB for Spark workers and 4.3 GiB for the rest of the platform are more",
        );
    });

    test("names the service whose port is taken", () => {
        expect(() => checkEngine(settings({ portOffset: "100" }), { ...facts, takenPorts: [8180] })).toThrow(
            "lakehouse:portOffset: port 8180 (airflow) on 127.0.0.1 is in use by another program. Stop that program, or move " +
                "all ports with: pulumi config set lakehouse:portOffset 200",
        );
    });

    test("that does not answer is named before anything else", async () => {
        const before = process.env.DOCKER_HOST;
        process.env.DOCKER_HOST = "tcp://127.0.0.1:1";
        try {
            await expect(readEngineFacts(settings())).rejects.toThrow(
                /^No container engine answers \(.*ECONNREFUSED.*\)\. Start Docker, or let 'make up' install and start it\./,
            );
        } finally {
            if (before === undefined) {
                delete process.env.DOCKER_HOST;
            } else {
                process.env.DOCKER_HOST = before;
            }
        }
    });
});

describe("a port", () => {
    test("of Spark Connect is published only where the server runs", () => {
        const ports = (sparkConnect: string): number[] =>
            publishedPorts(settings({ sparkConnect, portOffset: "100" })).map(([, port]) => port);
        expect(ports("false")).toEqual([8180, 8181, 9100, 9101, 18_180]);
        expect(ports("true")).toEqual([8180, 8181, 9100, 9101, 15_102, 18_180]);
    });

    test("that a program listens on is taken, unless it is the stack's own", async () => {
        jest.resetModules();
        const own = 40_000;
        const listContainers = jest.fn().mockResolvedValue([{ Ports: [{ PublicPort: own }] }]);
        jest.doMock("../../components/shared/watch", () => ({
            docker: () => ({ info: () => Promise.resolve({ MemTotal: 1024 ** 3 }), listContainers }),
        }));
        const { readEngineFacts: read } = await import("../../components/target/engine");
        const servers = await Promise.all([39_080, own].map(listen));
        try {
            expect(await read(settings({ portOffset: "31000" }))).toEqual({ memoryMiB: 1024, takenPorts: [39_080] });
            expect(listContainers).toHaveBeenCalledWith({ filters: { label: ["lakehouse.stack=test"] } });
        } finally {
            servers.forEach((server) => server.close());
        }
    });
});

function listen(port: number): Promise<net.Server> {
    return new Promise((resolve, reject) => {
        const server = net.createServer().once("error", reject);
        server.listen(port, "127.0.0.1", () => resolve(server));
    });
}
