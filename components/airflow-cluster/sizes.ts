import type { AwsSize } from "../target/aws-settings";

/** Resources of a container as Kubernetes writes them; CPU has no limit, which would only leave cores idle. */
export interface Resources {
    readonly requests: { readonly cpu: string; readonly memory: string };
    readonly limits: { readonly memory: string };
}

/** A service: how many pods, each with how much. */
export interface ServiceSize {
    readonly replicas: number;
    readonly resources: Resources;
}

/** How large Airflow is. */
export interface AirflowSize {
    /** Tasks at once, each a pod. */
    readonly parallelism: number;
    readonly apiServer: ServiceSize;
    readonly scheduler: ServiceSize;
    readonly dagProcessor: ServiceSize;
    readonly triggerer: ServiceSize;
    readonly pgbouncer: ServiceSize;
    /** Connections that each PgBouncer keeps to the database at most; the database has about 110 a GiB of memory. */
    readonly databasePool: number;
    /** A task: a Spark driver with its heap (components/spark-cluster/kubernetes.ts), Python, and Airflow's supervisor. */
    readonly task: Resources;
}

function sized(cpu: string, memory: string): Resources {
    return { requests: { cpu, memory }, limits: { memory } };
}

/** A node may go at any time: what must not stop with it, or wait until another is there, has a second pod. */
export const AIRFLOW_SIZES: Readonly<Record<AwsSize, AirflowSize>> = {
    small: {
        parallelism: 8,
        apiServer: { replicas: 1, resources: sized("500m", "1536Mi") },
        scheduler: { replicas: 1, resources: sized("500m", "1Gi") },
        dagProcessor: { replicas: 1, resources: sized("250m", "1Gi") },
        triggerer: { replicas: 1, resources: sized("100m", "768Mi") },
        pgbouncer: { replicas: 1, resources: sized("100m", "128Mi") },
        databasePool: 20,
        task: sized("500m", "3Gi"),
    },
    medium: {
        parallelism: 32,
        apiServer: { replicas: 2, resources: sized("1", "2Gi") },
        scheduler: { replicas: 2, resources: sized("1", "2Gi") },
        dagProcessor: { replicas: 2, resources: sized("500m", "1Gi") },
        triggerer: { replicas: 2, resources: sized("250m", "1Gi") },
        pgbouncer: { replicas: 2, resources: sized("250m", "256Mi") },
        databasePool: 40,
        task: sized("1", "4Gi"),
    },
    large: {
        parallelism: 128,
        apiServer: { replicas: 4, resources: sized("2", "3Gi") },
        scheduler: { replicas: 3, resources: sized("2", "3Gi") },
        dagProcessor: { replicas: 2, resources: sized("1", "2Gi") },
        triggerer: { replicas: 2, resources: sized("500m", "1Gi") },
        pgbouncer: { replicas: 2, resources: sized("500m", "512Mi") },
        databasePool: 80,
        task: sized("2", "7Gi"),
    },
};
