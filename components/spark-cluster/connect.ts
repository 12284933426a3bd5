import type * as pulumi from "@pulumi/pulumi";
import type { ContainerSpec } from "../shared/container";
import { CONNECT_MEMORY_MIB } from "../target/engine";
import { PORTS } from "../target/ports";
import type { SparkFacts } from "./index";

const SERVICE = "spark-connect";

/** What the server is made from. */
export interface ConnectFacts {
    readonly spark: SparkFacts;
    readonly executorCores: number;
    /** What clients must show. */
    readonly token: pulumi.Input<string>;
}

/**
 * A Spark Connect server: one driver for any number of clients (https://spark.apache.org/docs/latest/spark-connect-overview.html).
 * Between queries it gives its executors back, so that the pipelines have the workers to themselves.
 */
export function connectSpec({
    spark,
    executorCores,
    token,
}: ConnectFacts): Pick<ContainerSpec, "service" | "command" | "env" | "memoryMiB" | "health" | "ports"> {
    const conf = {
        "spark.driver.host": SERVICE,
        "spark.executor.cores": executorCores,
        "spark.dynamicAllocation.enabled": true,
        "spark.dynamicAllocation.executorIdleTimeout": "30s",
        // By default, shuffle files and cached tables keep their executors for ever; lost ones are computed again.
        "spark.dynamicAllocation.shuffleTracking.timeout": "30s",
        "spark.dynamicAllocation.cachedExecutorIdleTimeout": "10m",
        // It would stay unfinished in the history server for as long as this one runs.
        "spark.eventLog.enabled": false,
        "spark.log.level": "WARN",
    };
    return {
        service: SERVICE,
        command: [
            ...["spark-submit", "--class", "org.apache.spark.sql.connect.service.SparkConnectServer"],
            ...["--name", SERVICE],
            ...Object.entries(conf).flatMap(([key, value]) => ["--conf", `${key}=${value}`]),
            "spark-internal",
        ],
        env: {
            ...spark.driverEnv,
            SPARK_CONNECT_AUTHENTICATE_TOKEN: token,
            // Spark takes it for a daemon, whose options in the image are too tight for a driver.
            SPARK_DAEMON_MEMORY: "768m",
            SPARK_DAEMON_JAVA_OPTS: "",
        },
        memoryMiB: CONNECT_MEMORY_MIB,
        health: ["/opt/lakehouse/health-spark-connect"],
        ports: [{ inside: 15002, outside: PORTS.sparkConnect }],
    };
}
