import * as pulumi from "@pulumi/pulumi";
import { type Catalog, type CatalogFacts, renderCatalog } from "../../../components/catalog";
import { CatalogServer } from "../../../components/catalog-server";
import type { CatalogSettings, CatalogType } from "../../../config";
import {
    ACCOUNT,
    type AwsRegistration,
    awsTarget,
    inputsOf,
    list,
    recordAws,
    REGION,
    registrationOf,
    settle,
    valueOf,
} from "./support";

const STORE = {
    endpoint: "https://s3.eu-central-1.amazonaws.com",
    region: REGION,
    pathStyle: false,
    buckets: { lake: "lake", examples: "examples", logs: "logs" },
};
const GLUE = "https://glue.eu-central-1.amazonaws.com";
const facts: CatalogFacts = {
    store: STORE,
    database: { host: "database", port: 5432, name: "iceberg", password: pulumi.secret("pass-word"), tls: true },
};

const S3_FILE_IO = {
    "io-impl": "org.apache.iceberg.aws.s3.S3FileIO",
    "client.region": REGION,
    "s3.endpoint": STORE.endpoint,
    "s3.path-style-access": "false",
};
const PYICEBERG_STORE = {
    S3__ENDPOINT: STORE.endpoint,
    S3__FORCE_VIRTUAL_ADDRESSING: "true",
    S3__REGION: REGION,
};
const EMPTY_DATABASE = "ATTACH ':memory:' AS lakehouse";

const PYICEBERG = "PYICEBERG_CATALOG__LAKEHOUSE__";

/** PyIceberg's settings, without the start that all have. */
async function pyIcebergOf(catalog: Catalog): Promise<Record<string, string>> {
    const env = await valueOf(pulumi.output(catalog.env));
    const entries = Object.entries(env).filter(([name]) => name.startsWith(PYICEBERG));
    return Object.fromEntries(entries.map(([name, value]) => [name.slice(PYICEBERG.length), value]));
}

/** What each type gives to Spark and PyIceberg. */
const EXPECTED: [CatalogType, CatalogFacts["server"], Record<string, string>, Record<string, string>][] = [
    [
        "glue",
        { uri: GLUE },
        { type: "glue", "glue.endpoint": GLUE, warehouse: "s3://lake/warehouse/glue", ...S3_FILE_IO },
        {
            TYPE: "glue",
            GLUE__ENDPOINT: GLUE,
            GLUE__REGION: REGION,
            WAREHOUSE: "s3://lake/warehouse/glue",
            ...PYICEBERG_STORE,
        },
    ],
    [
        "jdbc",
        undefined,
        {
            type: "jdbc",
            uri: "jdbc:postgresql://database:5432/iceberg?sslmode=require",
            "jdbc.user": "iceberg",
            "jdbc.schema-version": "V1",
            warehouse: "s3://lake/warehouse/jdbc",
            ...S3_FILE_IO,
        },
        {
            TYPE: "sql",
            URI: "postgresql+psycopg2://iceberg@database:5432/iceberg?sslmode=require",
            WAREHOUSE: "s3://lake/warehouse/jdbc",
            ...PYICEBERG_STORE,
        },
    ],
    [
        "hadoop",
        undefined,
        {
            type: "hadoop",
            warehouse: "s3a://lake/warehouse/hadoop",
            "lock-impl": "lakehouse.PostgresLockManager",
            "lock.postgres.uri": "jdbc:postgresql://database:5432/iceberg?sslmode=require",
            "lock.postgres.user": "iceberg",
        },
        { WAREHOUSE: "s3a://lake/warehouse/hadoop", ...PYICEBERG_STORE },
    ],
    [
        "rest",
        { uri: `${GLUE}/iceberg`, warehouse: ACCOUNT },
        {
            type: "rest",
            uri: `${GLUE}/iceberg`,
            warehouse: ACCOUNT,
            "rest.auth.type": "sigv4",
            "rest.auth.sigv4.delegate-auth-type": "none",
            "rest.signing-name": "glue",
            "rest.signing-region": REGION,
            ...S3_FILE_IO,
        },
        {
            TYPE: "rest",
            URI: `${GLUE}/iceberg`,
            WAREHOUSE: ACCOUNT,
            REST__SIGNING_NAME: "glue",
            REST__SIGNING_REGION: REGION,
            REST__SIGV4_ENABLED: "true",
            ...PYICEBERG_STORE,
        },
    ],
];

