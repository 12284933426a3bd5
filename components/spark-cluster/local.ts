import type * as pulumi from "@pulumi/pulumi";
import { schemasOf } from "../catalog/schemas";
import { type ContainerSpec, runContainer } from "../shared/container";
import { type Env, storeEnv } from "../shared/env";
import { buildImage } from "../shared/image";
import { generatePassword } from "../shared/password";
import { allReady, type Ready } from "../shared/ready";
import { localUrl, PORTS } from "../target/ports";
import type { LocalTarget } from "../target";
import { renderSparkDefaults } from "./conf";
import { connectSpec } from "./connect";
import { driverSettings } from "./driver-settings";
import type { SparkClusterArgs, SparkClusterOutputs, SparkFacts } from "./index";

const MASTER = "spark-master";
const RPC_PORT = 7077;
/** Where every image looks for Spark's configuration. */
export const SPARK_DEFAULTS_FILE = "/opt/spark/conf/spark-defaults.conf";
/** Memory of the worker's own JVM, its executors' JVMs beyond the heap, and Python, in MiB. */
const WORKER_OVERHEAD_MIB = 1024;

/** A standalone master, its workers and the history server, each in a container. */
export function createLocalSparkCluster(
    name: string,
    args: SparkClusterArgs,
    target: LocalTarget,
    parent: pulumi.Resource,
): SparkClusterOutputs {
    const { size, store, catalog, maintenance } = args;
    const masterUrl = `spark://${MASTER}:${RPC_PORT}`;
    // Two applications at a time share a worker, so that a shell does not block the pipelines.
    const executorMemoryMiB = Math.floor(size.workerMemoryMiB / 2);
    const conf = { masterUrl, store, executorMemoryMiB };
    const daemonDefaults = renderSparkDefaults(conf);
    const credentials: Env = {
        ...storeEnv(store),
        _SPARK_AUTH_SECRET: generatePassword(`${name}-rpc-secret`, parent),
    };
    const image = buildImage(name, "spark", target, parent);
    const run = (service: string, spec: Omit<ContainerSpec, "service" | "role" | "image" | "files">): Ready =>
        runContainer(
            name,
            { service, role: "service", image, files: { [SPARK_DEFAULTS_FILE]: daemonDefaults }, ...spec },
            target,
            parent,
        );

    const master = run(MASTER, {
        command: [
            ...["spark-class", "org.apache.spark.deploy.master.Master"],
            ...["--host", MASTER, "--port", String(RPC_PORT), "--webui-port", "8080"],
        ],
        env: credentials,
        memoryMiB: 512,
        health: ["/opt/lakehouse/health-spark", "master"],
        ports: [{ inside: 8080, outside: PORTS.sparkMaster }],
    });
    const workers = Array.from({ length: size.workers }, (_, index) => `spark-worker-${index + 1}`).map((worker) =>
        run(worker, {
            command: [
                ...["spark-class", "org.apache.spark.deploy.worker.Worker"],
                ...["--host", worker, "--webui-port", "8081"],
                ...["--cores", String(size.workerCores), "--memory", `${size.workerMemoryMiB}m`, masterUrl],
            ],
            env: credentials,
            memoryMiB: size.workerMemoryMiB + WORKER_OVERHEAD_MIB,
            health: ["/opt/lakehouse/health-spark", "worker"],
            // Time for running executors to end.
            stopSeconds: 20,
            after: [master],
        }),
    );
    const history = run("spark-history", {
        command: ["spark-class", "org.apache.spark.deploy.history.HistoryServer"],
        // It replays whole event logs in memory; the other daemons' default is smaller.
        env: { ...credentials, SPARK_DAEMON_MEMORY: "256m" },
        memoryMiB: 768,
        health: ["/opt/lakehouse/health-spark", "history"],
        ports: [{ inside: 18080, outside: PORTS.sparkHistory }],
        after: [args.storeReady],
    });

    const facts: SparkFacts = {
        masterUrl,
        defaults: renderSparkDefaults({ ...conf, catalog }),
        driverEnv: {
            ...credentials,
            ...catalog.env,
            ...driverSettings({
                catalog,
                store,
                maintenance,
                schemas: schemasOf(target),
                masterUrl,
                driverMemory: "1g",
                executorCores: size.workerCores,
                executorMemoryMiB,
            }),
        },
    };
    const services = [master, history, ...workers];
    let connect: SparkClusterOutputs["connect"];
    if (size.connect) {
        const token = generatePassword(`${name}-connect-token`, parent);
        const server = connectSpec({ spark: facts, executorCores: size.workerCores, token });
        const files = { [SPARK_DEFAULTS_FILE]: facts.defaults };
        services.push(
            runContainer(name, { ...server, role: "service", image, files, after: [master] }, target, parent),
        );
        connect = { url: `sc://localhost:${PORTS.sparkConnect + target.portOffset}`, token };
    }

    return {
        facts,
        masterUiUrl: localUrl(PORTS.sparkMaster, target),
        historyUrl: localUrl(PORTS.sparkHistory, target),
        connect,
        ready: allReady(services),
    };
}
