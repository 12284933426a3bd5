import { dump } from "js-yaml";
import type { Resource, Rule } from "../rule";

/** Resources that break a rule, and what the rule must say of them. */
export interface BadExample {
    readonly rule: Rule;
    /** What is bad about it. */
    readonly what: string;
    readonly resources: readonly Resource[];
    readonly environment?: string;
    /** All findings of the rule, in order. */
    readonly findings: readonly string[];
}

/** A registration as the recorder would have made it. */
export function registered(
    type: string,
    name: string,
    inputs: Resource["inputs"] = {},
    secretInputs: string[] = [],
): Resource {
    return { type, name, inputs, secretInputs, protect: false };
}

/** A policy document with one statement. */
export const policy = (statement: object): string =>
    JSON.stringify({ Version: "2012-10-17", Statement: [{ Sid: "Bad", Effect: "Allow", ...statement }] });

/** A deployment of one container; without changes, it breaks no rule. */
export function deployment(pod: object = {}, container: object = {}): Resource {
    return registered("kubernetes:apps/v1:Deployment", "bad", {
        metadata: { name: "bad" },
        spec: { template: { spec: podSpec(pod, container) } },
    });
}

/** A config map with the template of a pod. */
export function podTemplate(key: string, container: object): Resource {
    const pod = { apiVersion: "v1", kind: "Pod", spec: podSpec({}, container) };
    return registered("kubernetes:core/v1:ConfigMap", "bad", { data: { [key]: dump(pod) } });
}

function podSpec(pod: object, container: object): object {
    return {
        automountServiceAccountToken: false,
        serviceAccountName: "spark-history",
        securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
        containers: [
            {
                name: "main",
                image: "registry.example/lakehouse/spark:0123456789ab",
                resources: { requests: { cpu: "1", memory: "1Gi" }, limits: { memory: "1Gi" } },
                securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
                ...container,
            },
        ],
        ...pod,
    };
}
