import * as pulumi from "@pulumi/pulumi";
import type { CatalogSettings, CatalogType } from "../../config";
import type { DatabaseConnection } from "../database";
import type { ObjectStoreFacts } from "../object-store";
import type { Env } from "../shared/env";
import { CATALOG_NAME } from "./facts";
import * as glue from "./glue";
import * as hadoop from "./hadoop";
import * as hive from "./hive";
import * as jdbc from "./jdbc";
import { pyIcebergEnv } from "./pyiceberg";
import * as rest from "./rest";

/** What a catalog needs to know of the platform. */
export interface CatalogFacts {
    readonly store: Pick<ObjectStoreFacts, "endpoint" | "region" | "pathStyle" | "buckets">;
    readonly database: Omit<DatabaseConnection, "password"> & { readonly password: pulumi.Input<string> };
    /** The server behind the types hive, glue and rest. */
    readonly server?: Pick<CatalogSettings, "warehouse" | "oauthUri"> & {
        readonly uri: string;
        readonly token?: pulumi.Input<string>;
        readonly credential?: pulumi.Input<string>;
    };
}

/** Everything that a process needs to use the Iceberg catalog. */
export interface Catalog {
    readonly type: CatalogType;
    /** Name of the catalog in every engine. */
    readonly name: string;
    /** Spark properties below `spark.sql.catalog.<name>.`; none is secret. */
    readonly sparkProperties: Readonly<Record<string, string>>;
    /** Environment of a Spark driver and of tasks that use PyIceberg or DuckDB; secrets are here. */
    readonly env: Env;
}

/** What one type of catalog adds. */
interface Rendered extends Pick<Catalog, "sparkProperties"> {
    /** Properties of PyIceberg's catalog of the same name, without secrets. */
    readonly pyIcebergProperties: Readonly<Record<string, string>>;
    /** Statements that make a database of the catalog's name in DuckDB; without them it is an empty one. */
    readonly duckDbStatements?: readonly string[];
    /** Properties for both Spark and PyIceberg that are secret. */
    readonly secrets?: Readonly<Record<string, pulumi.Input<string>>>;
    readonly env?: Env;
}

/** Renders one type of catalog; tables belong below the warehouse path, `bucket/prefix`. */
export type RenderCatalog = (facts: CatalogFacts, warehousePath: string) => Rendered;

const RENDERERS: Readonly<Record<CatalogType, RenderCatalog>> = {
    hadoop: hadoop.render,
    jdbc: jdbc.render,
    hive: hive.render,
    glue: glue.render,
    rest: rest.render,
};

/**
 * Renders the settings of a catalog. Pure.
 *
 * @throws Error when the type needs a server and the facts name none
 */
export function renderCatalog(type: CatalogType, facts: CatalogFacts): Catalog {
    const rendered = RENDERERS[type](facts, warehousePath(type, facts.store));
    const { sparkProperties, pyIcebergProperties, duckDbStatements, secrets, env } = rendered;
    return {
        type,
        name: CATALOG_NAME,
        sparkProperties,
        env: {
            ...env,
            ...(secrets && { LAKEHOUSE_SPARK_SECRETS: renderSecrets(secrets) }),
            ...pyIcebergEnv({ ...pyIcebergProperties, ...secrets }),
            LAKEHOUSE_DUCKDB_STATEMENTS: (duckDbStatements ?? [`ATTACH ':memory:' AS ${CATALOG_NAME}`]).join(";\n"),
        },
    };
}

/**
 * Where a type of catalog keeps its tables, as `bucket/prefix`. Each has a prefix of its own: two catalogs that write
 * metadata to one directory would take each other's files for orphans.
 */
export function warehousePath(type: CatalogType, store: Pick<ObjectStoreFacts, "buckets">): string {
    return `${store.buckets.lake}/warehouse/${type}`;
}

/** Lines of spark-defaults.conf that the image's entry point appends to its copy on tmpfs. */
function renderSecrets(secrets: Readonly<Record<string, pulumi.Input<string>>>): pulumi.Output<string> {
    return pulumi.output(secrets).apply((values) =>
        Object.keys(values)
            .sort()
            .map((key) => `spark.sql.catalog.${CATALOG_NAME}.${key} ${values[key]}`)
            .join("\n"),
    );
}
