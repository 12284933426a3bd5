import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { LocalTarget } from "../target";
import { type Env, renderEnv } from "./env";
import { allReady, type Ready } from "./ready";
import { waitForContainer } from "./watch";

/** What differs between the platform's containers. */
export interface ContainerSpec {
    /** Name inside the network, and the suffix of all other names. */
    readonly service: string;
    /** `service` runs until it is stopped; `init` ends and must end well. */
    readonly role: "service" | "init";
    /** Id of the image. */
    readonly image: pulumi.Input<string>;
    /** Command for the image's entry point; without one the image's own. */
    readonly command?: string[];
    readonly env?: Env;
    /** Upper limit in MiB. */
    readonly memoryMiB: number;
    /** Health check of a service, a command inside the container. */
    readonly health?: readonly string[];
    /** Seconds between two health checks. Each starts a process, which a laptop should not notice. */
    readonly healthEverySeconds?: number;
    /** Ports published on 127.0.0.1. */
    readonly ports?: readonly { readonly inside: number; readonly outside: number }[];
    readonly mounts?: readonly Mount[];
    /** Files put into the container at creation; they belong to root and are readable by all. */
    readonly files?: Readonly<Record<string, pulumi.Input<string>>>;
    /** Seconds between the stop signal and the kill. */
    readonly stopSeconds?: number;
    /** What must be ready before this container starts. */
    readonly after?: readonly Ready[];
}

/** A directory or file from the host, or a named volume. */
export interface Mount {
    readonly source: { readonly path: string } | { readonly volume: pulumi.Input<string> };
    readonly target: string;
    readonly readOnly: boolean;
}

/** Uid and gid of the user of every image. */
const UID = 10001;
/** Exit code that tells Pulumi's language host that the reason was shown. */
const ERROR_SHOWN = 32;
/** Changes of these are not applied to a running container by the provider. */
const NOT_APPLIED_IN_PLACE = ["healthcheck", "tmpfs", "capabilities", "securityOpts", "stopTimeout", "mounts"];

/**
 * Runs one container of the stack.
 *
 * @param name prefix of the logical name
 * @returns a handle that resolves once the container is healthy, or the init step ended well
 */
export function runContainer(name: string, spec: ContainerSpec, target: LocalTarget, parent: pulumi.Resource): Ready {
    const { container } = createContainer(name, spec, target, parent);
    return whenReady(container, spec.role);
}

/** Creates the container without waiting for its health. */
export function createContainer(
    name: string,
    spec: ContainerSpec,
    target: LocalTarget,
    parent: pulumi.Resource,
): { container: docker.Container; started: Ready } {
    const isService = spec.role === "service";
    const container = new docker.Container(
        `${name}-${spec.service}`,
        {
            name: `${target.prefix}-${spec.service}`,
            hostname: spec.service,
            image: spec.image,
            command: spec.command,
            envs: renderEnv(spec.env ?? {}),
            networksAdvanced: [{ name: target.network, aliases: [spec.service] }],
            ports: (spec.ports ?? []).map(({ inside, outside }) => ({
                internal: inside,
                external: outside + target.portOffset,
                ip: "127.0.0.1",
            })),
            mounts: (spec.mounts ?? []).map(({ source, target: inside, readOnly }) => ({
                type: "path" in source ? "bind" : "volume",
                source: "path" in source ? source.path : source.volume,
                target: inside,
                readOnly,
            })),
            // Java unpacks its native libraries to /tmp and must be able to execute them there.
            tmpfs: { "/tmp": "exec,mode=1777", "/run/lakehouse": `uid=${UID},gid=${UID},mode=0700` },
            uploads: Object.entries(spec.files ?? {}).map(([file, content]) => ({ file, content })),
            labels: labels(target, spec.service, spec.role),
            memory: spec.memoryMiB,
            memorySwap: spec.memoryMiB,
            capabilities: { drops: ["ALL"] },
            securityOpts: ["no-new-privileges:true"],
            restart: isService ? "unless-stopped" : "no",
            // The program itself waits and reports (watch.ts); an ended init step is no fault.
            mustRun: false,
            wait: false,
            destroyGraceSeconds: spec.stopSeconds ?? 10,
            stopTimeout: spec.stopSeconds ?? 10,
            healthcheck: spec.health && {
                tests: ["CMD", ...spec.health],
                interval: `${spec.healthEverySeconds ?? 10}s`,
                timeout: "20s",
                retries: 6,
                startPeriod: "2m0s",
            },
        },
        {
            parent,
            dependsOn: allReady(spec.after ?? []),
            replaceOnChanges: NOT_APPLIED_IN_PLACE,
            deleteBeforeReplace: true,
        },
    );
    return { container, started: pulumi.output([container]) };
}

/** Resolves once the container is healthy, or its init step ended well; at once in a preview. */
export function whenReady(container: docker.Container, role: ContainerSpec["role"]): Ready {
    return pulumi.all([container.id, container.name]).apply(async ([id, name]) => {
        if (!pulumi.runtime.isDryRun()) {
            await waitForContainer(id, name, role).catch(endProgram);
        }
        return [container];
    });
}

/**
 * Shows an error and ends the program at once; the engine finishes what is under way and records it.
 *
 * The error must not be thrown into the graph of outputs: Pulumi keeps a debugger session open, in which V8 walks that graph
 * at every rejection to learn whether anybody handles it. Here that takes half a minute and gigabytes.
 */
async function endProgram(error: Error): Promise<never> {
    await pulumi.log.error(error.message);
    process.exit(ERROR_SHOWN);
}

/** Creates a data volume, which survives a destroy when the stack's settings say so. */
export function createVolume(
    name: string,
    volume: string,
    target: LocalTarget,
    parent: pulumi.Resource,
): pulumi.Output<string> {
    return new docker.Volume(
        `${name}-${volume}`,
        { name: `${target.prefix}-${volume}`, labels: labels(target, volume, "data") },
        { parent, retainOnDelete: target.keepData },
    ).name;
}

/** Labels by which everything of a stack is found. */
export function labels(
    target: Pick<LocalTarget, "stack">,
    service: string,
    role: string,
): { label: string; value: string }[] {
    return [
        { label: "lakehouse.role", value: role },
        { label: "lakehouse.service", value: service },
        { label: "lakehouse.stack", value: target.stack },
    ];
}
