import type { Catalog } from "../catalog";
import type { ObjectStoreFacts } from "../object-store";

/** What the Spark configuration is rendered from. */
export interface SparkConfFacts {
    readonly masterUrl: string;
    readonly store: Pick<ObjectStoreFacts, "endpoint" | "region" | "pathStyle" | "buckets">;
    readonly catalog: Pick<Catalog, "name" | "sparkProperties">;
    /** Memory of one executor, in MiB. */
    readonly executorMemoryMiB: number;
}

/**
 * Renders spark-defaults.conf, the one source of Spark settings that the master, workers, history server and every driver
 * read. Pure. It holds no secret: credentials and the RPC secret come from the environment.
 *
 * @returns the file's text, one `key value` a line, sorted by key
 */
export function renderSparkDefaults(facts: SparkConfFacts): string {
    const { masterUrl, store, catalog, executorMemoryMiB } = facts;
    const eventLogs = `s3a://${store.buckets.logs}/spark-events`;
    const catalogKey = `spark.sql.catalog.${catalog.name}`;
    const properties: Record<string, string> = {
        "spark.master": masterUrl,
        "spark.executor.memory": `${executorMemoryMiB}m`,
        // Short jobs on a laptop: start-up matters more than the last percent of throughput.
        "spark.driver.extraJavaOptions": "-XX:+UseSerialGC -XX:TieredStopAtLevel=1",
        "spark.executor.extraJavaOptions": "-XX:+UseSerialGC",
        "spark.authenticate": "true",
        "spark.network.crypto.enabled": "true",
        // The master refuses to start with authentication while this is on, its default since 4.1.
        "spark.master.rest.enabled": "false",
        "spark.eventLog.enabled": "true",
        "spark.eventLog.dir": eventLogs,
        "spark.history.fs.logDirectory": eventLogs,
        "spark.history.fs.update.interval": "5s",
        "spark.ui.reverseProxy": "true",
        "spark.ui.showConsoleProgress": "false",
        "spark.hadoop.fs.s3a.endpoint": store.endpoint,
        "spark.hadoop.fs.s3a.endpoint.region": store.region,
        "spark.hadoop.fs.s3a.path.style.access": String(store.pathStyle),
        "spark.hadoop.fs.s3a.connection.ssl.enabled": String(store.endpoint.startsWith("https://")),
        "spark.hadoop.fs.s3a.aws.credentials.provider":
            "software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider",
        "spark.sql.extensions": "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
        "spark.sql.defaultCatalog": catalog.name,
        [catalogKey]: "org.apache.iceberg.spark.SparkCatalog",
    };
    for (const [key, value] of Object.entries(catalog.sparkProperties)) {
        properties[`${catalogKey}.${key}`] = value;
    }
    return Object.keys(properties)
        .sort()
        .map((key) => `${key} ${properties[key]}\n`)
        .join("");
}
