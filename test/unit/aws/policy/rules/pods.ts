import { load } from "js-yaml";
import { at, listOf, type Resource, type Rule, wrong } from "../rule";

/** A pod that a resource makes, or that somebody makes from a template in a config map. */
interface Pod {
    /** Where it stands in the resource. */
    readonly path: string;
    readonly spec: unknown;
    /** Whether Spark or Airflow fills it in when it makes a pod of it. */
    readonly isTemplate: boolean;
}

/** Where kinds keep their pods. */
const PODS: Record<string, string> = {
    "kubernetes:apps/v1:DaemonSet": "spec.template.spec",
    "kubernetes:apps/v1:Deployment": "spec.template.spec",
    "kubernetes:apps/v1:StatefulSet": "spec.template.spec",
    "kubernetes:batch/v1:CronJob": "spec.jobTemplate.spec.template.spec",
    "kubernetes:batch/v1:Job": "spec.template.spec",
    "kubernetes:core/v1:Pod": "spec",
};

/** All pods of a resource. */
export function podsOf({ type, inputs }: Resource): Pod[] {
    const path = PODS[type];
    if (path !== undefined) {
        return [{ path, spec: at(inputs, path), isTemplate: false }];
    }
    if (type !== "kubernetes:core/v1:ConfigMap") {
        return [];
    }
    return Object.entries((inputs.data ?? {}) as Record<string, string>)
        .filter(([, text]) => /^kind: "?Pod"?$/m.test(text) || /^\{.*"kind": ?"Pod"/s.test(text))
        .map(([key, text]) => ({ path: `data.${key}`, spec: at(load(text), "spec"), isTemplate: true }));
}

const containersOf = (spec: unknown): [path: string, container: unknown][] =>
    ["initContainers", "containers"].flatMap((list) =>
        listOf(at(spec, list)).map((container): [string, unknown] => [
            `${list}.${String(at(container, "name"))}`,
            container,
        ]),
    );

/** A rule over every pod. */
function podRule(
    name: string,
    description: string,
    judge: (spec: unknown, pod: Pod) => [path: string, problem: string][],
): Rule {
    return {
        name,
        description,
        check: (resource) =>
            podsOf(resource).flatMap((pod) =>
                judge(pod.spec, pod).map(([path, problem]) => wrong(resource, `${pod.path}.${path}`, problem)),
            ),
    };
}

export const confinedPods = podRule(
    "confined pods",
    "A pod has no rights on its node: Kubernetes' standard `restricted` (https://kubernetes.io/docs/concepts/security/pod-security-standards/).",
    (spec) => {
        const found: [string, string][] = [];
        for (const sharing of ["hostNetwork", "hostPID", "hostIPC"]) {
            if (at(spec, sharing)) {
                found.push([sharing, "shares the node's"]);
            }
        }
        for (const volume of listOf(at(spec, "volumes"))) {
            if (at(volume, "hostPath") !== undefined) {
                found.push([`volumes.${String(at(volume, "name"))}`, "is a directory of the node"]);
            }
        }
        for (const [path, container] of containersOf(spec)) {
            const own = (property: string): unknown =>
                at(container, `securityContext.${property}`) ?? at(spec, `securityContext.${property}`);
            if (own("privileged")) {
                found.push([`${path}.securityContext.privileged`, "is true"]);
            }
            if (own("runAsNonRoot") !== true || own("runAsUser") === 0) {
                found.push([`${path}.securityContext.runAsNonRoot`, "is not true"]);
            }
            if (own("allowPrivilegeEscalation") !== false) {
                found.push([`${path}.securityContext.allowPrivilegeEscalation`, "is not false"]);
            }
            if (!listOf(own("capabilities.drop")).includes("ALL") || listOf(own("capabilities.add")).length > 0) {
                found.push([`${path}.securityContext.capabilities`, "are not all dropped"]);
            }
            if (own("seccompProfile.type") !== "RuntimeDefault") {
                found.push([`${path}.securityContext.seccompProfile`, "is not RuntimeDefault"]);
            }
        }
        return found;
    },
);

/** Containers whose resources are set by who makes the pod, and where. */
const SIZED_ELSEWHERE: Record<string, string> = {
    "data.executor-pod.yaml": "spark.kubernetes.executor.request.cores and spark.executor.memory",
};

export const sizedPods = podRule(
    "sized pods",
    "A pod says what it needs, so that it fits its node, and how much memory it may take.",
    (spec, { path: where }) =>
        where in SIZED_ELSEWHERE
            ? []
            : containersOf(spec).flatMap(([path, container]) =>
                  ["requests.cpu", "requests.memory", "limits.memory"]
                      .filter((property) => at(container, `resources.${property}`) === undefined)
                      .map((property): [string, string] => [`${path}.resources.${property}`, "is not set"]),
              ),
);

/** A tag that is a hash of what is in the image, or the digest itself. */
const PINNED_IMAGE = /(:[0-9a-f]{12,64}|@sha256:[0-9a-f]{64})$/;

export const pinnedImages = podRule(
    "pinned images",
    "A pod runs what was tested: its image is named by a hash, not by a tag that moves.",
    (spec, { isTemplate }) =>
        containersOf(spec).flatMap(([path, container]): [string, string][] => {
            const image = at(container, "image");
            if (image === undefined && isTemplate) {
                return [];
            }
            return PINNED_IMAGE.test(String(image)) ? [] : [[`${path}.image`, `is ${String(image)}`]];
        }),
);

/** Service accounts whose pods talk to the Kubernetes API, and why. */
const WITH_TOKEN: Record<string, string> = {
    airflow: "the scheduler starts task pods",
    "airflow-task": "a task is a Spark driver and starts executors, or starts dbt's pod",
    dbt: "dbt's pod is a Spark driver and starts executors",
};

export const noNeedlessToken: Rule = {
    name: "no needless token",
    description: "Only pods that start pods hold a token of the Kubernetes API.",
    check: (resource) => {
        const { type, inputs } = resource;
        const property = "automountServiceAccountToken";
        const own = String(at(inputs, "metadata.name"));
        if (type === "kubernetes:core/v1:ServiceAccount" && inputs[property] !== false && !(own in WITH_TOKEN)) {
            return [wrong(resource, property, "is not false")];
        }
        return podsOf(resource).flatMap(({ path, spec }) => {
            const account = at(spec, "serviceAccountName");
            if (account === undefined && at(spec, property) !== false) {
                return [wrong(resource, `${path}.${property}`, "is not false, and no service account is named")];
            }
            return at(spec, property) === true && !(String(account) in WITH_TOKEN)
                ? [wrong(resource, `${path}.${property}`, `is true for ${String(account)}`)]
                : [];
        });
    },
};
