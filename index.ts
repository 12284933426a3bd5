import { AirflowCluster } from "./components/airflow-cluster";
import { renderCatalog } from "./components/catalog";
import { CatalogServer } from "./components/catalog-server";
import { Database } from "./components/database";
import { DbtRunner } from "./components/dbt-runner";
import { ObjectStore } from "./components/object-store";
import { SparkCluster } from "./components/spark-cluster";
import { createTarget } from "./components/target";
import { allReady } from "./components/shared/ready";
import { readSettings } from "./config";

/** The platform; the same lines for every stack. */
async function main(): Promise<Record<string, unknown>> {
    if (process.env.DEBUG === undefined) {
        // Pulumi takes a stack trace for each of its thousands of promises: a quarter of the time of a preview.
        Error.stackTraceLimit = 0;
    }
    const settings = readSettings();
    const target = await createTarget("target", settings);

    const database = new Database("database", { target });
    const store = new ObjectStore("store", { target, region: settings.region, samplePath: settings.samplePath });
    const catalogServer = new CatalogServer("catalog", {
        target,
        settings: settings.catalog,
        store: store.facts,
        databases: database,
        databaseReady: database.ready,
        storeReady: store.ready,
    });
    const catalog = renderCatalog(settings.catalog.type, {
        store: store.facts,
        database: database.iceberg,
        server: catalogServer.server,
    });
    const spark = new SparkCluster("spark", {
        target,
        size: settings.spark,
        store: store.facts,
        catalog,
        maintenance: settings.maintenance,
        storeReady: store.ready,
    });
    const dbt = new DbtRunner("dbt", { target, spark: spark.facts });
    const airflow = new AirflowCluster("airflow", {
        target,
        database: database.airflow,
        databaseReady: database.ready,
        spark: spark.facts,
        dbt: dbt.facts,
        store: store.facts,
        dbtKeysReady: dbt.keysReady,
    });

    const outputs = {
        airflowUrl: airflow.url,
        airflowUser: airflow.adminUser,
        airflowPassword: airflow.adminPassword,
        sparkMasterUrl: spark.masterUiUrl,
        sparkHistoryUrl: spark.historyUrl,
        sparkConnectUrl: spark.connect?.url,
        sparkConnectToken: spark.connect?.token,
        s3Endpoint: store.publicEndpoint,
        s3ConsoleUrl: store.consoleUrl,
        s3AccessKey: store.facts.keys?.accessKey,
        s3SecretKey: store.facts.keys?.secretKey,
        catalogType: settings.catalog.type,
        demo: settings.demo,
        // Holds the update open until everything is healthy, also what nothing else waits for.
        healthy: allReady([
            database.ready,
            store.ready,
            catalogServer.ready,
            spark.ready,
            dbt.ready,
            airflow.ready,
        ]).apply(() => true),
    };
    // What a stack does not have, such as a Spark Connect server that is off, Pulumi would warn of.
    return Object.fromEntries(Object.entries(outputs).filter(([, value]) => value !== undefined));
}

export = main;
