import * as path from "path";
import type * as pulumi from "@pulumi/pulumi";
import { type ContainerSpec, createVolume, type Mount, runContainer } from "../shared/container";
import { buildImage } from "../shared/image";
import { generatePassword } from "../shared/password";
import { allReady, type Ready } from "../shared/ready";
import { SPARK_DEFAULTS_FILE } from "../spark-cluster/local";
import { localUrl, PORTS } from "../target/ports";
import type { LocalTarget } from "../target";
import { KEYS_DIR, renderAirflowEnv } from "./env";
import type { AirflowClusterArgs, AirflowClusterOutputs } from "./index";

const API_SERVER = "airflow-api-server";
const SCHEDULER = "airflow-scheduler";
const ADMIN_USER = "admin";
/** These would serve their task logs over HTTP; all services share the volume with the logs instead. */
const LOG_SERVERS = ["scheduler", "triggerer"];

/** Airflow's services, each in a container; tasks run in the scheduler's (LocalExecutor), which is a Spark driver. */
export function createLocalAirflowCluster(
    name: string,
    args: AirflowClusterArgs,
    target: LocalTarget,
    parent: pulumi.Resource,
): AirflowClusterOutputs {
    const { dbt } = args;
    if (dbt.kind !== "server") {
        throw new Error("on this machine, dbt is a server");
    }
    const url = localUrl(PORTS.airflow, target);
    const adminPassword = generatePassword(`${name}-admin-password`, parent, 20);
    const env = renderAirflowEnv({
        database: args.database,
        dbt,
        sparkMasterUrl: args.spark.masterUrl,
        apiServerUrl: `http://${API_SERVER}:8080`,
        publicUrl: url,
        jwtSecret: generatePassword(`${name}-jwt-secret`, parent, 64),
        secretKey: generatePassword(`${name}-secret-key`, parent, 64),
    });
    const image = buildImage(name, "airflow", target, parent);
    const keys: Mount = { source: { volume: dbt.keysVolume }, target: KEYS_DIR, readOnly: true };
    const dags: Mount = {
        source: { path: path.join(target.projectDir, "dags") },
        target: "/opt/airflow/dags",
        readOnly: true,
    };
    const logs: Mount = {
        source: { volume: createVolume(name, "airflow-logs", target, parent) },
        target: "/opt/airflow/logs",
        readOnly: false,
    };

    const init = runContainer(
        name,
        {
            service: "airflow-init",
            role: "init",
            image,
            command: ["/opt/lakehouse/airflow-init"],
            env: { ...env, LAKEHOUSE_ADMIN_USER: ADMIN_USER, LAKEHOUSE_ADMIN_PASSWORD: adminPassword },
            memoryMiB: 1024,
            mounts: [keys],
            after: [args.databaseReady, args.dbtKeysReady],
        },
        target,
        parent,
    );
    const run = (command: string, spec: Partial<ContainerSpec> & Pick<ContainerSpec, "memoryMiB">): Ready =>
        runContainer(
            name,
            {
                service: `airflow-${command}`,
                role: "service",
                image,
                command: ["airflow", command, ...(LOG_SERVERS.includes(command) ? ["--skip-serve-logs"] : [])],
                env,
                health: ["/opt/lakehouse/health-airflow", command],
                after: [init],
                ...spec,
            },
            target,
            parent,
        );

    const services = [
        run("api-server", {
            memoryMiB: 1024,
            ports: [{ inside: 8080, outside: PORTS.airflow }],
            mounts: [keys, { ...logs, readOnly: true }],
        }),
        run("scheduler", {
            env: { ...args.spark.driverEnv, ...env, LAKEHOUSE_DRIVER_HOST: SCHEDULER },
            memoryMiB: 3072,
            mounts: [keys, dags, logs],
            files: { [SPARK_DEFAULTS_FILE]: args.spark.defaults },
            // Running tasks are told to end.
            stopSeconds: 30,
        }),
        run("dag-processor", { memoryMiB: 1024, mounts: [keys, dags, logs] }),
        run("triggerer", { memoryMiB: 768, mounts: [keys, dags, logs] }),
    ];
    return {
        url,
        adminUser: ADMIN_USER,
        adminPassword,
        ready: allReady(services),
    };
}
