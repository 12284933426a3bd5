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

/** What a cluster that stands in for EKS must know beside the objects. */
export interface ClusterFacts {
    /** References of the platform's images, by their targets in images/Dockerfile. */
    readonly images: Readonly<Record<string, string>>;
    /** IAM policies of the service accounts that have a role. */
    readonly roles: Readonly<Record<string, unknown>>;
    /** The pod of every Airflow task, as the chart gets it. */
    readonly taskPod: unknown;
    readonly buckets: readonly string[];
    /** Objects in them, without the files that are uploaded. */
    readonly objects: readonly { readonly bucket: string; readonly key: string; readonly content: string }[];
    /** Glue databases, by name, and where their tables' files are. */
    readonly databases: Readonly<Record<string, string>>;
}

/** Gathers them from what was registered. */
export function factsOf(registrations: readonly Registration[]): ClusterFacts {
    const inputsOf = (type: string): Record<string, unknown>[] =>
        registrations.filter((each) => each.type === type).map(({ inputs }) => inputs);
    const images = inputsOf("docker:index/registryImage:RegistryImage").map(({ name }) => String(name));
    const policies = new Map(inputsOf("aws:iam/rolePolicy:RolePolicy").map(({ role, policy }) => [role, policy]));
    // An association names the ARN, a policy the role.
    const roles = inputsOf("aws:eks/podIdentityAssociation:PodIdentityAssociation").map(
        ({ serviceAccount, roleArn }): [string, unknown] => [
            String(serviceAccount),
            JSON.parse(String(policies.get(String(roleArn).split("/").at(-1)))),
        ],
    );
    const [chart] = inputsOf("kubernetes:helm.sh/v4:Chart");
    return {
        images: Object.fromEntries(images.map((reference) => [/([^/:]+):[^:]+$/.exec(reference)![1]!, reference])),
        roles: Object.fromEntries(roles),
        taskPod: load((chart!.values as { podTemplate: string }).podTemplate),
        buckets: inputsOf("aws:s3/bucket:Bucket").map(({ bucket }) => String(bucket)),
        objects: inputsOf("aws:s3/bucketObjectv2:BucketObjectv2")
            .filter(({ content }) => content !== undefined)
            .map(({ bucket, key, content }) => ({
                bucket: String(bucket),
                key: String(key),
                content: String(content),
            })),
        databases: Object.fromEntries(
            inputsOf("aws:glue/catalogDatabase:CatalogDatabase").map(({ name, locationUri }) => [name, locationUri]),
        ) as Record<string, string>,
    };
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
