import * as pulumi from "@pulumi/pulumi";
import type { DatabaseConnection } from "../database";
import type { DbtServer } from "../dbt-runner";
import type { Env } from "../shared/env";

/** What the environment of Airflow's services is rendered from. */
export interface AirflowEnvFacts {
    readonly database: DatabaseConnection;
    readonly dbt: Pick<DbtServer, "host" | "port" | "user">;
    readonly sparkMasterUrl: string;
    /** Address of the api-server inside the network. */
    readonly apiServerUrl: string;
    /** Address of the web page as the user types it. */
    readonly publicUrl: string;
    /** Signs the tokens that the services and the tasks show each other. */
    readonly jwtSecret: pulumi.Input<string>;
    /** Signs the web sessions. */
    readonly secretKey: pulumi.Input<string>;
}

/** Directory of the volume with the key pair for dbt and the Fernet key. */
export const KEYS_DIR = "/keys/airflow";

/**
 * Renders the settings that all of Airflow's services must share. Pure. What no stack changes stands in
 * images/airflow/airflow.cfg.
 */
export function renderAirflowEnv(facts: AirflowEnvFacts): Env {
    const { database, dbt } = facts;
    const [, sparkHost, sparkPort] = /^spark:\/\/(.+):(\d+)$/.exec(facts.sparkMasterUrl) ?? [];
    return {
        AIRFLOW__API__BASE_URL: facts.publicUrl,
        AIRFLOW__API__SECRET_KEY: facts.secretKey,
        AIRFLOW__API_AUTH__JWT_ISSUER: "lakehouse",
        AIRFLOW__API_AUTH__JWT_SECRET: facts.jwtSecret,
        AIRFLOW__CORE__EXECUTION_API_SERVER_URL: `${facts.apiServerUrl}/execution/`,
        AIRFLOW__CORE__FERNET_KEY_CMD: `cat ${KEYS_DIR}/fernet.key`,
        AIRFLOW__DATABASE__SQL_ALCHEMY_CONN: pulumi.interpolate`postgresql+psycopg2://${database.name}:${database.password}@${database.host}:${database.port}/${database.name}`,
        AIRFLOW_CONN_DBT: JSON.stringify({
            conn_type: "ssh",
            host: dbt.host,
            port: dbt.port,
            login: dbt.user,
            extra: {
                key_file: `${KEYS_DIR}/id_ed25519`,
                no_host_key_check: false,
                allow_host_key_change: false,
            },
        }),
        AIRFLOW_CONN_SPARK_DEFAULT: JSON.stringify({
            conn_type: "spark",
            host: `spark://${sparkHost}`,
            port: Number(sparkPort),
        }),
        // What dags/utils/operators.py makes of dbt's tasks, in the DAG processor as in the tasks.
        LAKEHOUSE_DBT_RUNNER: "server",
    };
}
