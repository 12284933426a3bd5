import * as pulumi from "@pulumi/pulumi";
import { renderAirflowEnv } from "../../components/airflow-cluster/env";
import { type Catalog, type CatalogFacts, renderCatalog } from "../../components/catalog";
import type { CatalogType } from "../../config";
import { renderEnv } from "../../components/shared/env";
import { formatGiB, parseMemoryMiB } from "../../components/shared/memory";
import { renderSparkDefaults } from "../../components/spark-cluster/conf";
import { valueOf } from "./support/mocks";

const facts: CatalogFacts = {
    store: {
        endpoint: "http://minio:9000",
        region: "us-east-1",
        pathStyle: true,
        buckets: { lake: "lakehouse", examples: "examples", logs: "logs" },
    },
    database: { host: "postgres", port: 5432, name: "iceberg", password: pulumi.secret("pass-word") },
};

const renderDefaults = (catalog?: Catalog): string =>
    renderSparkDefaults({
        masterUrl: "spark://spark-master:7077",
        store: facts.store,
        catalog,
        executorMemoryMiB: 1024,
    });

const COMMON = [
    "spark.authenticate true",
    "spark.driver.extraJavaOptions -XX:+UseSerialGC -XX:TieredStopAtLevel=1",
    "spark.eventLog.dir s3a://logs/spark-events",
    "spark.eventLog.enabled true",
    "spark.executor.extraJavaOptions -XX:+UseSerialGC",
    "spark.executor.memory 1024m",
    "spark.hadoop.fs.s3a.aws.credentials.provider software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider",
    "spark.hadoop.fs.s3a.connection.ssl.enabled false",
    "spark.hadoop.fs.s3a.endpoint http://minio:9000",
    "spark.hadoop.fs.s3a.endpoint.region us-east-1",
    "spark.hadoop.fs.s3a.path.style.access true",
    "spark.history.fs.logDirectory s3a://logs/spark-events",
    "spark.history.fs.update.interval 5s",
    "spark.master spark://spark-master:7077",
    "spark.master.rest.enabled false",
    "spark.network.crypto.enabled true",
    "spark.redaction.regex (?i)secret|password|token|credential|access[.]?key",
    "spark.sql.artifact.isolation.enabled false",
    "spark.ui.reverseProxy true",
    "spark.ui.showConsoleProgress false",
];

const S3_FILE_IO = [
    "client.region us-east-1",
    "io-impl org.apache.iceberg.aws.s3.S3FileIO",
    "s3.endpoint http://minio:9000",
    "s3.path-style-access true",
];

const SERVERS = {
    hive: "thrift://hive-metastore:9083",
    glue: "http://glue:5000",
    rest: "http://rest-catalog:8181",
};

/** What each type writes below `spark.sql.catalog.lakehouse.`. */
const EXPECTED: [CatalogType, string[]][] = [
    [
        "hadoop",
        [
            "lock-impl lakehouse.PostgresLockManager",
            "lock.postgres.uri jdbc:postgresql://postgres:5432/iceberg",
            "lock.postgres.user iceberg",
            "type hadoop",
            "warehouse s3a://lakehouse/warehouse/hadoop",
        ],
    ],
    [
        "jdbc",
        [
            ...S3_FILE_IO,
            "jdbc.schema-version V1",
            "jdbc.user iceberg",
            "type jdbc",
            "uri jdbc:postgresql://postgres:5432/iceberg",
            "warehouse s3://lakehouse/warehouse/jdbc",
        ],
    ],
    [
        "hive",
        [
            ...S3_FILE_IO,
            "hadoop.iceberg.engine.hive.lock-enabled false",
            "type hive",
            "uri thrift://hive-metastore:9083",
            "warehouse s3://lakehouse/warehouse/hive",
        ],
    ],
    ["glue", [...S3_FILE_IO, "glue.endpoint http://glue:5000", "type glue", "warehouse s3://lakehouse/warehouse/glue"]],
    ["rest", [...S3_FILE_IO, "type rest", "uri http://rest-catalog:8181", "warehouse s3://lakehouse/warehouse/rest"]],
];

const PYICEBERG_STORE = [
    "S3__ENDPOINT=http://minio:9000",
    "S3__FORCE_VIRTUAL_ADDRESSING=false",
    "S3__REGION=us-east-1",
];
const EMPTY_DATABASE = "ATTACH ':memory:' AS lakehouse";

