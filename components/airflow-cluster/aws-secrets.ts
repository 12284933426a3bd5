import { createHash } from "crypto";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { DatabaseConnection } from "../database";
import { keepSecret } from "../shared/aws/kept-secret";
import { inCluster } from "../shared/aws/options";
import { generatePassword } from "../shared/password";
import type { Ready } from "../shared/ready";
import type { AwsTarget } from "../target";
import { PGBOUNCER, PGBOUNCER_PORT } from "./chart";
import type { AirflowSize } from "./sizes";
import type { AirflowSecretNames } from "./values";

/** Secret with the environment of the step that migrates the database. */
export const INIT_SECRET = "airflow-init";
export const SECRET_NAMES: AirflowSecretNames = {
    connection: "airflow-connection",
    keys: "airflow-keys",
    pgbouncer: "airflow-pgbouncer-files",
    stats: "airflow-pgbouncer-admin",
};

export interface AirflowSecretsArgs {
    readonly database: DatabaseConnection;
    readonly size: Pick<AirflowSize, "databasePool">;
    readonly adminUser: string;
}

export interface AirflowSecrets {
    /** Secret. */
    readonly adminPassword: pulumi.Output<string>;
    /** Resolves once pods can take them. */
    readonly ready: Ready;
    /** Another version is another set of secrets for the step that migrates. */
    readonly initVersion: pulumi.Output<string>;
}

/** Generates all of Airflow's secrets and puts them where the chart, the migration and a restore look for them. */
export function createSecrets(
    name: string,
    { database, size, adminUser }: AirflowSecretsArgs,
    target: AwsTarget,
    parent: pulumi.Resource,
): AirflowSecrets {
    const adminPassword = generatePassword(`${name}-admin-password`, parent, 20);
    const fernetKey = generatePassword(`${name}-fernet-key`, parent, 64).apply(toFernetKey);
    const create = (suffix: string, secretName: string, data: Record<string, pulumi.Input<string>>) =>
        new kubernetes.core.v1.Secret(
            `${name}-${suffix}`,
            { metadata: { name: secretName, namespace: target.namespace }, stringData: pulumi.secret(data) },
            inCluster(target, parent),
        );
    const pooled = { ...database, host: PGBOUNCER, port: PGBOUNCER_PORT, tls: false };
    const init = create("init-secret", INIT_SECRET, {
        AIRFLOW__CORE__FERNET_KEY: fernetKey,
        // Not by PgBouncer: a migration holds a lock of its session.
        AIRFLOW__DATABASE__SQL_ALCHEMY_CONN: connectionUri(database),
        LAKEHOUSE_ADMIN_USER: adminUser,
        LAKEHOUSE_ADMIN_PASSWORD: adminPassword,
    });
    const others = [
        create("connection", SECRET_NAMES.connection, { connection: connectionUri(pooled) }),
        create("pgbouncer-admin", SECRET_NAMES.stats, {
            connection: pulumi.interpolate`postgresql://${database.name}:${database.password}@127.0.0.1:${PGBOUNCER_PORT}/pgbouncer?sslmode=disable`,
        }),
        create("keys", SECRET_NAMES.keys, {
            "fernet-key": fernetKey,
            "api-secret-key": generatePassword(`${name}-secret-key`, parent, 64),
            "jwt-secret": generatePassword(`${name}-jwt-secret`, parent, 64),
        }),
        create("pgbouncer-files", SECRET_NAMES.pgbouncer, {
            "pgbouncer.ini": renderPgbouncerIni(database, size.databasePool, target.namespace),
            "users.txt": pulumi.interpolate`"${database.name}" "${database.password}"\n`,
        }),
    ];
    // Without the Fernet key, stored connections and variables are lost.
    keepSecret(
        `${name}-kept-secrets`,
        "airflow",
        "Airflow's administrator, and the key that its connections and variables are encrypted with",
        { "admin-password": adminPassword, "fernet-key": fernetKey },
        target,
        parent,
    );
    return {
        adminPassword,
        ready: pulumi.output<pulumi.Resource[]>([init, ...others]),
        initVersion: init.metadata.resourceVersion,
    };
}

/** 32 bytes in URL-safe base64, as Fernet wants its key (https://github.com/fernet/spec/blob/master/Spec.md). */
export function toFernetKey(password: string): string {
    return `${createHash("sha256").update(password).digest("base64url")}=`;
}

/** Address of the database with user and password, as SQLAlchemy writes it. */
function connectionUri({ host, port, name, password, tls }: DatabaseConnection): pulumi.Output<string> {
    const query = tls ? "?sslmode=require" : "";
    return pulumi.interpolate`postgresql+psycopg2://${name}:${password}@${host}:${port}/${name}${query}`;
}

/**
 * Renders PgBouncer's configuration (https://www.pgbouncer.org/config.html). Pure; it holds no secret.
 *
 * @param pool connections to the database at most
 */
export function renderPgbouncerIni(
    { host, port, name, tls }: Pick<DatabaseConnection, "host" | "port" | "name" | "tls">,
    pool: number,
    namespace: string,
): string {
    return [
        "[databases]",
        // The full name, which is found without the search list of a pod.
        `${name} = host=${host}.${namespace}.svc.cluster.local port=${port} dbname=${name} pool_size=${pool}`,
        "",
        "[pgbouncer]",
        "listen_addr = *",
        `listen_port = ${PGBOUNCER_PORT}`,
        "auth_type = scram-sha-256",
        "auth_file = /etc/pgbouncer/users.txt",
        `stats_users = ${name}`,
        "pool_mode = transaction",
        // The api-server's asynchronous driver prepares its statements.
        "max_prepared_statements = 200",
        "max_client_conn = 1000",
        "ignore_startup_parameters = extra_float_digits",
        `server_tls_sslmode = ${tls ? "require" : "disable"}`,
        // A failover gives the name another address.
        "dns_max_ttl = 5",
        "",
    ].join("\n");
}
