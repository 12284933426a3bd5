import Docker from "dockerode";
import { UserError } from "./user-error";

/** How long a container may take to become healthy or an init step to end, in seconds. */
const DEADLINE_S = 300;
const POLL_MS = 500;
const LOG_LINES = 20;
const programStart = new Date();

let client: Docker | undefined;

/** The engine that DOCKER_HOST names, or the one behind the default socket. */
export function docker(): Docker {
    client ??= new Docker();
    return client;
}

/**
 * Waits until a container is healthy (role `service`) or has ended with exit code 0 (role `init`). The Docker provider's
 * own wait does not notice that a container died; this one reports it within a second.
 *
 * A container that had already stopped before this program started is started again: it is left over from an
 * update that failed, or somebody stopped it.
 *
 * @param id the container's id
 * @param name the container's name, for messages
 * @throws UserError with the container's last log lines when it dies, turns unhealthy or takes too long
 */
export async function waitForContainer(id: string, name: string, role: "service" | "init"): Promise<void> {
    const container = docker().getContainer(id);
    const deadline = Date.now() + DEADLINE_S * 1000;
    let restarted = false;
    for (;;) {
        const { State: state, RestartCount: restarts } = await inspect(container, name);
        const ended = state.Status === "exited" || state.Status === "dead";
        if (
            ended &&
            !(role === "init" && state.ExitCode === 0) &&
            !restarted &&
            new Date(state.FinishedAt) < programStart
        ) {
            await container.start();
            restarted = true;
            continue;
        }
        if (role === "init" && ended) {
            if (state.ExitCode === 0) {
                return;
            }
            throw await failure(container, `The step ${name} failed with exit code ${state.ExitCode}.`);
        }
        if (role === "service" && state.Health?.Status === "healthy") {
            return;
        }
        if (role === "service" && (ended || (state.Status === "restarting" && restarts > 0))) {
            throw await failure(container, `The container ${name} died with exit code ${state.ExitCode}.`);
        }
        if (role === "service" && state.Health?.Status === "unhealthy") {
            const probe = state.Health.Log?.at(-1)?.Output.trim();
            throw await failure(container, `The container ${name} is unhealthy. Its health check says: ${probe}`);
        }
        if (Date.now() > deadline) {
            throw await failure(container, `The container ${name} was not ready after ${DEADLINE_S} s.`);
        }
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
}

async function inspect(container: Docker.Container, name: string): Promise<Docker.ContainerInspectInfo> {
    try {
        return await container.inspect();
    } catch (error) {
        if ((error as { statusCode?: number }).statusCode === 404) {
            throw new UserError(
                `The container ${name} was removed behind Pulumi's back. Fix it with: pulumi up --refresh (make up does so)`,
            );
        }
        throw error;
    }
}

async function failure(container: Docker.Container, what: string): Promise<UserError> {
    const raw = await container.logs({ stdout: true, stderr: true, tail: LOG_LINES });
    const lines = demultiplex(raw).trimEnd().split("\n").join("\n    ");
    return new UserError(`${what} Its last log lines:\n    ${lines}`);
}

/** Without a terminal, the engine frames each piece of a log with 8 bytes; the last 4 of them hold its length. */
function demultiplex(raw: Buffer): string {
    const pieces: Buffer[] = [];
    for (let at = 0; at + 8 <= raw.length;) {
        const length = raw.readUInt32BE(at + 4);
        pieces.push(raw.subarray(at + 8, at + 8 + length));
        at += 8 + length;
    }
    return Buffer.concat(pieces).toString("utf8");
}
