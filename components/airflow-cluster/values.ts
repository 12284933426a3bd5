import { CONTAINER_SECURITY as READ_ONLY_CONTAINER_SECURITY, ON_DEMAND, POD_SECURITY } from "../spark-cluster/pods";
import type { Schemas } from "../catalog/schemas";
import {
    AIRFLOW_VERSION,
    type AirflowServiceValues,
    type AirflowValues,
    API_SERVER,
    API_SERVER_PORT,
    type Probe,
} from "./chart";
import type { AirflowSize, ServiceSize } from "./sizes";
import { dbtEnv, TASK_ACCOUNT } from "./task-pod";

/** Service account of Airflow's services. */
export const SERVICE_ACCOUNT = "airflow";
/** User of PgBouncer's image. */
const PGBOUNCER_USER = 65534;
/** Airflow writes below its home, where the image has its code; the file system is not read-only, unlike a task's. */
const CONTAINER_SECURITY = { ...READ_ONLY_CONTAINER_SECURITY, readOnlyRootFilesystem: false };

/** Names of the Kubernetes secrets; their keys are the chart's. */
export interface AirflowSecretNames {
    /** `connection`: the database behind PgBouncer. */
    readonly connection: string;
    /** `fernet-key`, `api-secret-key`, `jwt-secret`. */
    readonly keys: string;
    /** `pgbouncer.ini`, `users.txt`. */
    readonly pgbouncer: string;
    /** `connection`: PgBouncer's figures about itself. */
    readonly stats: string;
}

/** What the chart's values are rendered from. */
export interface AirflowValuesFacts {
    /** Reference of the image, with a tag or a digest. */
    readonly image: string;
    readonly region: string;
    readonly size: AirflowSize;
    readonly secrets: AirflowSecretNames;
    /** Where task logs go, such as `s3://bucket/airflow`. */
    readonly taskLogs: string;
    /** Address of the page, if it is known beforehand. */
    readonly publicUrl?: string;
    readonly dbtImage: string;
    readonly schemas: Schemas;
    /** Text of taskPodTemplate. */
    readonly taskPod: string;
}

/** Renders the values of the official chart. Pure; they name secrets and hold none. */
export function renderAirflowValues(facts: AirflowValuesFacts): AirflowValues {
    const { size, secrets } = facts;
    return {
        airflowVersion: AIRFLOW_VERSION,
        uid: POD_SECURITY.runAsUser,
        gid: POD_SECURITY.runAsGroup,
        images: { airflow: splitImage(facts.image) },
        // The default, a template that comes to nothing for this version, would be mounted over /opt/airflow/config.
        airflowLocalSettings: "",
        executor: "KubernetesExecutor",
        nodeSelector: ON_DEMAND,
        // The chart would let tasks execute commands in any pod; aws.ts has fewer verbs.
        rbac: { create: false },
        env: [{ name: "AWS_REGION", value: facts.region }],
        // A connection to Airflow's own database, which no DAG needs.
        enableBuiltInSecretEnvVars: { AIRFLOW_CONN_AIRFLOW_DB: false },
        data: { metadataSecretName: secrets.connection },
        fernetKeySecretName: secrets.keys,
        apiSecretKeySecretName: secrets.keys,
        jwtSecretName: secrets.keys,
        config: renderConfig(facts),
        podTemplate: facts.taskPod,
        // The first is the former name of the second; neither is to make an account.
        workers: {
            serviceAccount: { create: false, name: TASK_ACCOUNT },
            kubernetes: { serviceAccount: { create: false, name: TASK_ACCOUNT } },
        },
        apiServer: {
            ...service(size.apiServer),
            livenessProbe: probe(),
            readinessProbe: probe(),
            startupProbe: { ...probe(), failureThreshold: 30 },
        },
        scheduler: {
            ...worker("scheduler", size.scheduler),
            startupProbe: { ...probe("scheduler"), failureThreshold: 30 },
        },
        dagProcessor: {
            ...worker("dag-processor", size.dagProcessor),
            // What makes the DAGs: the same as in a task's pod.
            env: Object.entries({
                ...dbtEnv({ image: facts.dbtImage }),
                LAKEHOUSE_DBT_SCHEMA: facts.schemas.analytics,
                LAKEHOUSE_RAW_SCHEMA: facts.schemas.raw,
            }).map(([name, value]) => ({ name, value })),
        },
        // Without a volume it is a Deployment; its logs are in S3.
        triggerer: { ...worker("triggerer", size.triggerer), persistence: { enabled: false } },
        pgbouncer: renderPgbouncer(facts),
        // airflow-init, which runs before the chart's objects exist, does the work of both.
        migrateDatabaseJob: JOB_OFF,
        createUserJob: JOB_OFF,
        postgresql: { enabled: false },
        redis: { enabled: false },
        statsd: { enabled: false },
    };
}

