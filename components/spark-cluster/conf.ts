import type { Catalog } from "../catalog";
import type { ObjectStoreFacts } from "../object-store";

/** What the Spark configuration is rendered from. */
export interface SparkConfFacts {
    readonly masterUrl: string;
    readonly store: Pick<ObjectStoreFacts, "endpoint" | "region" | "pathStyle" | "buckets">;
    /** What a driver uses; the daemons know no catalog, so that another one leaves them alone. */
    readonly catalog?: Pick<Catalog, "name" | "sparkProperties">;
    /** Memory of one executor, in MiB; daemons need none. */
    readonly executorMemoryMiB?: number;
    /** What the kind of the cluster adds or replaces; without it, the cluster is a standalone one. */
    readonly cluster?: Readonly<Record<string, string>>;
}

/** What holds for a standalone cluster on one machine. */
const STANDALONE = {
    // Short jobs on a laptop: start-up matters more than the last percent of throughput.
    "spark.driver.extraJavaOptions": "-XX:+UseSerialGC -XX:TieredStopAtLevel=1",
    "spark.executor.extraJavaOptions": "-XX:+UseSerialGC",
    "spark.hadoop.fs.s3a.aws.credentials.provider":
        "software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider",
    // The master refuses to start with authentication while this is on, its default since 4.1.
    "spark.master.rest.enabled": "false",
    "spark.ui.reverseProxy": "true",
};

/**
 * Renders spark-defaults.conf, the one source of Spark settings: for drivers with the catalog, for the master, workers and
 * history server without. Pure. It holds no secret: credentials and the RPC secret come from the environment.
 *
 * @returns the file's text, one `key value` a line, sorted by key
 */
export function renderSparkDefaults(facts: SparkConfFacts): string {
    const { masterUrl, store, catalog, executorMemoryMiB, cluster = STANDALONE } = facts;
    const eventLogs = `s3a://${store.buckets.logs}/spark-events`;
    const properties: Record<string, string> = {
        "spark.master": masterUrl,
        ...(executorMemoryMiB && { "spark.executor.memory": `${executorMemoryMiB}m` }),
        "spark.authenticate": "true",
        "spark.network.crypto.enabled": "true",
        "spark.eventLog.enabled": "true",
        "spark.eventLog.dir": eventLogs,
        "spark.history.fs.logDirectory": eventLogs,
        "spark.history.fs.update.interval": "5s",
        // One session a driver: isolated from others, its executors would ask it for every class that generated code
        // names, a hundred requests for a small query, and now and then one gets no answer for two minutes.
        "spark.sql.artifact.isolation.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.hadoop.fs.s3a.endpoint": store.endpoint,
        "spark.hadoop.fs.s3a.endpoint.region": store.region,
        "spark.hadoop.fs.s3a.path.style.access": String(store.pathStyle),
        "spark.hadoop.fs.s3a.connection.ssl.enabled": String(store.endpoint.startsWith("https://")),
        // The default, and OAuth2 credentials: values that web pages and event logs do not show.
        "spark.redaction.regex": "(?i)secret|password|token|credential|access[.]?key",
        ...cluster,
    };
    if (catalog !== undefined) {
        const key = `spark.sql.catalog.${catalog.name}`;
        properties["spark.sql.extensions"] = "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions";
        properties["spark.sql.defaultCatalog"] = catalog.name;
        properties[key] = "org.apache.iceberg.spark.SparkCatalog";
        for (const [property, value] of Object.entries(catalog.sparkProperties)) {
            properties[`${key}.${property}`] = value;
        }
    }
    return Object.keys(properties)
        .sort()
        .map((key) => `${key} ${properties[key]}\n`)
        .join("");
}