/** What PyIceberg reads below `PYICEBERG_CATALOG__LAKEHOUSE__`, and what DuckDB runs. */
const EXPECTED_ENV: [CatalogType, string[], string][] = [
    ["hadoop", [...PYICEBERG_STORE, "WAREHOUSE=s3a://lakehouse/warehouse/hadoop"], EMPTY_DATABASE],
    [
        "jdbc",
        [
            ...PYICEBERG_STORE,
            "TYPE=sql",
            "URI=postgresql+psycopg2://iceberg@postgres:5432/iceberg",
            "WAREHOUSE=s3://lakehouse/warehouse/jdbc",
        ],
        EMPTY_DATABASE,
    ],
    [
        "hive",
        [
            ...PYICEBERG_STORE,
            "TYPE=hive",
            "URI=thrift://hive-metastore:9083",
            "WAREHOUSE=s3://lakehouse/warehouse/hive",
        ],
        EMPTY_DATABASE,
    ],
    [
        "glue",
        [
            "GLUE__ENDPOINT=http://glue:5000",
            "GLUE__REGION=us-east-1",
            ...PYICEBERG_STORE,
            "TYPE=glue",
            "WAREHOUSE=s3://lakehouse/warehouse/glue",
        ],
        EMPTY_DATABASE,
    ],
    [
        "rest",
        [
            ...PYICEBERG_STORE,
            "TOKEN=to-ken",
            "TYPE=rest",
            "URI=http://rest-catalog:8181",
            "WAREHOUSE=s3://lakehouse/warehouse/rest",
        ],
        "CREATE TEMPORARY SECRET lakehouse_catalog (TYPE iceberg, TOKEN $PYICEBERG_CATALOG__LAKEHOUSE__TOKEN);\n" +
            "ATTACH 's3://lakehouse/warehouse/rest' AS lakehouse (TYPE iceberg, ENDPOINT 'http://rest-catalog:8181', " +
            "SECRET lakehouse_catalog, ACCESS_DELEGATION_MODE 'none')",
    ],
];

const withServer = (type: CatalogType): CatalogFacts =>
    type in SERVERS
        ? { ...facts, server: { uri: SERVERS[type as keyof typeof SERVERS], token: tokenOf(type) } }
        : facts;

const tokenOf = (type: CatalogType): pulumi.Output<string> | undefined =>
    type === "rest" ? pulumi.secret("to-ken") : undefined;

/** The environment that a catalog gives to drivers and tasks; all of it, or what begins with a prefix, without that. */
const envOf = async (catalog: Catalog, prefix = ""): Promise<Record<string, string>> => {
    const env = await valueOf(pulumi.output(catalog.env));
    const entries = Object.entries(env).filter(([name]) => name.startsWith(prefix));
    return Object.fromEntries(entries.map(([name, value]) => [name.slice(prefix.length), value]));
};

describe("spark-defaults.conf", () => {
    test("of the daemons knows no catalog", () => {
        expect(renderDefaults().split("\n")).toEqual([...COMMON, ""]);
    });

    test.each(EXPECTED)("of the %s catalog", (type, lines) => {
        const text = renderDefaults(renderCatalog(type, withServer(type)));
        expect(text.split("\n").filter(Boolean)).toEqual(
            [
                ...COMMON,
                "spark.sql.catalog.lakehouse org.apache.iceberg.spark.SparkCatalog",
                ...lines.map((line) => `spark.sql.catalog.lakehouse.${line}`),
                "spark.sql.defaultCatalog lakehouse",
                "spark.sql.extensions org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
            ].sort(),
        );
        expect(text).not.toMatch(/pass-word|to-ken/);
    });

    test.each(EXPECTED_ENV)(
        "comes with PyIceberg's and DuckDB's settings of the %s catalog",
        async (type, lines, sql) => {
            const catalog = renderCatalog(type, withServer(type));
            const properties = await envOf(catalog, "PYICEBERG_CATALOG__LAKEHOUSE__");
            expect(
                Object.entries(properties)
                    .map(([name, value]) => `${name}=${value}`)
                    .sort(),
            ).toEqual(lines);
            expect(catalog.env.LAKEHOUSE_DUCKDB_STATEMENTS).toBe(sql);
        },
    );

    test.each(Object.keys(SERVERS))("of the %s catalog needs a server", (type) => {
        expect(() => renderCatalog(type as CatalogType, facts)).toThrow("this type of catalog needs a server");
    });

    test("of an external REST catalog names its warehouse and holds no secret", async () => {
        const catalog = renderCatalog("rest", {
            ...facts,
            server: {
                uri: "https://catalog.example/iceberg",
                warehouse: "analytics",
                credential: pulumi.secret("id:word"),
                oauthUri: "https://login.example/token",
            },
        });
        expect(catalog.sparkProperties).toEqual({
            type: "rest",
            uri: "https://catalog.example/iceberg",
            warehouse: "analytics",
            "rest.auth.type": "oauth2",
            "oauth2-server-uri": "https://login.example/token",
            "io-impl": "org.apache.iceberg.aws.s3.S3FileIO",
            "client.region": "us-east-1",
            "s3.endpoint": "http://minio:9000",
            "s3.path-style-access": "true",
        });
        expect(await envOf(catalog, "PYICEBERG_CATALOG__LAKEHOUSE__")).toEqual({
            TYPE: "rest",
            URI: "https://catalog.example/iceberg",
            WAREHOUSE: "analytics",
            CREDENTIAL: "id:word",
            OAUTH2_SERVER_URI: "https://login.example/token",
            S3__ENDPOINT: "http://minio:9000",
            S3__FORCE_VIRTUAL_ADDRESSING: "false",
            S3__REGION: "us-east-1",
        });
        expect(await envOf(catalog, "LAKEHOUSE_")).toEqual({
            SPARK_SECRETS: "spark.sql.catalog.lakehouse.credential id:word",
            DUCKDB_STATEMENTS: EMPTY_DATABASE,
        });
        for (const secret of ["LAKEHOUSE_SPARK_SECRETS", "PYICEBERG_CATALOG__LAKEHOUSE__CREDENTIAL"]) {
            expect([secret, await pulumi.isSecret(pulumi.output(catalog.env[secret]))]).toEqual([secret, true]);
        }
    });

    test("of the platform's REST catalog sends its token from the environment", async () => {
        const server = { uri: SERVERS.rest, token: pulumi.secret("abc") };
        const { SPARK_SECRETS } = await envOf(renderCatalog("rest", { ...facts, server }), "LAKEHOUSE_");
        expect(SPARK_SECRETS).toBe("spark.sql.catalog.lakehouse.token abc");
    });
});

