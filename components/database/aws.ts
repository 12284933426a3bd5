import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { publishImage } from "../shared/aws/image";
import { keepSecret } from "../shared/aws/kept-secret";
import { inCluster } from "../shared/aws/options";
import { generatePassword } from "../shared/password";
import { allReady, type Ready } from "../shared/ready";
import { CONTAINER_SECURITY, POD_SECURITY, writableDirs } from "../spark-cluster/pods";
import type { AwsTarget } from "../target";
import { createInstance, DATABASE_PORT } from "./aws-instance";
import type { DatabaseArgs, DatabaseConnection, DatabaseOutputs } from "./index";

/** Name of the server inside the namespace. */
const SERVICE = "database";
/** May create roles and databases; no service of the platform uses it. */
const MASTER_USER = "lakehouse";

/** What the step that makes the databases works with. */
interface Step {
    readonly service: kubernetes.core.v1.Service;
    readonly connections: readonly DatabaseConnection[];
    /** Kubernetes secret with all passwords, as environment variables. */
    readonly secret: kubernetes.core.v1.Secret;
}

/**
 * RDS for PostgreSQL under the name `database` in the namespace, with the databases of Airflow and of the jdbc catalog. A Job
 * brings roles, passwords and databases to what the stack says, before anything connects.
 */
export function createAwsDatabase(
    name: string,
    _args: DatabaseArgs,
    target: AwsTarget,
    parent: pulumi.Resource,
): DatabaseOutputs {
    const connection = (database: string): DatabaseConnection => ({
        host: SERVICE,
        port: DATABASE_PORT,
        name: database,
        password: generatePassword(`${name}-${database}-password`, parent),
        tls: true,
    });
    const airflow = connection("airflow");
    const iceberg = connection("iceberg");
    const connections = [airflow, iceberg];
    const masterPassword = generatePassword(`${name}-master-password`, parent);
    const instance = createInstance(name, { username: MASTER_USER, password: masterPassword }, target, parent);

    const service = new kubernetes.core.v1.Service(
        `${name}-service`,
        {
            metadata: { name: SERVICE, namespace: target.namespace },
            spec: { type: "ExternalName", externalName: instance.address },
        },
        inCluster(target, parent),
    );
    const secret = new kubernetes.core.v1.Secret(
        `${name}-passwords`,
        {
            metadata: { name: "database-passwords", namespace: target.namespace },
            stringData: pulumi.secret({
                PGPASSWORD: masterPassword,
                ...Object.fromEntries(connections.map((each) => [passwordVariable(each), each.password])),
            }),
        },
        inCluster(target, parent),
    );
    keepSecret(
        `${name}-kept-passwords`,
        "database",
        "Passwords of the database's roles, by role",
        { [MASTER_USER]: masterPassword, airflow: airflow.password, iceberg: iceberg.password },
        target,
        parent,
    );
    const ready = createDatabases(name, { service, connections, secret }, target, parent);
    return { airflow, iceberg, ready };
}

const passwordVariable = ({ name }: DatabaseConnection): string => `DB_PASSWORD_${name.toUpperCase()}`;

/** Runs images/scripts/postgres-databases; it runs again when the server, a password or the image is another. */
function createDatabases(
    name: string,
    { service, connections, secret }: Step,
    target: AwsTarget,
    parent: pulumi.Resource,
): Ready {
    const { volumes, volumeMounts } = writableDirs("64Mi");
    const env = {
        LAKEHOUSE_DATABASES: connections.map((each) => each.name).join(","),
        PGHOST: SERVICE,
        PGPORT: String(DATABASE_PORT),
        PGSSLMODE: "require",
        PGUSER: MASTER_USER,
    };
    const job = new kubernetes.batch.v1.Job(
        `${name}-databases`,
        {
            metadata: { name: "database-init", namespace: target.namespace },
            spec: {
                // The instance's name may be new to the resolver, and a node must come first.
                backoffLimit: 6,
                template: {
                    metadata: {
                        labels: { app: "database-init" },
                        annotations: {
                            "lakehouse/passwords": secret.metadata.resourceVersion,
                            "lakehouse/server": service.spec.externalName,
                        },
                    },
                    spec: {
                        securityContext: POD_SECURITY,
                        volumes,
                        restartPolicy: "Never",
                        automountServiceAccountToken: false,
                        enableServiceLinks: false,
                        containers: [
                            {
                                name: "databases",
                                image: publishImage(name, "postgres", target, parent),
                                args: ["/opt/lakehouse/postgres-databases"],
                                env: Object.entries(env).map(([key, value]) => ({ name: key, value })),
                                envFrom: [{ secretRef: { name: secret.metadata.name } }],
                                securityContext: CONTAINER_SECURITY,
                                volumeMounts,
                                resources: {
                                    requests: { cpu: "100m", memory: "128Mi" },
                                    limits: { memory: "128Mi" },
                                },
                            },
                        ],
                    },
                },
            },
        },
        inCluster(target, parent),
    );
    return allReady([pulumi.output<pulumi.Resource[]>([service]), pulumi.output([job])]);
}