/** Should one be turned on: as a hook it would run after the services, which wait for it, are ready. */
const JOB_OFF = { enabled: false, useHelmHooks: false, applyCustomEnv: false, serviceAccount: { create: false } };

/** What images/airflow/airflow.cfg says, which the chart's file replaces, and what this target adds. */
function renderConfig({ size, taskLogs, publicUrl }: AirflowValuesFacts): AirflowValues["config"] {
    return {
        core: {
            parallelism: String(size.parallelism),
            max_active_tasks_per_dag: String(size.parallelism),
            // The probes look for heartbeats under this name.
            hostname_callable: "socket.gethostname",
            execution_api_server_url: `http://${API_SERVER}:${API_SERVER_PORT}/execution/`,
        },
        database: {
            // PgBouncer shares the database's connections out.
            sql_alchemy_pool_size: "5",
            sql_alchemy_max_overflow: "10",
            load_default_connections: "False",
        },
        api: {
            ...(publicUrl !== undefined && { base_url: publicUrl }),
            workers: "1",
            expose_config: "False",
        },
        api_auth: { jwt_issuer: "lakehouse" },
        workers: { execution_api_timeout: "30" },
        logging: {
            remote_logging: "True",
            remote_base_log_folder: taskLogs,
            // What S3 has need not be kept in the pod.
            delete_local_logs: "True",
        },
        dag_processor: {
            parsing_processes: "2",
            // The files are part of the image: they change with the pod.
            min_file_process_interval: "300",
            refresh_interval: "300",
        },
        fab: {
            session_backend: "securecookie",
            // airflow-init writes them.
            update_fab_perms: "False",
            // Nothing stands before the api-server whose word on the client's address would count.
            enable_proxy_fix: "False",
        },
        kubernetes_executor: {
            // The pod template names the image.
            worker_container_repository: "",
            worker_container_tag: "",
            worker_pods_creation_batch_size: "16",
            // Their logs are in S3; who kept them would pay for their nodes.
            delete_worker_pods_on_failure: "True",
        },
        usage_data_collection: { enabled: "False" },
    };
}

function renderPgbouncer({ size, secrets }: AirflowValuesFacts): AirflowValues["pgbouncer"] {
    const ofImage = { runAsUser: PGBOUNCER_USER, runAsGroup: PGBOUNCER_USER, fsGroup: PGBOUNCER_USER };
    return {
        enabled: true,
        ...common(size.pgbouncer),
        serviceAccount: { create: true, automountServiceAccountToken: false },
        securityContexts: { pod: { ...POD_SECURITY, ...ofImage }, container: CONTAINER_SECURITY },
        configSecretName: secrets.pgbouncer,
        metricsExporterSidecar: {
            statsSecretName: secrets.stats,
            resources: { requests: { cpu: "20m", memory: "64Mi" }, limits: { memory: "64Mi" } },
            securityContexts: { container: CONTAINER_SECURITY },
        },
    };
}

function common({
    replicas,
    resources,
}: ServiceSize): Pick<AirflowServiceValues, "podDisruptionBudget" | "replicas" | "resources"> {
    // A budget that forbids to move the only pod would keep nodes from ever being renewed.
    return { replicas, resources, podDisruptionBudget: { enabled: true, config: { maxUnavailable: 1 } } };
}

/** A service of Airflow. */
function service(size: ServiceSize): Omit<AirflowServiceValues, "livenessProbe"> {
    return {
        ...common(size),
        serviceAccount: { create: false, name: SERVICE_ACCOUNT },
        securityContexts: { pod: POD_SECURITY, container: CONTAINER_SECURITY },
        // The chart's objects come after the step that migrates.
        waitForMigrations: { enabled: false },
    };
}

/** A service that writes heartbeats to the database; task logs leave it for S3, so that nothing needs to be groomed. */
function worker(command: string, size: ServiceSize): AirflowServiceValues {
    return {
        ...service(size),
        livenessProbe: { ...probe(command), initialDelaySeconds: 60 },
        logGroomerSidecar: { enabled: false },
    };
}

/** The chart's own commands start programs of the official image. */
function probe(command?: string): Probe {
    return {
        initialDelaySeconds: 10,
        timeoutSeconds: 20,
        failureThreshold: 5,
        periodSeconds: 20,
        ...(command !== undefined && { command: ["/opt/lakehouse/health-airflow", command] }),
    };
}

/** Divides a reference into what the chart puts together again. */
function splitImage(reference: string): AirflowValues["images"]["airflow"] {
    const [, repository, digest, tag] = /^([^@]+?)(?:@(sha256:[0-9a-f]{64})|:([\w.-]+))$/.exec(reference) ?? [];
    if (repository === undefined) {
        throw new Error(`the image ${reference} has neither tag nor digest`);
    }
    return digest === undefined ? { repository, tag } : { repository, digest };
}
