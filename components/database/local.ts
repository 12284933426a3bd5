import type * as pulumi from "@pulumi/pulumi";
import { createVolume, runContainer } from "../shared/container";
import { buildImage } from "../shared/image";
import { generatePassword } from "../shared/password";
import type { LocalTarget } from "../target";
import type { DatabaseArgs, DatabaseConnection, DatabaseOutputs } from "./index";

const SERVICE = "postgres";

/**
 * PostgreSQL in a container. It creates its roles and databases at each start and sets their passwords to what
 * it is given, so a kept volume works with newly generated ones.
 */
export function createLocalDatabase(
    name: string,
    _args: DatabaseArgs,
    target: LocalTarget,
    parent: pulumi.Resource,
): DatabaseOutputs {
    const connection = (database: string): DatabaseConnection => ({
        host: SERVICE,
        port: 5432,
        name: database,
        password: generatePassword(`${name}-${database}-password`, parent),
    });
    const airflow = connection("airflow");
    // All of them, whatever the catalog's type is: another type must not restart the database under Airflow.
    const iceberg = connection("iceberg");
    const hive = connection("hive");
    const rest = connection("rest");
    const ready = runContainer(
        name,
        {
            service: SERVICE,
            role: "service",
            image: buildImage(name, "postgres", target, parent),
            env: {
                LAKEHOUSE_DATABASES: "airflow,iceberg,hive,rest",
                DB_PASSWORD_AIRFLOW: airflow.password,
                DB_PASSWORD_ICEBERG: iceberg.password,
                DB_PASSWORD_HIVE: hive.password,
                DB_PASSWORD_REST: rest.password,
            },
            memoryMiB: 512,
            health: ["/opt/lakehouse/health-postgres"],
            // Everything of Airflow waits for this one.
            healthEverySeconds: 5,
            mounts: [
                {
                    source: { volume: createVolume(name, SERVICE, target, parent) },
                    target: "/var/lib/lakehouse/postgres",
                    readOnly: false,
                },
            ],
            stopSeconds: 30,
        },
        target,
        parent,
    );
    return { airflow, iceberg, hive, rest, ready };
}
