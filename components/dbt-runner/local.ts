import * as path from "path";
import type * as pulumi from "@pulumi/pulumi";
import { createVolume, runContainer } from "../shared/container";
import { buildImage } from "../shared/image";
import { SPARK_DEFAULTS_FILE } from "../spark-cluster/local";
import type { LocalTarget } from "../target";
import type { DbtRunnerArgs, DbtRunnerOutputs } from "./index";

const SERVICE = "dbt";
const PORT = 2222;

/**
 * A container with an SSH server. Its host key and Airflow's key pair are made by a step at first start and live on
 * volumes only: the state of Pulumi never sees them.
 */
export function createLocalDbtRunner(
    name: string,
    args: DbtRunnerArgs,
    target: LocalTarget,
    parent: pulumi.Resource,
): DbtRunnerOutputs {
    const image = buildImage(name, SERVICE, target, parent);
    const clientKeys = createVolume(name, "airflow-keys", target, parent);
    const serverKeys = createVolume(name, "dbt-keys", target, parent);
    const keysReady = runContainer(
        name,
        {
            service: "keys-init",
            role: "init",
            image,
            command: ["/opt/lakehouse/make-keys"],
            env: { DBT_HOST: SERVICE, DBT_PORT: String(PORT) },
            memoryMiB: 128,
            mounts: [
                { source: { volume: clientKeys }, target: "/keys/airflow", readOnly: false },
                { source: { volume: serverKeys }, target: "/keys/dbt", readOnly: false },
            ],
        },
        target,
        parent,
    );
    const ready = runContainer(
        name,
        {
            service: SERVICE,
            role: "service",
            image,
            command: ["/opt/lakehouse/dbt-server"],
            env: { ...args.spark.driverEnv, LAKEHOUSE_DRIVER_HOST: SERVICE },
            memoryMiB: 2048,
            health: ["/opt/lakehouse/health-dbt"],
            mounts: [
                { source: { volume: serverKeys }, target: "/keys/dbt", readOnly: true },
                { source: { path: path.join(target.projectDir, "dbt") }, target: "/opt/dbt/project", readOnly: true },
            ],
            files: { [SPARK_DEFAULTS_FILE]: args.spark.defaults },
            after: [keysReady],
        },
        target,
        parent,
    );
    return {
        facts: { kind: "server", host: SERVICE, port: PORT, user: "lakehouse", keysVolume: clientKeys },
        keysReady,
        ready,
    };
}
