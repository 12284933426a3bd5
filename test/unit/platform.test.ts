import { isDeepStrictEqual } from "util";
import * as pulumi from "@pulumi/pulumi";
import { configuration, PROJECT, recordRegistrations, type Registration, settle, valueOf } from "./support/mocks";

// No engine and no ports of the machine that runs the test.
jest.mock("../../components/target/engine", () => ({
    ...jest.requireActual<object>("../../components/target/engine"),
    readEngineFacts: () => Promise.resolve({ memoryMiB: 16384, takenPorts: [] }),
}));

// The SDKs of a cloud take longer to load than all else: a laptop's preview must do without.
jest.mock("@pulumi/aws", () => {
    throw new Error("@pulumi/aws is loaded");
});
jest.mock("@pulumi/kubernetes", () => {
    throw new Error("@pulumi/kubernetes is loaded");
});
jest.mock("@aws-sdk/client-sts", () => {
    throw new Error("@aws-sdk/client-sts is loaded");
});

/** Runs the whole program for one configuration. */
async function runProgram(
    overrides: Record<string, string> = {},
    registrations: Registration[] = [],
): Promise<{ registrations: Registration[]; outputs: Record<string, unknown> }> {
    await recordRegistrations(registrations);
    const config = Object.fromEntries(
        [...configuration({ portOffset: "31000", ...overrides })].map(([key, value]) => [`lakehouse:${key}`, value]),
    );
    pulumi.runtime.setAllConfig(config);
    let outputs: Record<string, unknown> = {};
    await jest.isolateModulesAsync(async () => {
        jest.doMock("@pulumi/pulumi", () => pulumi);
        const program = await import("../../index");
        outputs = await program.default();
    });
    await settle();
    return { registrations, outputs };
}

/** `type name` of the registrations, in the order of their names. */
const list = (registrations: Registration[]): string[] =>
    registrations.map(({ type, name }) => `${type.split(":").at(-1)} ${name}`).sort();

/** The registrations that are new, or have other inputs than before. */
const changed = (before: Registration[], after: Registration[]): Registration[] =>
    after.filter(({ type, name, inputs }) => {
        const earlier = before.find((each) => each.type === type && each.name === name);
        return !isDeepStrictEqual(earlier?.inputs, inputs);
    });

/** Names of the resources that contain a text. */
const holders = (registrations: Registration[], text: string): string[] =>
    registrations.filter(({ inputs }) => JSON.stringify(inputs).includes(text)).map(({ name }) => name);

const container = (registrations: Registration[], name: string): Registration["inputs"] => {
    const found = registrations.find(({ type, name: own }) => type.endsWith(":Container") && own === name);
    return found!.inputs;
};

