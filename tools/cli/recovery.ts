import type { ContainerFact } from "./docker";

/** The parts of `pulumi stack export` that recovery looks at. */
export interface StackState {
    version?: number;
    deployment: {
        resources?: StateResource[];
        pending_operations?: { type: string; resource: StateResource }[];
        [other: string]: unknown;
    };
}

export interface StateResource {
    urn: string;
    type: string;
    id?: string;
    inputs?: Record<string, unknown>;
    initErrors?: string[];
}

/** What has to be put right before the next update. */
export interface Recovery {
    /** Containers and networks that exist, or half exist, without being in the state. */
    removeContainers: string[];
    removeNetworks: string[];
    clearPending: boolean;
    refresh: boolean;
    /** One sentence for each decision, for the user. */
    reasons: string[];
}

const CONTAINER = "docker:index/container:Container";
const NETWORK = "docker:index/network:Network";

/**
 * Decides how to go on after a run that was cut off, from the recorded state and what Docker has.
 * Volumes are never touched: creating one that exists finds it again, with its data. Containers that
 * merely stopped are no business of ours either: the program starts them again.
 */
export function planRecovery(state: StackState, found: readonly ContainerFact[]): Recovery {
    const resources = state.deployment.resources ?? [];
    const pending = state.deployment.pending_operations ?? [];
    const reasons: string[] = [];
    const byId = new Map(found.map((fact) => [fact.id, fact]));
    const names = new Set(found.map((fact) => fact.name));

    const half = pending.filter((operation) => operation.type === "creating").map((operation) => operation.resource);
    const removeContainers = namesOf(half, CONTAINER).filter((name) => names.has(name));
    const removeNetworks = namesOf(half, NETWORK);
    if (pending.length > 0) {
        reasons.push(
            `an earlier run was cut off while it worked on ${listed(pending.map((operation) => shortName(operation.resource.urn)))}`,
        );
    }

    const recorded = resources.filter((resource) => resource.type === CONTAINER && resource.id);
    const gone = recorded.filter((resource) => !byId.has(resource.id ?? ""));
    if (gone.length > 0) {
        reasons.push(`no longer there: ${listed(gone.map((resource) => shortName(resource.urn)))}`);
    }

    // Pulumi takes a container that never became healthy for created; only a new one is a fair second try.
    const failed = recorded.filter((resource) => (resource.initErrors ?? []).length > 0 && byId.has(resource.id ?? ""));
    for (const resource of failed) {
        const fact = byId.get(resource.id ?? "");
        if (fact) removeContainers.push(fact.name);
        reasons.push(`did not start properly: ${shortName(resource.urn)}`);
    }

    return {
        removeContainers: [...new Set(removeContainers)],
        removeNetworks,
        clearPending: pending.length > 0,
        refresh: gone.length > 0 || failed.length > 0,
        reasons,
    };
}

/** The last part of a URN, which is the name that the program gave the resource. */
export const shortName = (urn: string): string => urn.split("::").pop() ?? urn;

function namesOf(resources: readonly StateResource[], type: string): string[] {
    return resources
        .filter((resource) => resource.type === type)
        .map((resource) => resource.inputs?.name)
        .filter((name) => typeof name === "string");
}

const listed = (names: readonly string[]): string => [...new Set(names)].join(", ");
