import * as pulumi from "@pulumi/pulumi";
import { AirflowCluster } from "../../../components/airflow-cluster";
import { renderPgbouncerIni, toFernetKey } from "../../../components/airflow-cluster/aws-secrets";
import type { AirflowValues } from "../../../components/airflow-cluster/chart";
import type { SparkFacts } from "../../../components/spark-cluster";
import { below } from "./spark-support";
import {
    type AwsRegistration,
    awsTarget,
    inputsOf,
    list,
    recordAws,
    registrationOf,
    REGION,
    settle,
    valueOf,
} from "./support";

const store = {
    endpoint: `https://s3.${REGION}.amazonaws.com`,
    region: REGION,
    pathStyle: false,
    buckets: { lake: "lake", examples: "examples", logs: "logs" },
    sampleKey: "customers.csv",
};
const spark: SparkFacts = {
    masterUrl: "k8s://https://kubernetes.default.svc:443",
    defaults: "",
    driverEnv: {},
    pods: {
        confMap: "spark-conf",
        envMap: "spark-driver-env",
        envSecret: "spark-driver-secrets",
        data: { store, catalog: { type: "glue", sparkProperties: {} } },
    },
};
const nothing = (): pulumi.Output<pulumi.Resource[]> => pulumi.output<pulumi.Resource[]>([]);

async function createAirflow(
    overrides: Record<string, string> = {},
): Promise<{ registrations: AwsRegistration[]; airflow: AirflowCluster }> {
    const registrations: AwsRegistration[] = [];
    await recordAws(registrations);
    const airflow = new AirflowCluster("airflow", {
        target: awsTarget(overrides),
        database: {
            host: "database",
            port: 5432,
            name: "airflow",
            password: pulumi.secret("generated-database"),
            tls: true,
        },
        databaseReady: nothing(),
        spark,
        dbt: { kind: "pods", image: "registry/dbt:0123456789ab", serviceAccount: "dbt", templateMap: "dbt-pod" },
        store,
        dbtKeysReady: nothing(),
    });
    await settle();
    return { registrations, airflow };
}

const CHART = "Chart airflow-chart";

/** The values that the chart is given. */
function valuesOf(registrations: readonly AwsRegistration[]): AirflowValues {
    return inputsOf(registrations, CHART).values as AirflowValues;
}

/** What a Kubernetes secret holds. */
function dataOf(registrations: readonly AwsRegistration[], secret: string): Record<string, string> {
    return inputsOf(registrations, `Secret ${secret}`).stringData as Record<string, string>;
}

