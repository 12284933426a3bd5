import * as pulumi from "@pulumi/pulumi";
import { renderAirflowEnv } from "../../components/airflow-cluster/env";
import { type Catalog, type CatalogFacts, renderCatalog } from "../../components/catalog";
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

const renderDefaults = (catalog: Catalog): string =>
    renderSparkDefaults({
        masterUrl: "spark://spark-master:7077",
        store: facts.store,
        catalog,
        executorMemoryMiB: 1024,
    });

const COMMON = `spark.authenticate true
spark.driver.extraJavaOptions -XX:+UseSerialGC -XX:TieredStopAtLevel=1
spark.eventLog.dir s3a://logs/spark-events
spark.eventLog.enabled true
spark.executor.extraJavaOptions -XX:+UseSerialGC
spark.executor.memory 1024m
spark.hadoop.fs.s3a.aws.credentials.provider software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider
spark.hadoop.fs.s3a.connection.ssl.enabled false
spark.hadoop.fs.s3a.endpoint http://minio:9000
spark.hadoop.fs.s3a.endpoint.region us-east-1
spark.hadoop.fs.s3a.path.style.access true
spark.history.fs.logDirectory s3a://logs/spark-events
spark.history.fs.update.interval 5s
spark.master spark://spark-master:7077
spark.master.rest.enabled false
spark.network.crypto.enabled true
`;

describe("spark-defaults.conf", () => {
    test("of the hadoop catalog", () => {
        expect(renderDefaults(renderCatalog("hadoop", facts))).toBe(
            `${COMMON}spark.sql.catalog.lakehouse org.apache.iceberg.spark.SparkCatalog
spark.sql.catalog.lakehouse.type hadoop
spark.sql.catalog.lakehouse.warehouse s3a://lakehouse/warehouse/hadoop
spark.sql.defaultCatalog lakehouse
spark.sql.extensions org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions
spark.ui.reverseProxy true
spark.ui.showConsoleProgress false
`,
        );
    });

    test("of the jdbc catalog", () => {
        const text = renderDefaults(renderCatalog("jdbc", facts));
        expect(text).toBe(
            `${COMMON}spark.sql.catalog.lakehouse org.apache.iceberg.spark.SparkCatalog
spark.sql.catalog.lakehouse.client.region us-east-1
spark.sql.catalog.lakehouse.io-impl org.apache.iceberg.aws.s3.S3FileIO
spark.sql.catalog.lakehouse.jdbc.schema-version V1
spark.sql.catalog.lakehouse.jdbc.user iceberg
spark.sql.catalog.lakehouse.s3.endpoint http://minio:9000
spark.sql.catalog.lakehouse.s3.path-style-access true
spark.sql.catalog.lakehouse.type jdbc
spark.sql.catalog.lakehouse.uri jdbc:postgresql://postgres:5432/iceberg
spark.sql.catalog.lakehouse.warehouse s3://lakehouse/warehouse/jdbc
spark.sql.defaultCatalog lakehouse
spark.sql.extensions org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions
spark.ui.reverseProxy true
spark.ui.showConsoleProgress false
`,
        );
        expect(text).not.toContain("pass-word");
    });
});

describe("environment", () => {
    test("is sorted, and secret as soon as one value is", async () => {
        const plain = renderEnv({ B: "2", A: "1" });
        expect(await valueOf(plain)).toEqual(["A=1", "B=2"]);
        expect(await pulumi.isSecret(plain)).toBe(false);
        expect(await pulumi.isSecret(renderEnv({ A: pulumi.secret("1") }))).toBe(true);
    });

    test("of the jdbc catalog carries the password as a libpq password file", async () => {
        const { env } = renderCatalog("jdbc", facts);
        expect(await valueOf(pulumi.output(env))).toEqual({
            PGPASSFILE: "/run/lakehouse/pgpass",
            LAKEHOUSE_PGPASS: "postgres:5432:iceberg:iceberg:pass-word",
        });
        expect(await pulumi.isSecret(pulumi.output(env.LAKEHOUSE_PGPASS))).toBe(true);
        expect(renderCatalog("hadoop", facts).env).toEqual({});
    });

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
