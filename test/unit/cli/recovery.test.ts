import type { ContainerFact } from "../../../tools/cli/docker";
import { planRecovery, type StackState, type StateResource } from "../../../tools/cli/recovery";

const NOTHING = {
    removeContainers: [],
    removeNetworks: [],
    clearPending: false,
    refresh: false,
    reasons: [],
};

const fact = (service: string, id = `id-${service}`): ContainerFact => ({
    id,
    image: "sha256:1",
    name: `lakehouse-local-${service}`,
    service,
    role: "service",
    state: "running",
    health: "healthy",
    startedAt: "2026-01-01T00:00:00Z",
    exitCode: 0,
});

function resource(kind: "container" | "network" | "volume", name: string, rest: Partial<StateResource> = {}) {
    const type = `docker:index/${kind}:${kind.charAt(0).toUpperCase()}${kind.slice(1)}`;
    return { urn: `urn:pulumi:local::lakehouse::${type}::${name}`, type, ...rest };
}

const state = (resources: StateResource[], pending: [string, StateResource][] = []): StackState => ({
    deployment: {
        resources,
        pending_operations: pending.map(([type, pendingResource]) => ({ type, resource: pendingResource })),
    },
});

test("a complete stack and an empty one need nothing", () => {
    const complete = state([resource("container", "minio", { id: "id-minio" })]);
    expect(planRecovery(complete, [fact("minio")])).toEqual(NOTHING);
    expect(planRecovery({ deployment: {} }, [])).toEqual(NOTHING);
});

test("what was being created when the run was cut off is removed, except data and what never came to be", () => {
    const cut = state(
        [resource("container", "minio", { id: "id-minio" })],
        [
            ["creating", resource("container", "dbt-dbt", { inputs: { name: "lakehouse-local-dbt" } })],
            ["creating", resource("container", "spark", { inputs: { name: "lakehouse-local-spark-master" } })],
            ["creating", resource("network", "net", { inputs: { name: "lakehouse-local" } })],
            ["creating", resource("volume", "data", { inputs: { name: "lakehouse-local-minio" } })],
        ],
    );
    expect(planRecovery(cut, [fact("minio"), fact("dbt")])).toEqual({
        removeContainers: ["lakehouse-local-dbt"],
        removeNetworks: ["lakehouse-local"],
        clearPending: true,
        refresh: false,
        reasons: ["an earlier run was cut off while it worked on dbt-dbt, spark, net, data"],
    });
});

test("a deletion that was cut off only has to be forgotten", () => {
    const minio = resource("container", "minio", { id: "id-minio", inputs: { name: "lakehouse-local-minio" } });
    expect(planRecovery(state([minio], [["deleting", minio]]), [fact("minio")])).toMatchObject({
        removeContainers: [],
        clearPending: true,
        refresh: false,
    });
});

test("a recorded container that is gone asks for a refresh", () => {
    const recorded = state([
        resource("container", "minio", { id: "id-minio" }),
        resource("container", "postgres", { id: "id-postgres" }),
    ]);
    expect(planRecovery(recorded, [fact("minio")])).toEqual({
        ...NOTHING,
        refresh: true,
        reasons: ["no longer there: postgres"],
    });
});

test("a container that Pulumi recorded as not properly started is made anew", () => {
    const recorded = state([resource("container", "minio", { id: "id-minio", initErrors: ["timeout"] })]);
    expect(planRecovery(recorded, [fact("minio")])).toEqual({
        ...NOTHING,
        removeContainers: ["lakehouse-local-minio"],
        refresh: true,
        reasons: ["did not start properly: minio"],
    });
});
