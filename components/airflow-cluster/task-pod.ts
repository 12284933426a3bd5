import { toYaml } from "../spark-cluster/kubernetes";
import { CONTAINER_SECURITY, driverDirs, driverEnvironment, ON_DEMAND, POD_SECURITY } from "../spark-cluster/pods";
import type { SparkFacts, SparkPods } from "../spark-cluster";
import type { Resources } from "./sizes";

/** Service account of the tasks. */
export const TASK_ACCOUNT = "airflow-task";
/** Where a task finds the pod that dbt runs in. */
const DBT_POD_DIR = "/opt/lakehouse/dbt";
const LOGS_DIR = "/opt/airflow/logs";

/** What a task's pod is made from. */
export interface TaskPodFacts {
    readonly namespace: string;
    /** Reference of Airflow's image, with the DAGs in it. */
    readonly image: string;
    /** Config map with the file airflow.cfg. */
    readonly configMap: string;
    readonly sparkMasterUrl: SparkFacts["masterUrl"];
    readonly spark: SparkPods;
    readonly dbt: { readonly image: string; readonly templateMap: string };
    readonly resources: Resources;
}

/** How dags/utils runs dbt: by what it is told here, not by where it is. */
export function dbtEnv({ image }: { readonly image: string }): Readonly<Record<string, string>> {
    return {
        LAKEHOUSE_DBT_IMAGE: image,
        LAKEHOUSE_DBT_POD_TEMPLATE: `${DBT_POD_DIR}/pod.yaml`,
        LAKEHOUSE_DBT_RUNNER: "pods",
    };
}

/**
 * The pod of every task: a Spark driver, with nothing of Airflow's secrets, as tasks talk to the api-server by a token of their
 * own. KubernetesExecutor adds the command and names. Pure.
 *
 * @returns text of a YAML file
 */
export function taskPodTemplate(facts: TaskPodFacts): string {
    const { spark, dbt } = facts;
    const driver = driverEnvironment(spark);
    const { volumes, volumeMounts } = driverDirs(spark.confMap, "2Gi", "5Gi");
    const env = { ...dbtEnv(dbt), AIRFLOW_CONN_SPARK_DEFAULT: sparkConnection(facts.sparkMasterUrl, facts.namespace) };
    return toYaml({
        apiVersion: "v1",
        kind: "Pod",
        metadata: {
            name: TASK_ACCOUNT,
            namespace: facts.namespace,
            labels: { app: TASK_ACCOUNT },
            // A task that has begun is not moved to save a node (https://karpenter.sh/docs/concepts/disruption/#pod-level-controls).
            annotations: { "karpenter.sh/do-not-disrupt": "true" },
        },
        spec: {
            securityContext: POD_SECURITY,
            serviceAccountName: TASK_ACCOUNT,
            enableServiceLinks: false,
            restartPolicy: "Never",
            // Time for spark-submit to end its executors and for the log to reach S3.
            terminationGracePeriodSeconds: 60,
            nodeSelector: ON_DEMAND,
            containers: [
                {
                    // The one that KubernetesExecutor fills in.
                    name: "base",
                    image: facts.image,
                    ...driver,
                    env: [
                        ...(driver.env as object[]),
                        ...Object.entries(env).map(([name, value]) => ({ name, value })),
                    ],
                    securityContext: CONTAINER_SECURITY,
                    resources: facts.resources,
                    volumeMounts: [
                        {
                            name: "config",
                            mountPath: "/opt/airflow/airflow.cfg",
                            subPath: "airflow.cfg",
                            readOnly: true,
                        },
                        { name: "dbt-pod", mountPath: DBT_POD_DIR, readOnly: true },
                        { name: "logs", mountPath: LOGS_DIR },
                        ...volumeMounts,
                    ],
                },
            ],
            volumes: [
                { name: "config", configMap: { name: facts.configMap } },
                { name: "dbt-pod", configMap: { name: dbt.templateMap } },
                { name: "logs", emptyDir: { sizeLimit: "1Gi" } },
                ...volumes,
            ],
        },
    });
}

/** The connection that SparkSubmitOperator takes its master from. */
function sparkConnection(masterUrl: string, namespace: string): string {
    const [, host, port] = /^(k8s:\/\/.+):(\d+)$/.exec(masterUrl) ?? [];
    if (host === undefined) {
        throw new Error(`${masterUrl} is no Kubernetes cluster with a port`);
    }
    return JSON.stringify({
        conn_type: "spark",
        host,
        port: Number(port),
        extra: { "deploy-mode": "client", namespace },
    });
}
