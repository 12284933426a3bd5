import type { Resources } from "./sizes";

/**
 * Version of the official chart (https://airflow.apache.org/docs/helm-chart/stable/release_notes.html). A new one is read before it
 * is used: names of values, rights of task pods and names of objects have changed in minor versions.
 */
export const CHART_VERSION = "1.22.0";
/** Airflow in our image, by which the chart decides what it makes; images/airflow/requirements.txt has the same. */
export const AIRFLOW_VERSION = "3.3.2";
/** The chart's objects are called after it. */
export const RELEASE = "airflow";
export const API_SERVER = `${RELEASE}-api-server`;
export const API_SERVER_PORT = 8080;
/** Config map with airflow.cfg. */
export const CONFIG_MAP = `${RELEASE}-config`;
export const PGBOUNCER = `${RELEASE}-pgbouncer`;
export const PGBOUNCER_PORT = 6543;

interface Toggle {
    readonly enabled: boolean;
}

interface ServiceAccount {
    readonly create: boolean;
    readonly name?: string;
    readonly automountServiceAccountToken?: boolean;
}

/** Either a command, or for the api-server the chart's own request. */
export interface Probe {
    readonly initialDelaySeconds: number;
    readonly timeoutSeconds: number;
    readonly failureThreshold: number;
    readonly periodSeconds: number;
    readonly command?: readonly string[];
}

interface SecurityContexts {
    readonly pod?: object;
    readonly container?: object;
}

/** What the chart's long-running services have in common. */
export interface ServiceValues {
    readonly replicas: number;
    readonly resources: Resources;
    readonly serviceAccount: ServiceAccount;
    readonly securityContexts: SecurityContexts;
    readonly podDisruptionBudget: Toggle & { readonly config: { readonly maxUnavailable: number } };
}

/** What services of Airflow itself have beside it. */
export interface AirflowServiceValues extends ServiceValues {
    readonly waitForMigrations: Toggle;
    readonly livenessProbe: Probe;
    readonly startupProbe?: Probe;
    readonly readinessProbe?: Probe;
    readonly logGroomerSidecar?: Toggle;
    readonly persistence?: Toggle;
    readonly env?: readonly EnvValue[];
}

interface EnvValue {
    readonly name: string;
    readonly value: string;
}

interface JobValues extends Toggle {
    readonly useHelmHooks: boolean;
    readonly applyCustomEnv: boolean;
    readonly serviceAccount: ServiceAccount;
}

/** The part of the chart's values that is used (https://airflow.apache.org/docs/helm-chart/1.22.0/parameters-ref.html). */
export interface AirflowValues {
    readonly airflowVersion: string;
    readonly uid: number;
    readonly gid: number;
    readonly images: {
        readonly airflow: { readonly repository: string; readonly tag?: string; readonly digest?: string };
    };
    readonly airflowLocalSettings: string;
    readonly executor: "KubernetesExecutor";
    readonly nodeSelector: Readonly<Record<string, string>>;
    readonly rbac: { readonly create: boolean };
    readonly env: readonly EnvValue[];
    readonly enableBuiltInSecretEnvVars: Readonly<Record<string, boolean>>;
    readonly data: { readonly metadataSecretName: string };
    readonly fernetKeySecretName: string;
    readonly apiSecretKeySecretName: string;
    readonly jwtSecretName: string;
    /** airflow.cfg, by section and key. */
    readonly config: Readonly<Record<string, Readonly<Record<string, string>>>>;
    readonly podTemplate: string;
    readonly workers: {
        readonly serviceAccount: ServiceAccount;
        readonly kubernetes: { readonly serviceAccount: ServiceAccount };
    };
    readonly apiServer: AirflowServiceValues;
    readonly scheduler: AirflowServiceValues;
    readonly dagProcessor: AirflowServiceValues;
    readonly triggerer: AirflowServiceValues;
    readonly pgbouncer: Toggle &
        ServiceValues & {
            readonly configSecretName: string;
            readonly metricsExporterSidecar: {
                readonly statsSecretName: string;
                readonly resources: Resources;
                readonly securityContexts: SecurityContexts;
            };
        };
    readonly migrateDatabaseJob: JobValues;
    readonly createUserJob: JobValues;
    readonly postgresql: Toggle;
    readonly redis: Toggle;
    readonly statsd: Toggle;
}
