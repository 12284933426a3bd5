import type * as kubernetes from "@pulumi/kubernetes";
import type { SparkPods } from "./index";

/** Uid and gid of the user of every image (images/Dockerfile). */
const USER = 10001;
/** Where the images' entry point finds Spark's configuration; images/Dockerfile has the same. */
export const CONF_DIR = "/opt/spark/conf";
/** Where it writes what holds secrets. */
const RUN_DIR = "/run/lakehouse";
/** Where shuffles and spilled data go; images/Dockerfile has the same. */
const LOCAL_DIR = "/var/lib/lakehouse/spark/local";

/** Nodes that AWS does not take back at two minutes' notice (https://docs.aws.amazon.com/eks/latest/userguide/create-node-pool.html). */
export const ON_DEMAND = { "karpenter.sh/capacity-type": "on-demand" };

/** What the restricted security standard asks of a pod (https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted). */
export const POD_SECURITY = {
    runAsNonRoot: true,
    runAsUser: USER,
    runAsGroup: USER,
    fsGroup: USER,
    seccompProfile: { type: "RuntimeDefault" },
};

/** What it asks of a container, and more: nothing of an image can be changed. */
export const CONTAINER_SECURITY = {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
};

type Volume = kubernetes.types.input.core.v1.Volume;
type VolumeMount = kubernetes.types.input.core.v1.VolumeMount;
type Container = kubernetes.types.input.core.v1.Container;

/** Volumes of a pod, and where its one container has them. */
export interface Directories {
    readonly volumes: Volume[];
    readonly volumeMounts: VolumeMount[];
}

/**
 * What every process of our images writes to: /tmp, and the files with secrets, which are in memory.
 *
 * @param tmpSize limit of /tmp, such as `1Gi`; a pod that exceeds it is evicted
 */
export function writableDirs(tmpSize: string): Directories {
    return {
        volumes: [
            { name: "run", emptyDir: { medium: "Memory", sizeLimit: "16Mi" } },
            { name: "tmp", emptyDir: { sizeLimit: tmpSize } },
        ],
        volumeMounts: [
            { name: "run", mountPath: RUN_DIR },
            { name: "tmp", mountPath: "/tmp" },
        ],
    };
}

/** Fields of a pod, and of its one container, that runs an image of ours as it should. */
export function restrictedPod(tmpSize: string): {
    readonly pod: { readonly securityContext: typeof POD_SECURITY; readonly volumes: Volume[] };
    readonly container: { readonly securityContext: typeof CONTAINER_SECURITY; readonly volumeMounts: VolumeMount[] };
} {
    const { volumes, volumeMounts } = writableDirs(tmpSize);
    return {
        pod: { securityContext: POD_SECURITY, volumes },
        container: { securityContext: CONTAINER_SECURITY, volumeMounts },
    };
}

/** The directories above, and scratch space for Spark; a volume of this name is what Spark uses instead of making its own. */
export function sparkDirs(tmpSize: string, scratchSize: string): Directories {
    const { volumes, volumeMounts } = writableDirs(tmpSize);
    const name = "spark-local-dir-1";
    return {
        volumes: [...volumes, { name, emptyDir: { sizeLimit: scratchSize } }],
        volumeMounts: [...volumeMounts, { name, mountPath: LOCAL_DIR }],
    };
}

/** The same, with Spark's configuration from a config map. */
export function driverDirs(confMap: string, tmpSize: string, scratchSize: string): Directories {
    const { volumes, volumeMounts } = sparkDirs(tmpSize, scratchSize);
    return {
        volumes: [{ name: "spark-conf", configMap: { name: confMap } }, ...volumes],
        volumeMounts: [{ name: "spark-conf", mountPath: CONF_DIR, readOnly: true }, ...volumeMounts],
    };
}

/** The environment of a driver's container. */
export function driverEnvironment(pods: Pick<SparkPods, "envMap" | "envSecret">): Pick<Container, "env" | "envFrom"> {
    return {
        env: [
            // Where executors reach the driver.
            fromPod("LAKEHOUSE_DRIVER_HOST", "status.podIP"),
            // What the pods that it makes belong to, so that they end with it.
            fromPod("LAKEHOUSE_POD_NAME", "metadata.name"),
            fromPod("LAKEHOUSE_POD_UID", "metadata.uid"),
        ],
        envFrom: [{ configMapRef: { name: pods.envMap } }, { secretRef: { name: pods.envSecret } }],
    };
}

const fromPod = (name: string, fieldPath: string): kubernetes.types.input.core.v1.EnvVar => ({
    name,
    valueFrom: { fieldRef: { fieldPath } },
});