describe("the catalog on AWS", () => {
    test.each(EXPECTED)("of type %s is rendered for Spark, PyIceberg and DuckDB", async (type, server, spark, py) => {
        const catalog = renderCatalog(type, { ...facts, server });
        expect(catalog.sparkProperties).toEqual(spark);
        expect(await pyIcebergOf(catalog)).toEqual(py);
        expect(catalog.env.LAKEHOUSE_DUCKDB_STATEMENTS).toBe(EMPTY_DATABASE);
        expect(JSON.stringify(catalog.sparkProperties)).not.toContain("pass-word");
    });

    test.each([
        "https://catalog.example/iceberg",
        "https://glue.eu-central-1.amazonaws.com.example/iceberg",
        "https://glue.eu-central-1.amazonaws.com/other",
        "http://glue.eu-central-1.amazonaws.com/iceberg",
    ])("signs nothing for %s", async (uri) => {
        const catalog = renderCatalog("rest", { ...facts, server: { uri, warehouse: "w" } });
        const all = [...Object.keys(catalog.sparkProperties), ...Object.keys(await pyIcebergOf(catalog))];
        expect(all.filter((property) => /sign|sigv4/i.test(property))).toEqual([]);
    });
});

async function createServer(
    settings: CatalogSettings,
    overrides: Record<string, string> = {},
): Promise<{ registrations: AwsRegistration[]; server: CatalogServer["server"] }> {
    const registrations: AwsRegistration[] = [];
    await recordAws(registrations);
    const { server } = new CatalogServer("catalog", {
        target: awsTarget(overrides),
        settings,
        store: { ...STORE, sampleKey: "customers.csv" },
        databases: {},
        databaseReady: pulumi.output<pulumi.Resource[]>([]),
        storeReady: pulumi.output<pulumi.Resource[]>([]),
    });
    await settle();
    return { registrations, server };
}

const DATABASES = ["CatalogDatabase catalog-analytics", "CatalogDatabase catalog-raw", "CatalogServer catalog"];

describe("the catalog's server on AWS", () => {
    test("of type glue is the account's catalog, with a database for each schema", async () => {
        const { registrations, server } = await createServer({ type: "glue" });
        expect(list(registrations)).toEqual(DATABASES);
        expect(server).toEqual({ uri: GLUE });
        expect(inputsOf(registrations, "CatalogDatabase catalog-raw")).toMatchObject({
            catalogId: ACCOUNT,
            locationUri: "s3://lake/warehouse/glue/lakehouse_aws_raw.db",
            name: "lakehouse_aws_raw",
        });
    });

    test.each([
        ["dev", false],
        ["prod", true],
    ])("of type glue in %s: protected is %s", async (environment, isProtected) => {
        const { registrations } = await createServer({ type: "glue" }, { environment });
        expect(registrationOf(registrations, "CatalogDatabase catalog-raw").protect).toBe(isProtected);
    });

    test.each<CatalogType>(["hadoop", "jdbc"])("of type %s is none", async (type) => {
        const { registrations, server } = await createServer({ type });
        expect(list(registrations)).toEqual(["CatalogServer catalog"]);
        expect(server).toBeUndefined();
    });

    test("of type rest at Glue's endpoint has the account for its warehouse, and the databases", async () => {
        const { registrations, server } = await createServer({ type: "rest", uri: `${GLUE}/iceberg` });
        expect(list(registrations)).toEqual(DATABASES);
        expect(server).toEqual({ uri: `${GLUE}/iceberg`, warehouse: ACCOUNT });
    });

    test.each<CatalogSettings>([
        { type: "rest", uri: "https://catalog.example/iceberg", warehouse: "analytics" },
        { type: "hive", uri: "thrift://metastore.example:9083" },
    ])("of type $type elsewhere is only an address", async (settings) => {
        const { registrations, server } = await createServer(settings);
        expect(list(registrations)).toEqual(["CatalogServer catalog"]);
        expect(server).toMatchObject({ uri: settings.uri });
    });
});
