import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { schemasOf } from "../catalog/schemas";
import { createIdentity } from "../shared/aws/identity";
import { publishImage } from "../shared/aws/image";
import { inCluster } from "../shared/aws/options";
import { bucketAccess, keyAccess, type PolicyStatement } from "../shared/aws/policy";
import { allReady, type Ready } from "../shared/ready";
import { driverStatements, LAKE_PREFIXES } from "../spark-cluster/aws-rights";
import { PORTS } from "../target/ports";
import type { AwsTarget } from "../target";
import { runInit } from "./aws-init";
import { createSecrets, SECRET_NAMES } from "./aws-secrets";
import { API_SERVER_PORT, CHART_VERSION, CONFIG_MAP, RELEASE } from "./chart";
import type { AirflowClusterArgs, AirflowClusterOutputs } from "./index";
import { AIRFLOW_SIZES } from "./sizes";
import { TASK_ACCOUNT, taskPodTemplate } from "./task-pod";
import { renderAirflowValues, SERVICE_ACCOUNT } from "./values";

const ADMIN_USER = "admin";
const CHART_REPOSITORY = "https://airflow.apache.org";
/** Where task logs are, below the logs bucket. */
const TASK_LOGS = "airflow";
/** All that KubernetesExecutor asks of the API server, and the api-server for the log of a task that still runs. */
const EXECUTOR_RULES = [
    { apiGroups: [""], resources: ["pods"], verbs: ["create", "delete", "get", "list", "patch", "watch"] },
    { apiGroups: [""], resources: ["pods/log"], verbs: ["get"] },
];

/**
 * Airflow by its official chart, each task in a pod of its own. Its page is reached by
 * `kubectl --namespace lakehouse port-forward service/airflow-api-server 8080`.
 *
 * The chart is a `helm.v4.Chart`, not a `Release`: its objects are the stack's own, so that a preview shows what a new version
 * changes, the policies judge it, and a failed update leaves nothing that only Helm can mend. What v4 lacks, hooks, is not used.
 */
export function createAwsAirflowCluster(
    name: string,
    args: AirflowClusterArgs,
    target: AwsTarget,
    parent: pulumi.Resource,
): AirflowClusterOutputs {
    const { dbt, spark, store } = args;
    const { pods } = spark;
    if (dbt.kind !== "pods" || pods === undefined) {
        throw new Error("on AWS, dbt and Spark's drivers are pods");
    }
    const { namespace, region } = target;
    const size = AIRFLOW_SIZES[target.settings.size];
    const isForwarded = target.settings.airflowAccess === "port-forward";
    const forwardedUrl = `http://localhost:${PORTS.airflow}`;
    const image = publishImage(name, "airflow", target, parent);
    const rights = createIdentities(name, args, driverStatements(pods.data, LAKE_PREFIXES, target), target, parent);
    const secrets = createSecrets(name, { database: args.database, size, adminUser: ADMIN_USER }, target, parent);
    const init = runInit(
        name,
        { image, secretVersion: secrets.initVersion, after: [args.databaseReady, secrets.ready] },
        target,
        parent,
    );
    const values = pulumi.all([image, dbt.image]).apply(([airflowImage, dbtImage]) =>
        renderAirflowValues({
            image: airflowImage,
            region,
            size,
            secrets: SECRET_NAMES,
            taskLogs: `s3://${store.buckets.logs}/${TASK_LOGS}`,
            publicUrl: isForwarded ? forwardedUrl : undefined,
            dbtImage,
            schemas: schemasOf(target),
            taskPod: taskPodTemplate({
                namespace,
                image: airflowImage,
                configMap: CONFIG_MAP,
                sparkMasterUrl: spark.masterUrl,
                spark: pods,
                dbt: { image: dbtImage, templateMap: dbt.templateMap },
                resources: size.task,
            }),
        }),
    );
    const chart = new kubernetes.helm.v4.Chart(
        `${name}-chart`,
        {
            name: RELEASE,
            namespace,
            chart: "airflow",
            version: CHART_VERSION,
            repositoryOpts: { repo: CHART_REPOSITORY },
            values,
        },
        inCluster(target, parent, [init, rights, secrets.ready, args.dbtKeysReady]),
    );
    const ready: Ready = pulumi.output([chart]);
    return {
        url: isForwarded ? forwardedUrl : createInternalAddress(name, ready, target, parent),
        adminUser: ADMIN_USER,
        adminPassword: secrets.adminPassword,
        ready,
    };
}

/** Who Airflow's services and its tasks are: the first start the second, which are Spark's drivers and write its data. */
function createIdentities(
    name: string,
    { store }: AirflowClusterArgs,
    ofDrivers: readonly PolicyStatement[],
    target: AwsTarget,
    parent: pulumi.Resource,
): Ready {
    const taskLogs = bucketAccess("TaskLogs", "logs", [TASK_LOGS], "write", store, target);
    const services = createIdentity(name, SERVICE_ACCOUNT, [...taskLogs, ...keyAccess(target)], true, target, parent);
    const tasks = createIdentity(`${name}-task`, TASK_ACCOUNT, [...ofDrivers, ...taskLogs], true, target, parent);
    const metadata = { name: "airflow-executor", namespace: target.namespace };
    const role = new kubernetes.rbac.v1.Role(
        `${name}-executor-role`,
        { metadata, rules: EXECUTOR_RULES },
        inCluster(target, parent),
    );
    const binding = new kubernetes.rbac.v1.RoleBinding(
        `${name}-executor-binding`,
        {
            metadata,
            roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: metadata.name },
            subjects: [{ kind: "ServiceAccount", name: SERVICE_ACCOUNT, namespace: target.namespace }],
        },
        inCluster(target, parent),
    );
    return allReady([services.ready, tasks.ready, pulumi.output<pulumi.Resource[]>([role, binding])]);
}

/**
 * Creates a load balancer inside the network, and returns the page's address there. The chart's own Service cannot name the
 * class that EKS Auto Mode serves (https://docs.aws.amazon.com/eks/latest/userguide/auto-configure-nlb.html).
 */
function createInternalAddress(
    name: string,
    after: Ready,
    target: AwsTarget,
    parent: pulumi.Resource,
): pulumi.Output<string> {
    const service = new kubernetes.core.v1.Service(
        `${name}-internal`,
        {
            metadata: {
                name: "airflow-internal",
                namespace: target.namespace,
                annotations: {
                    "service.beta.kubernetes.io/aws-load-balancer-scheme": "internal",
                    "service.beta.kubernetes.io/aws-load-balancer-nlb-target-type": "ip",
                },
            },
            spec: {
                type: "LoadBalancer",
                loadBalancerClass: "eks.amazonaws.com/nlb",
                // As the chart labels its pods.
                selector: { tier: "airflow", component: "api-server", release: RELEASE },
                ports: [{ name: "http", port: 80, targetPort: API_SERVER_PORT }],
            },
        },
        inCluster(target, parent, [after]),
    );
    return service.status.apply((status) => `http://${status?.loadBalancer?.ingress?.[0]?.hostname ?? "pending"}`);
}
