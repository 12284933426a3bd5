import type { SparkPods } from "../spark-cluster";
import { toYaml } from "../spark-cluster/kubernetes";
import { CONTAINER_SECURITY, driverDirs, driverEnvironment, ON_DEMAND, POD_SECURITY } from "../spark-cluster/pods";
import type { AwsSize } from "../target/aws-settings";

/** Cores asked for, and memory in GiB: the driver's heap (components/spark-cluster/kubernetes.ts), dbt itself, and the JVM's own. */
const RESOURCES: Readonly<Record<AwsSize, { readonly cpu: string; readonly memoryGiB: number }>> = {
    small: { cpu: "500m", memoryGiB: 3 },
    medium: { cpu: "1", memoryGiB: 4 },
    large: { cpu: "2", memoryGiB: 7 },
};

/**
 * The pod of a dbt command, a Spark driver; Airflow adds image, command and a name of its own. Pure.
 *
 * @returns text of a YAML file
 */
export function dbtPodTemplate(pods: SparkPods, size: AwsSize, serviceAccount: string, namespace: string): string {
    const { volumes, volumeMounts } = driverDirs(pods.confMap, "2Gi", "5Gi");
    const { cpu, memoryGiB } = RESOURCES[size];
    return toYaml({
        apiVersion: "v1",
        kind: "Pod",
        metadata: { namespace, labels: { app: "dbt" } },
        spec: {
            securityContext: POD_SECURITY,
            serviceAccountName: serviceAccount,
            enableServiceLinks: false,
            restartPolicy: "Never",
            // The driver lives as long as its application: no instance that may be taken back.
            nodeSelector: ON_DEMAND,
            containers: [
                {
                    // The one that KubernetesPodOperator looks after.
                    name: "base",
                    ...driverEnvironment(pods),
                    resources: {
                        requests: { cpu, memory: `${memoryGiB}Gi` },
                        limits: { memory: `${memoryGiB}Gi` },
                    },
                    securityContext: CONTAINER_SECURITY,
                    volumeMounts,
                },
            ],
            volumes,
        },
    });
}