describe("environment", () => {
    test("is sorted, and secret as soon as one value is", async () => {
        const plain = renderEnv({ B: "2", A: "1" });
        expect(await valueOf(plain)).toEqual(["A=1", "B=2"]);
        expect(await pulumi.isSecret(plain)).toBe(false);
        expect(await pulumi.isSecret(renderEnv({ A: pulumi.secret("1") }))).toBe(true);
    });

    test.each(["hadoop", "jdbc"] as const)(
        "of the %s catalog carries the password as a libpq password file",
        async (type) => {
            const { env } = renderCatalog(type, facts);
            expect(await valueOf(pulumi.output(env))).toMatchObject({
                PGPASSFILE: "/run/lakehouse/pgpass",
                LAKEHOUSE_PGPASS: "postgres:5432:iceberg:iceberg:pass-word",
            });
            expect(await pulumi.isSecret(pulumi.output(env.LAKEHOUSE_PGPASS))).toBe(true);
        },
    );

    test("of Airflow shares its secrets and points tasks at the api-server", async () => {
        const env = renderAirflowEnv({
            database: { host: "postgres", port: 5432, name: "airflow", password: pulumi.secret("db-pass") },
            dbt: { host: "dbt", port: 2222, user: "lakehouse" },
            sparkMasterUrl: "spark://spark-master:7077",
            apiServerUrl: "http://airflow-api-server:8080",
            publicUrl: "http://localhost:8080",
            jwtSecret: pulumi.secret("jwt"),
            secretKey: pulumi.secret("key"),
        });
        expect(await valueOf(pulumi.output(env))).toEqual({
            AIRFLOW__API__BASE_URL: "http://localhost:8080",
            AIRFLOW__API__SECRET_KEY: "key",
            AIRFLOW__API_AUTH__JWT_ISSUER: "lakehouse",
            AIRFLOW__API_AUTH__JWT_SECRET: "jwt",
            AIRFLOW__CORE__EXECUTION_API_SERVER_URL: "http://airflow-api-server:8080/execution/",
            AIRFLOW__CORE__FERNET_KEY_CMD: "cat /keys/airflow/fernet.key",
            AIRFLOW__DATABASE__SQL_ALCHEMY_CONN: "postgresql+psycopg2://airflow:db-pass@postgres:5432/airflow",
            AIRFLOW_CONN_DBT:
                '{"conn_type":"ssh","host":"dbt","port":2222,"login":"lakehouse","extra":{"key_file":' +
                '"/keys/airflow/id_ed25519","no_host_key_check":false,"allow_host_key_change":false}}',
            AIRFLOW_CONN_SPARK_DEFAULT: '{"conn_type":"spark","host":"spark://spark-master","port":7077}',
            LAKEHOUSE_DBT_RUNNER: "server",
        });
        expect(await pulumi.isSecret(pulumi.output(env.AIRFLOW__DATABASE__SQL_ALCHEMY_CONN))).toBe(true);
    });
});

describe("memory sizes", () => {
    test.each([
        ["1536m", 1536],
        ["2g", 2048],
        ["2G", 2048],
        ["2", undefined],
        ["0g", undefined],
        ["1.5g", undefined],
    ])("%s is %p MiB", (text, mebibytes) => {
        expect(parseMemoryMiB(text)).toBe(mebibytes);
    });

    test("are shown in GiB", () => {
        expect(formatGiB(1536)).toBe("1.5 GiB");
    });
});
