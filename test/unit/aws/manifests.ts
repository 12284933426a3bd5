import { dump, load } from "js-yaml";
import type { Registration } from "./support";

/** An object of the cluster as a file. */
export interface Manifest {
    /** Starts with a number, as objects need those that come before them. */
    readonly file: string;
    readonly text: string;
}

/** A Kubernetes object; what the writer needs to know of it. */
interface KubernetesObject {
    readonly apiVersion: string;
    readonly kind: string;
    readonly metadata: { readonly name: string; readonly namespace?: string };
}

/**
 * Every object that the program itself makes in the cluster, and every pod whose template lies in a config map. What the chart
 * makes is not here: its objects come from the chart.
 */
export function manifestsOf(registrations: readonly Registration[]): Manifest[] {
    const objects = registrations
        .filter(({ type }) => type.startsWith("kubernetes:") && !type.startsWith("kubernetes:helm.sh/"))
        .flatMap(({ inputs }) => [inputs as KubernetesObject, ...podsIn(inputs as KubernetesObject)]);
    return objects.map((object, index) => ({
        file: `${String(index + 1).padStart(2, "0")}-${object.kind.toLowerCase()}-${object.metadata.name}.yaml`,
        text: dump(object, { noRefs: true, lineWidth: -1 }),
    }));
}

/** The pods whose templates lie in a config map; a template needs no name, an object does. */
function podsIn({ kind, metadata, ...rest }: KubernetesObject): KubernetesObject[] {
    const data = kind === "ConfigMap" ? (rest as { data?: Record<string, string> }).data : undefined;
    return Object.entries(data ?? {})
        .filter(([key]) => /pod[\w-]*\.ya?ml$/.test(key))
        .map(([key, text]) => {
            const pod = load(text) as KubernetesObject;
            const name = `template-of-${metadata.name}-${key.replace(/\.ya?ml$/, "")}`;
            return { ...pod, metadata: { namespace: metadata.namespace, ...pod.metadata, name } };
        });
}
