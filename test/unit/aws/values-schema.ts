/**
 * What the chart's values.schema.json says of the values that components/airflow-cluster/values.ts sets: names, types and choices,
 * and nothing else, so that a misspelt or moved value fails. Written from the schema of apache/airflow (chart/values.schema.json) as
 * of chart 1.20 and from what the release notes of 1.21 and 1.22 changed in it; some objects that it leaves open are closed here. Before
 * the chart's version is raised, compare with the schema of that version.
 */

type Schema = Readonly<Record<string, unknown>>;

const STRING = { type: "string" };
const BOOLEAN = { type: "boolean" };
const INTEGER = { type: "integer" };
/** Kubernetes' quantities, such as `500m` and `1Gi`. */
const QUANTITY = { type: "string", pattern: "^[0-9]+(\\.[0-9]+)?(m|k|Ki|Mi|Gi)?$" };
const STRINGS = { type: "array", items: STRING };

/** An object with these properties and no others. */
function object(properties: Readonly<Record<string, Schema>>, ...required: string[]): Schema {
    return { type: "object", properties, required, additionalProperties: false };
}

/** An object whose names are free. */
function mapOf(values: Schema): Schema {
    return { type: "object", additionalProperties: values };
}

const TOGGLE = object({ enabled: BOOLEAN }, "enabled");

/** io.k8s.api.core.v1.ResourceRequirements */
const RESOURCES = object({
    limits: mapOf(QUANTITY),
    requests: mapOf(QUANTITY),
});

/** io.k8s.api.core.v1.PodSecurityContext */
const POD_SECURITY_CONTEXT = object({
    fsGroup: INTEGER,
    runAsGroup: INTEGER,
    runAsNonRoot: BOOLEAN,
    runAsUser: INTEGER,
    seccompProfile: object({ localhostProfile: STRING, type: STRING }, "type"),
});

/** io.k8s.api.core.v1.SecurityContext */
const SECURITY_CONTEXT = object({
    allowPrivilegeEscalation: BOOLEAN,
    capabilities: object({ add: STRINGS, drop: STRINGS }),
    privileged: BOOLEAN,
    readOnlyRootFilesystem: BOOLEAN,
    runAsNonRoot: BOOLEAN,
    runAsUser: INTEGER,
});

const SECURITY_CONTEXTS = object({ container: SECURITY_CONTEXT, pod: POD_SECURITY_CONTEXT });

const SERVICE_ACCOUNT = object({
    annotations: mapOf(STRING),
    automountServiceAccountToken: BOOLEAN,
    create: BOOLEAN,
    name: { type: ["string", "null"] },
});

const ENV = { type: "array", items: object({ name: STRING, value: STRING }, "name", "value") };

const PROBE_TIMES = {
    failureThreshold: INTEGER,
    initialDelaySeconds: INTEGER,
    periodSeconds: INTEGER,
    timeoutSeconds: INTEGER,
};
const COMMAND_PROBE = object({ ...PROBE_TIMES, command: { type: ["array", "null"], items: STRING } });
const HTTP_PROBE = object({ ...PROBE_TIMES, scheme: STRING });

const BUDGET = object({
    config: object({ maxUnavailable: { type: ["integer", "string"] }, minAvailable: { type: ["integer", "string"] } }),
    enabled: BOOLEAN,
});

/** What every Deployment of the chart takes. */
const DEPLOYMENT = {
    podDisruptionBudget: BUDGET,
    replicas: { ...INTEGER, minimum: 1 },
    resources: RESOURCES,
    securityContexts: SECURITY_CONTEXTS,
    serviceAccount: SERVICE_ACCOUNT,
};

/** What those of Airflow itself take beside it. */
const AIRFLOW_SERVICE = { ...DEPLOYMENT, env: ENV, waitForMigrations: TOGGLE };

/** Those whose logs the chart would look after; they have no readiness probe, and only the scheduler one for its start. */
const WORKER = { ...AIRFLOW_SERVICE, livenessProbe: COMMAND_PROBE, logGroomerSidecar: TOGGLE };

const JOB = object({
    applyCustomEnv: BOOLEAN,
    enabled: BOOLEAN,
    serviceAccount: SERVICE_ACCOUNT,
    useHelmHooks: BOOLEAN,
});

/** Variables that the chart sets from secrets. */
const BUILT_IN_SECRETS = [
    "AIRFLOW_CONN_AIRFLOW_DB",
    "AIRFLOW__API_AUTH__JWT_SECRET",
    "AIRFLOW__API__SECRET_KEY",
    "AIRFLOW__CORE__FERNET_KEY",
    "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN",
];

export const VALUES_SCHEMA = object(
    {
        airflowLocalSettings: { type: ["string", "null"] },
        airflowVersion: STRING,
        apiSecretKeySecretName: { type: ["string", "null"] },
        apiServer: object({
            ...AIRFLOW_SERVICE,
            livenessProbe: HTTP_PROBE,
            readinessProbe: HTTP_PROBE,
            startupProbe: HTTP_PROBE,
        }),
        config: mapOf(mapOf({ type: ["boolean", "integer", "number", "string"] })),
        createUserJob: JOB,
        dagProcessor: object(WORKER),
        data: object({ metadataSecretName: { type: ["string", "null"] } }),
        enableBuiltInSecretEnvVars: object(Object.fromEntries(BUILT_IN_SECRETS.map((name) => [name, BOOLEAN]))),
        env: ENV,
        executor: {
            type: "string",
            pattern:
                "^(([a-zA-Z_][a-zA-Z0-9_]*.)*[A-Z][a-zA-Z0-9]+Executor)(,(([a-zA-Z_][a-zA-Z0-9_]*.)*[A-Z][a-zA-Z0-9]+Executor))*$",
        },
        fernetKeySecretName: { type: ["string", "null"] },
        gid: INTEGER,
        images: object({
            airflow: object({
                digest: { type: ["string", "null"] },
                pullPolicy: { enum: ["Always", "Never", "IfNotPresent"] },
                repository: { type: ["string", "null"] },
                tag: { type: ["string", "null"] },
            }),
        }),
        jwtSecretName: { type: ["string", "null"] },
        migrateDatabaseJob: JOB,
        nodeSelector: mapOf(STRING),
        pgbouncer: object({
            ...DEPLOYMENT,
            configSecretName: { type: ["string", "null"] },
            enabled: BOOLEAN,
            metricsExporterSidecar: object({
                resources: RESOURCES,
                securityContexts: object({ container: SECURITY_CONTEXT }),
                statsSecretName: { type: ["string", "null"] },
            }),
        }),
        podTemplate: { type: ["string", "null"] },
        postgresql: TOGGLE,
        rbac: object({ create: BOOLEAN }),
        redis: TOGGLE,
        scheduler: object({ ...WORKER, startupProbe: COMMAND_PROBE }),
        statsd: TOGGLE,
        triggerer: object({ ...WORKER, persistence: TOGGLE }),
        uid: INTEGER,
        workers: object({
            kubernetes: object({ serviceAccount: SERVICE_ACCOUNT }),
            serviceAccount: SERVICE_ACCOUNT,
        }),
    },
    "airflowVersion",
    "executor",
);
