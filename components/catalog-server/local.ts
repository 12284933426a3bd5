import type * as pulumi from "@pulumi/pulumi";
import { warehousePath } from "../catalog";
import type { DatabaseConnection } from "../database";
import { type ContainerSpec, createVolume, runContainer } from "../shared/container";
import { type Env, storeEnv } from "../shared/env";
import { buildImage } from "../shared/image";
import { generatePassword } from "../shared/password";
import type { LocalTarget } from "../target";
import type { CatalogServerArgs, CatalogServerOutputs, ServedType } from "./index";

/** What differs between the servers. */
type ServerSpec = Pick<ContainerSpec, "service" | "memoryMiB" | "mounts"> & {
    readonly uri: string;
    readonly token?: pulumi.Output<string>;
    readonly env?: Env;
};

/**
 * A Hive Metastore, a double of the Glue API or an Iceberg REST catalog, in a container; without a type none.
 *
 * The state of the double of Glue has its volume whatever the type is, as the others have their databases: a switch to
 * another type must not lose it, nor a destroy overlook it.
 */
export function createLocalCatalogServer(
    name: string,
    type: ServedType | undefined,
    args: CatalogServerArgs,
    target: LocalTarget,
    parent: pulumi.Resource,
): CatalogServerOutputs | undefined {
    const glueVolume = createVolume(name, "glue", target, parent);
    if (type === undefined) {
        return undefined;
    }
    const { store } = args;
    const { uri, token, env, ...spec } = serverSpec(name, type, args, glueVolume, parent);
    const ready = runContainer(
        name,
        {
            ...spec,
            role: "service",
            image: buildImage(`${name}-${type}`, type, target, parent),
            command: [`/opt/lakehouse/${type}-server`],
            env: {
                ...storeEnv(store),
                LAKEHOUSE_S3_ENDPOINT: store.endpoint,
                LAKEHOUSE_S3_PATH_STYLE: String(store.pathStyle),
                LAKEHOUSE_WAREHOUSE: `s3://${warehousePath(type, store)}`,
                ...env,
            },
            health: [`/opt/lakehouse/health-${type}`],
            after: [args.databaseReady, args.storeReady],
        },
        target,
        parent,
    );
    return { server: { uri, token }, ready };
}

function serverSpec(
    name: string,
    type: ServedType,
    { databases }: CatalogServerArgs,
    glueVolume: pulumi.Output<string>,
    parent: pulumi.Resource,
): ServerSpec {
    switch (type) {
        case "hive":
            return {
                service: "hive-metastore",
                uri: "thrift://hive-metastore:9083",
                memoryMiB: 768,
                env: databaseEnv("HIVE", databases.hive),
            };
        case "rest": {
            const token = generatePassword(`${name}-rest-token`, parent);
            return {
                service: "rest-catalog",
                uri: "http://rest-catalog:8181",
                token,
                memoryMiB: 768,
                env: { ...databaseEnv("REST", databases.rest), REST_CATALOG_TOKEN: token },
            };
        }
        case "glue":
            return {
                service: "glue",
                uri: "http://glue:5000",
                memoryMiB: 512,
                mounts: [{ source: { volume: glueVolume }, target: "/var/lib/lakehouse/glue", readOnly: false }],
            };
    }
}

function databaseEnv(prefix: string, database: DatabaseConnection | undefined): Env {
    if (database === undefined) {
        throw new Error(`the ${prefix} server keeps its state in a database, and there is none`);
    }
    const { host, port, name, password } = database;
    return {
        [`${prefix}_DB_HOST`]: host,
        [`${prefix}_DB_PORT`]: String(port),
        [`${prefix}_DB_NAME`]: name,
        [`${prefix}_DB_PASSWORD`]: password,
    };
}
