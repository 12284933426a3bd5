import type { AwsSize } from "../target/aws-settings";
import type { ExecutorNodes } from "./aws-nodes";
import { CONF_DIR, CONTAINER_SECURITY, POD_SECURITY, sparkDirs } from "./pods";

/** Address of the API server inside of every cluster. */
export const MASTER_URL = "k8s://https://kubernetes.default.svc:443";
/** Service account of executors. */
export const EXECUTOR = "spark-executor";
/** File in the configuration's directory with the pod that executors are made from. */
export const EXECUTOR_POD_FILE = "executor-pod.yaml";
const EXECUTOR_CONTAINER = "executor";
/** A spot instance ends two minutes after its notice. */
const GRACE_SECONDS = 120;
/** Limit of an executor's /tmp, in GiB. */
const TMP_GIB = 2;

/** How much one application may use. */
export interface SparkSize {
    readonly maxExecutors: number;
    readonly executorCores: number;
    /** What an executor asks of its node, as Kubernetes writes cores: less, as the node's own agents need some. */
    readonly executorCpu: string;
    /** Heap in MiB; the pod has 1.4 times as much, for Python and the JVM itself. */
    readonly executorMemoryMiB: number;
    /** Disk for shuffles and spilled data, in GiB. */
    readonly scratchGiB: number;
    /** Heap of a driver, as Spark writes it. */
    readonly driverMemory: string;
}

/** Executors for nodes with 4 GiB a core, so that one, two or more fill one. */
export const SPARK_SIZES: Readonly<Record<AwsSize, SparkSize>> = {
    small: {
        maxExecutors: 4,
        executorCores: 2,
        executorCpu: "1700m",
        executorMemoryMiB: 4096,
        scratchGiB: 10,
        driverMemory: "1g",
    },
    medium: {
        maxExecutors: 16,
        executorCores: 4,
        executorCpu: "3400m",
        executorMemoryMiB: 10_240,
        scratchGiB: 20,
        driverMemory: "2g",
    },
    large: {
        maxExecutors: 64,
        executorCores: 8,
        executorCpu: "6800m",
        executorMemoryMiB: 20_480,
        scratchGiB: 40,
        driverMemory: "4g",
    },
};

/** S3A takes the role of the pod from the agent of EKS Pod Identity; Iceberg's S3 client finds it by itself. */
const POD_IDENTITY = {
    "spark.hadoop.fs.s3a.aws.credentials.provider":
        "software.amazon.awssdk.auth.credentials.ContainerCredentialsProvider",
};

/** What the history server has beside store and event logs: every look at S3 is a request that costs. */
export const HISTORY_CONF = { ...POD_IDENTITY, "spark.history.fs.update.interval": "30s" };

/**
 * Spark on Kubernetes, with the driver in a pod that somebody else made
 * (https://spark.apache.org/docs/4.1.1/running-on-kubernetes.html#client-mode). Pure. The driver's pod and address are added in
 * it, by the images' entry point and by who submits.
 *
 * @param image reference of the executors' image
 */
export function kubernetesConf(size: SparkSize, namespace: string, image: string): Record<string, string> {
    return {
        ...POD_IDENTITY,
        "spark.kubernetes.namespace": namespace,
        "spark.kubernetes.container.image": image,
        "spark.kubernetes.executor.podTemplateFile": `${CONF_DIR}/${EXECUTOR_POD_FILE}`,
        "spark.kubernetes.executor.podTemplateContainerName": EXECUTOR_CONTAINER,
        "spark.kubernetes.executor.request.cores": size.executorCpu,
        "spark.executor.cores": String(size.executorCores),
        "spark.executor.memoryOverheadFactor": "0.4",
        // An application has the executors that its waiting tasks need, and none while it has none.
        "spark.dynamicAllocation.enabled": "true",
        "spark.dynamicAllocation.shuffleTracking.enabled": "true",
        "spark.dynamicAllocation.minExecutors": "0",
        "spark.dynamicAllocation.maxExecutors": String(size.maxExecutors),
        "spark.dynamicAllocation.cachedExecutorIdleTimeout": "10m",
        // An executor whose node is taken away hands its shuffle files and cached blocks to others first.
        "spark.decommission.enabled": "true",
        "spark.storage.decommission.enabled": "true",
        "spark.storage.decommission.rddBlocks.enabled": "true",
        "spark.storage.decommission.shuffleBlocks.enabled": "true",
        "spark.kubernetes.decommission.script": "/opt/lakehouse/decommission-executor",
        "spark.kubernetes.executor.terminationGracePeriodSeconds": `${GRACE_SECONDS}s`,
        // Without these, a driver would need rights on config maps, volume claims and services as well.
        "spark.kubernetes.executor.disableConfigMap": "true",
        "spark.kubernetes.driver.ownPersistentVolumeClaim": "false",
        "spark.kubernetes.driver.reusePersistentVolumeClaim": "false",
        "spark.kubernetes.driver.service.deleteOnTermination": "false",
    };
}

/**
 * The pod that every executor is made from. Spark adds image, arguments, memory, cores and most of the environment
 * (https://spark.apache.org/docs/4.1.1/running-on-kubernetes.html#pod-template).
 *
 * @returns text of a YAML file, in the part of YAML that is JSON
 */
export function executorPodTemplate(
    size: SparkSize,
    region: string,
    nodes: Pick<ExecutorNodes, "nodeSelector" | "tolerations">,
): string {
    const { volumes, volumeMounts } = sparkDirs(`${TMP_GIB}Gi`, `${size.scratchGiB}Gi`);
    // The rest is for logs.
    const disk = { "ephemeral-storage": `${size.scratchGiB + TMP_GIB + 1}Gi` };
    return toYaml({
        apiVersion: "v1",
        kind: "Pod",
        metadata: { labels: { app: EXECUTOR } },
        spec: {
            securityContext: POD_SECURITY,
            serviceAccountName: EXECUTOR,
            // An executor talks to its driver only.
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            nodeSelector: nodes.nodeSelector,
            tolerations: nodes.tolerations,
            containers: [
                {
                    name: EXECUTOR_CONTAINER,
                    env: [{ name: "AWS_REGION", value: region }],
                    resources: { requests: disk, limits: disk },
                    securityContext: CONTAINER_SECURITY,
                    volumeMounts,
                },
            ],
            volumes,
        },
    });
}

/** Writes an object as YAML; each JSON text is one. */
export function toYaml(object: object): string {
    return `${JSON.stringify(object, null, 2)}\n`;
}