describe("the local platform", () => {
    let registrations: Registration[];
    let outputs: Record<string, unknown>;

    beforeAll(async () => {
        ({ registrations, outputs } = await runProgram());
    });

    test("is made of exactly these resources", () => {
        expect(list(registrations)).toEqual([
            "AirflowCluster airflow",
            "CatalogServer catalog",
            "Container airflow-airflow-api-server",
            "Container airflow-airflow-dag-processor",
            "Container airflow-airflow-init",
            "Container airflow-airflow-scheduler",
            "Container airflow-airflow-triggerer",
            "Container database-postgres",
            "Container dbt-dbt",
            "Container dbt-keys-init",
            "Container spark-spark-history",
            "Container spark-spark-master",
            "Container spark-spark-worker-1",
            "Container store-minio",
            "Container store-minio-init",
            "Database database",
            "DbtRunner dbt",
            "Network target-network",
            "ObjectStore store",
            "RandomPassword airflow-admin-password",
            "RandomPassword airflow-jwt-secret",
            "RandomPassword airflow-secret-key",
            "RandomPassword database-airflow-password",
            "RandomPassword database-hive-password",
            "RandomPassword database-iceberg-password",
            "RandomPassword database-rest-password",
            "RandomPassword spark-rpc-secret",
            "RandomPassword store-platform-password",
            "RandomPassword store-root-password",
            "RemoteImage airflow-image",
            "RemoteImage database-image",
            "RemoteImage dbt-image",
            "RemoteImage spark-image",
            "RemoteImage store-image",
            "SparkCluster spark",
            "Volume airflow-airflow-logs",
            "Volume catalog-glue",
            "Volume database-postgres",
            "Volume dbt-airflow-keys",
            "Volume dbt-dbt-keys",
            "Volume store-minio",
        ]);
    });

    // Everything else is as it is without a server.
    test.each([
        ["hadoop", []],
        ["hive", ["Container catalog-hive-metastore", "RemoteImage catalog-hive-image"]],
        ["glue", ["Container catalog-glue", "RemoteImage catalog-glue-image"]],
        [
            "rest",
            ["Container catalog-rest-catalog", "RandomPassword catalog-rest-token", "RemoteImage catalog-rest-image"],
        ],
    ])("adds for the catalog type %s just %j", async (catalogType, added) => {
        const { registrations: others } = await runProgram({ catalogType });
        expect(list(others)).toEqual([...list(registrations), ...added].sort());
        expect(list(changed(registrations, others))).toEqual(
            ["Container airflow-airflow-scheduler", "Container dbt-dbt", ...added].sort(),
        );
    });

    test("adds for Spark Connect its server, which knows the catalog and whose token nobody else has", async () => {
        const added = ["Container spark-spark-connect", "RandomPassword spark-connect-token"];
        const { registrations: before } = await runProgram({ sparkConnect: "true" });
        expect(list(before)).toEqual([...list(registrations), ...added].sort());
        expect(list(changed(registrations, before))).toEqual(added);
        const { registrations: after, outputs: shown } = await runProgram({
            sparkConnect: "true",
            catalogType: "hadoop",
        });
        expect(list(changed(before, after))).toEqual([
            "Container airflow-airflow-scheduler",
            "Container dbt-dbt",
            "Container spark-spark-connect",
        ]);

        const server = container(before, "spark-spark-connect");
        expect(server.uploads).toEqual(container(before, "dbt-dbt").uploads);
        expect(server.envs).toEqual(
            expect.arrayContaining([
                "SPARK_CONNECT_AUTHENTICATE_TOKEN=generated-spark-connect-token",
                "SPARK_DAEMON_JAVA_OPTS=",
                "SPARK_DAEMON_MEMORY=768m",
            ]),
        );
        expect(holders(before, "generated-spark-connect-token")).toEqual(["spark-spark-connect"]);
        expect(JSON.stringify({ ...server, envs: [] })).not.toContain("generated-");
        expect(server).toMatchObject({
            ports: [{ ip: "127.0.0.1", internal: 15002, external: 46002 }],
            restart: "unless-stopped",
            healthcheck: { tests: ["CMD", "/opt/lakehouse/health-spark-connect"] },
            memory: 1280,
        });
        expect((server.command as string[]).join(" ")).toBe(
            "spark-submit --class org.apache.spark.sql.connect.service.SparkConnectServer --name spark-connect " +
                "--conf spark.driver.host=spark-connect --conf spark.executor.cores=2 " +
                "--conf spark.dynamicAllocation.enabled=true --conf spark.dynamicAllocation.executorIdleTimeout=30s " +
                "--conf spark.dynamicAllocation.shuffleTracking.timeout=30s " +
                "--conf spark.dynamicAllocation.cachedExecutorIdleTimeout=10m " +
                "--conf spark.eventLog.enabled=false --conf spark.log.level=WARN spark-internal",
        );
        expect(shown.sparkConnectUrl).toBe("sc://localhost:46002");
        expect(await pulumi.isSecret(shown.sparkConnectToken as pulumi.Output<string>)).toBe(true);
    });

    test("starts no server for a catalog that is somebody else's", async () => {
        const uri = "https://catalog.example/iceberg";
        const { registrations: others } = await runProgram({ catalogType: "rest", catalogUri: uri });
        expect(list(others)).toEqual(list(registrations));
        const [upload] = container(others, "dbt-dbt").uploads as { content: string }[];
        expect(upload!.content).toContain(`spark.sql.catalog.lakehouse.uri ${uri}\n`);
    });

    test("gives the metastore and the REST server their own databases, and drivers the token only", async () => {
        const { registrations: rest } = await runProgram({ catalogType: "rest" });
        expect(container(rest, "catalog-rest-catalog").envs).toEqual(
            expect.arrayContaining([
                "LAKEHOUSE_WAREHOUSE=s3://lakehouse/warehouse/rest",
                "REST_CATALOG_TOKEN=generated-catalog-rest-token",
                "REST_DB_NAME=rest",
                "REST_DB_PASSWORD=generated-database-rest-password",
            ]),
        );
        expect(holders(rest, "generated-database-rest-password").sort()).toEqual([
            "catalog-rest-catalog",
            "database-postgres",
        ]);
        expect(container(rest, "dbt-dbt").envs).toContain(
            "LAKEHOUSE_SPARK_SECRETS=spark.sql.catalog.lakehouse.token generated-catalog-rest-token",
        );
        const { registrations: hive } = await runProgram({ catalogType: "hive" });
        expect(holders(hive, "generated-database-hive-password").sort()).toEqual([
            "catalog-hive-metastore",
            "database-postgres",
        ]);
    });

    test("has as many workers as the stack asks for", async () => {
        const { registrations: three } = await runProgram({ sparkWorkers: "3" });
        expect(list(three).filter((line) => line.includes("spark-worker"))).toEqual([
            "Container spark-spark-worker-1",
            "Container spark-spark-worker-2",
            "Container spark-spark-worker-3",
        ]);
    });

    test.each([
        ["jdbc", 13],
        ["hive", 14],
        ["glue", 14],
        ["rest", 14],
    ])("labels and confines every container, with the catalog type %s", async (catalogType, count) => {
        const { registrations: all } = await runProgram({ catalogType });
        const containers = all.filter(({ type }) => type.endsWith(":Container"));
        for (const { inputs } of containers) {
            const service = String(inputs.hostname);
            const isInit = service.endsWith("-init");
            expect(inputs).toMatchObject({
                name: `lakehouse-test-${service}`,
                networksAdvanced: [{ name: "lakehouse-test", aliases: [service] }],
                labels: [
                    { label: "lakehouse.role", value: isInit ? "init" : "service" },
                    { label: "lakehouse.service", value: service },
                    { label: "lakehouse.stack", value: "test" },
                ],
                capabilities: { drops: ["ALL"] },
                securityOpts: ["no-new-privileges:true"],
                restart: isInit ? "no" : "unless-stopped",
                image: expect.stringMatching(/^id-of-lakehouse-test\/[a-z]+:[0-9a-f]{12}$/) as string,
            });
            expect(inputs.memory).toBeGreaterThan(0);
            expect(inputs.memorySwap).toBe(inputs.memory);
            expect(inputs.healthcheck !== undefined).toBe(!isInit);
        }
        expect(containers).toHaveLength(count);
    });

    test("runs these commands", () => {
        const commands = registrations
            .filter(({ type }) => type.endsWith(":Container"))
            .map(({ inputs }) => [inputs.hostname, ((inputs.command ?? []) as string[]).join(" ")] as [string, string]);
        expect(Object.fromEntries(commands)).toEqual({
            "airflow-api-server": "airflow api-server",
            "airflow-dag-processor": "airflow dag-processor",
            "airflow-init": "/opt/lakehouse/airflow-init",
            "airflow-scheduler": "airflow scheduler --skip-serve-logs",
            "airflow-triggerer": "airflow triggerer --skip-serve-logs",
            dbt: "/opt/lakehouse/dbt-server",
            "keys-init": "/opt/lakehouse/make-keys",
            minio: "minio server /var/lib/lakehouse/minio --console-address :9001",
            "minio-init": "/opt/lakehouse/minio-init",
            postgres: "",
            "spark-history": "spark-class org.apache.spark.deploy.history.HistoryServer",
            "spark-master":
                "spark-class org.apache.spark.deploy.master.Master --host spark-master --port 7077 --webui-port 8080",
            "spark-worker-1":
                "spark-class org.apache.spark.deploy.worker.Worker --host spark-worker-1 --webui-port 8081 " +
                "--cores 2 --memory 2048m spark://spark-master:7077",
        });
    });

    test("publishes these ports, on 127.0.0.1 only", () => {
        const ports = registrations.flatMap(({ inputs }) => (inputs.ports ?? []) as { ip: string; external: number }[]);
        expect(ports.map(({ ip }) => ip)).toEqual(ports.map(() => "127.0.0.1"));
        expect(ports.map(({ external }) => external).sort((a, b) => a - b)).toEqual([
            39080, 39081, 40000, 40001, 49080,
        ]);
    });

    test("mounts code read-only and writes to volumes only", () => {
        const mounts = registrations.flatMap(({ name, inputs }) =>
            ((inputs.mounts ?? []) as { type: string; target: string; source: string; readOnly: boolean }[]).map(
                (mount) =>
                    `${name} ${mount.type} ${mount.source.replace(PROJECT, ".")} ${mount.readOnly ? "ro" : "rw"}`,
            ),
        );
        expect(mounts.filter((line) => line.endsWith("rw")).sort()).toEqual([
            "airflow-airflow-dag-processor volume lakehouse-test-airflow-logs rw",
            "airflow-airflow-scheduler volume lakehouse-test-airflow-logs rw",
            "airflow-airflow-triggerer volume lakehouse-test-airflow-logs rw",
            "database-postgres volume lakehouse-test-postgres rw",
            "dbt-keys-init volume lakehouse-test-airflow-keys rw",
            "dbt-keys-init volume lakehouse-test-dbt-keys rw",
            "store-minio volume lakehouse-test-minio rw",
        ]);
        expect(mounts).toContain("airflow-airflow-scheduler bind ./dags ro");
        expect(mounts).toContain("dbt-dbt bind ./dbt ro");
    });

    test("gives the drivers the cluster's Spark configuration and the catalog's, and the secrets as environment", () => {
        const lines = (name: string): string[] => {
            const [upload] = container(registrations, name).uploads as { file: string; content: string }[];
            expect(upload!.file).toBe("/opt/spark/conf/spark-defaults.conf");
            return upload!.content.split("\n");
        };
        const ofDaemons = lines("spark-spark-master");
        const ofDrivers = lines("airflow-airflow-scheduler");
        expect(lines("spark-spark-worker-1")).toEqual(ofDaemons);
        expect(lines("spark-spark-history")).toEqual(ofDaemons);
        expect(lines("dbt-dbt")).toEqual(ofDrivers);
        expect(ofDrivers.filter((line) => !/^spark\.sql\.(catalog|defaultCatalog|extensions)/.test(line))).toEqual(
            ofDaemons,
        );
        expect(ofDrivers).toContain("spark.sql.catalog.lakehouse.type jdbc");
        expect(container(registrations, "airflow-airflow-scheduler").envs).toEqual(
            expect.arrayContaining([
                "_SPARK_AUTH_SECRET=generated-spark-rpc-secret",
                "AWS_SECRET_ACCESS_KEY=generated-store-platform-password",
                "LAKEHOUSE_ORPHAN_RETENTION_DAYS=3",
                "LAKEHOUSE_PGPASS=postgres:5432:iceberg:iceberg:generated-database-iceberg-password",
                "LAKEHOUSE_SNAPSHOT_RETENTION_DAYS=5",
                "LAKEHOUSE_SNAPSHOTS_KEPT=1",
            ]),
        );
    });

    test("gives the store's root password to the store alone, and no admin password to running services", () => {
        expect(holders(registrations, "generated-store-root-password").sort()).toEqual([
            "store-minio",
            "store-minio-init",
        ]);
        expect(holders(registrations, "generated-airflow-admin-password")).toEqual(["airflow-airflow-init"]);
        expect(holders(registrations, "generated-database-airflow-password").sort()).toEqual([
            "airflow-airflow-api-server",
            "airflow-airflow-dag-processor",
            "airflow-airflow-init",
            "airflow-airflow-scheduler",
            "airflow-airflow-triggerer",
            "database-postgres",
        ]);
    });

    test("marks every environment that holds a secret as secret", () => {
        const found = registrations.filter(({ inputs }) => JSON.stringify(inputs).includes("generated-"));
        expect(found.map(({ secretInputs }) => secretInputs)).toEqual(found.map(() => ["envs"]));
        expect(found).toHaveLength(12);
    });

    test("never shows a secret outside the environment of a container", () => {
        for (const { inputs } of registrations) {
            const visible = { ...inputs, envs: [] };
            expect(JSON.stringify(visible)).not.toContain("generated-");
        }
    });

    test("tells where everything is", async () => {
        expect(outputs).toMatchObject({
            airflowUrl: "http://localhost:39080",
            airflowUser: "admin",
            sparkMasterUrl: "http://localhost:39081",
            sparkHistoryUrl: "http://localhost:49080",
            s3Endpoint: "http://localhost:40000",
            s3ConsoleUrl: "http://localhost:40001",
            catalogType: "jdbc",
            demo: true,
        });
        expect([outputs.sparkConnectUrl, outputs.sparkConnectToken]).toEqual([undefined, undefined]);
        for (const name of ["airflowPassword", "s3SecretKey"]) {
            expect([name, await pulumi.isSecret(outputs[name] as pulumi.Output<string>)]).toEqual([name, true]);
        }
        expect(await valueOf(outputs.airflowPassword as pulumi.Output<string>)).toBe(
            "generated-airflow-admin-password",
        );
    });

    test("refuses a wrong setting before it registers anything", async () => {
        const recorded: Registration[] = [];
        await expect(runProgram({ sparkWorkers: "0" }, recorded)).rejects.toThrow(
            "lakehouse:sparkWorkers: '0' is not allowed.",
        );
        expect(recorded).toEqual([]);
    });
});