describe("Airflow on AWS", () => {
    let registrations: AwsRegistration[];
    let airflow: AirflowCluster;

    beforeAll(async () => {
        ({ registrations, airflow } = await createAirflow());
    });

    test("is made of exactly these resources", () => {
        const identity = (name: string): string[] => [
            `PodIdentityAssociation ${name}-association`,
            `Role ${name}-role`,
            `RolePolicy ${name}-policy`,
            `ServiceAccount ${name}-account`,
        ];
        expect(list(registrations)).toEqual(
            [
                ...identity("airflow"),
                ...identity("airflow-task"),
                "AirflowCluster airflow",
                CHART,
                "Job airflow-init",
                "LifecyclePolicy airflow-repository-lifecycle",
                "RandomPassword airflow-admin-password",
                "RandomPassword airflow-fernet-key",
                "RandomPassword airflow-jwt-secret",
                "RandomPassword airflow-secret-key",
                "RegistryImage airflow-pushed-image",
                "RemoteImage airflow-image",
                "RemoteImage airflow-image-with-dags",
                "Repository airflow-repository",
                "Role airflow-executor-role",
                "RoleBinding airflow-executor-binding",
                "Secret airflow-connection",
                "Secret airflow-init-secret",
                "Secret airflow-kept-secrets",
                "Secret airflow-keys",
                "Secret airflow-pgbouncer-admin",
                "Secret airflow-pgbouncer-files",
                "SecretVersion airflow-kept-secrets-version",
            ].sort(),
        );
    });

    test("is the official chart in a pinned version, once the database is migrated", () => {
        const chart = registrationOf(registrations, CHART);
        expect(chart.inputs).toMatchObject({
            chart: "airflow",
            name: "airflow",
            namespace: "lakehouse",
            repositoryOpts: { repo: "https://airflow.apache.org" },
            version: "1.22.0",
        });
        expect(chart.dependencies).toEqual(
            expect.arrayContaining(["airflow-init", "airflow-association", "airflow-task-policy", "airflow-keys"]),
        );
    });

    test("is reached through a forwarded port, as an administrator with a generated password", async () => {
        expect(airflow.url).toBe("http://localhost:8080");
        expect(airflow.adminUser).toBe("admin");
        expect(await valueOf(airflow.adminPassword)).toBe("generated-airflow-admin-password");
        expect(await pulumi.isSecret(airflow.adminPassword)).toBe(true);
        expect(valuesOf(registrations).config.api!.base_url).toBe("http://localhost:8080");
    });

    test("shows no secret, least of all in the chart's values", () => {
        const open = registrations.flatMap(({ name, inputs, secretInputs }) =>
            Object.entries(inputs)
                .filter(([key, value]) => !secretInputs.includes(key) && JSON.stringify(value)?.includes("generated-"))
                .map(([key]) => `${name} ${key}`),
        );
        expect(open).toEqual([]);
        expect(registrationOf(registrations, CHART).secretInputs).toEqual([]);
        for (const name of ["connection", "init-secret", "keys", "pgbouncer-admin", "pgbouncer-files"]) {
            expect(registrationOf(registrations, `Secret airflow-${name}`).secretInputs).toEqual(["stringData"]);
        }
    });

    test("reaches the database by PgBouncer; only the migration goes there itself", () => {
        expect(dataOf(registrations, "airflow-connection")).toEqual({
            connection: "postgresql+psycopg2://airflow:generated-database@airflow-pgbouncer:6543/airflow",
        });
        expect(dataOf(registrations, "airflow-pgbouncer-admin")).toEqual({
            connection: "postgresql://airflow:generated-database@127.0.0.1:6543/pgbouncer?sslmode=disable",
        });
        expect(dataOf(registrations, "airflow-init-secret")).toEqual({
            AIRFLOW__CORE__FERNET_KEY: toFernetKey("generated-airflow-fernet-key"),
            AIRFLOW__DATABASE__SQL_ALCHEMY_CONN:
                "postgresql+psycopg2://airflow:generated-database@database:5432/airflow?sslmode=require",
            LAKEHOUSE_ADMIN_USER: "admin",
            LAKEHOUSE_ADMIN_PASSWORD: "generated-airflow-admin-password",
        });
        expect(dataOf(registrations, "airflow-pgbouncer-files")["users.txt"]).toBe('"airflow" "generated-database"\n');
    });

    test("migrates with a Job of the chart's image", () => {
        const { spec } = inputsOf(registrations, "Job airflow-init") as {
            spec: { template: { spec: { containers: { image: string; args: string[]; envFrom: object[] }[] } } };
        };
        const { containers } = spec.template.spec;
        const { repository, tag } = valuesOf(registrations).images.airflow;
        expect(containers[0]!.image).toBe(`${repository}:${tag}`);
        expect(containers[0]!.args).toEqual(["/opt/lakehouse/airflow-init"]);
        expect(containers[0]!.envFrom).toEqual([{ secretRef: { name: "airflow-init" } }]);
    });

    test("has services that write task logs, and tasks that are Spark's drivers beside it", () => {
        const statements = (name: string): Record<string, string[]> => {
            const policy = JSON.parse(String(inputsOf(registrations, `RolePolicy ${name}-policy`).policy)) as {
                Statement: { Sid: string; Resource: string[] }[];
            };
            return Object.fromEntries(policy.Statement.map(({ Sid, Resource }) => [Sid, Resource]));
        };
        expect(Object.keys(statements("airflow"))).toEqual(["TaskLogsObjects", "TaskLogsList", "Key"]);
        expect(statements("airflow").TaskLogsObjects).toEqual(below("logs/airflow"));
        const ofTasks = statements("airflow-task");
        expect(ofTasks).toMatchObject(statements("airflow"));
        expect(ofTasks.LakeObjects).toEqual(
            ["duck_db", "spark_job", "warehouse"].flatMap((each) => below(`lake/${each}`)),
        );
        expect(ofTasks).toHaveProperty("GlueTables");
    });

    test("may start task pods and read their logs, and nothing else", () => {
        expect(inputsOf(registrations, "Role airflow-executor-role").rules).toEqual([
            { apiGroups: [""], resources: ["pods"], verbs: ["create", "delete", "get", "list", "patch", "watch"] },
            { apiGroups: [""], resources: ["pods/log"], verbs: ["get"] },
        ]);
        expect(inputsOf(registrations, "RoleBinding airflow-executor-binding").subjects).toEqual([
            { kind: "ServiceAccount", name: "airflow", namespace: "lakehouse" },
        ]);
    });
});

describe("Airflow's page", () => {
    test("is reached by a load balancer inside the network where the settings say so", async () => {
        const { registrations } = await createAirflow({ airflowAccess: "internal" });
        expect(inputsOf(registrations, "Service airflow-internal")).toMatchObject({
            metadata: { annotations: { "service.beta.kubernetes.io/aws-load-balancer-scheme": "internal" } },
            spec: {
                type: "LoadBalancer",
                loadBalancerClass: "eks.amazonaws.com/nlb",
                ports: [{ port: 80, targetPort: 8080 }],
                selector: { component: "api-server", release: "airflow", tier: "airflow" },
            },
        });
        expect(valuesOf(registrations).config.api).not.toHaveProperty("base_url");
    });
});

describe("the secrets' forms", () => {
    test("a Fernet key is 32 bytes in URL-safe base64", () => {
        for (const password of ["a", "b", "generated"]) {
            const key = toFernetKey(password);
            expect(key).toMatch(/^[A-Za-z0-9_-]{43}=$/);
            expect(Buffer.from(key, "base64url")).toHaveLength(32);
        }
        expect(toFernetKey("a")).not.toBe(toFernetKey("b"));
    });

    test("PgBouncer speaks TLS with a server that does", () => {
        const server = { host: "database", port: 5432, name: "airflow", tls: true };
        expect(renderPgbouncerIni(server, 20, "lakehouse").split("\n")).toEqual([
            "[databases]",
            "airflow = host=database.lakehouse.svc.cluster.local port=5432 dbname=airflow pool_size=20",
            "",
            "[pgbouncer]",
            "listen_addr = *",
            "listen_port = 6543",
            "auth_type = scram-sha-256",
            "auth_file = /etc/pgbouncer/users.txt",
            "stats_users = airflow",
            "pool_mode = transaction",
            "max_prepared_statements = 200",
            "max_client_conn = 1000",
            "ignore_startup_parameters = extra_float_digits",
            "server_tls_sslmode = require",
            "dns_max_ttl = 5",
            "",
        ]);
        expect(renderPgbouncerIni({ ...server, tls: false }, 20, "lakehouse")).toContain(
            "server_tls_sslmode = disable",
        );
    });
});
