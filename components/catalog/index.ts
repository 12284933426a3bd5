import type * as pulumi from "@pulumi/pulumi";
import type { CatalogType } from "../../config";
import type { DatabaseConnection } from "../database";
import type { ObjectStoreFacts } from "../object-store";
import type { Env } from "../shared/env";
import * as hadoop from "./hadoop";
import * as jdbc from "./jdbc";

/** What a catalog needs to know of the platform. */
export interface CatalogFacts {
    readonly store: Pick<ObjectStoreFacts, "endpoint" | "region" | "pathStyle" | "buckets">;
    readonly database: Omit<DatabaseConnection, "password"> & { readonly password: pulumi.Input<string> };
}

/** Everything that a process needs to use the Iceberg catalog. */
export interface Catalog {
    readonly type: CatalogType;
    /** Name of the catalog in every engine. */
    readonly name: string;
    /** Spark properties below `spark.sql.catalog.<name>.`; none is secret. */
    readonly sparkProperties: Readonly<Record<string, string>>;
    /** Environment of a Spark driver; secrets are here. */
    readonly env: Env;
}

/** Renders one type of catalog. */
export type RenderCatalog = (facts: CatalogFacts, warehousePath: string) => Pick<Catalog, "sparkProperties" | "env">;

export const CATALOG_NAME = "lakehouse";

const RENDERERS: Readonly<Record<CatalogType, RenderCatalog>> = {
    hadoop: hadoop.render,
    jdbc: jdbc.render,
};

/**
 * Renders the settings of a catalog. Pure.
 *
 * Each type keeps its tables below a prefix of its own: two catalogs that write metadata to one directory would take each
 * other's files for orphans.
 */
export function renderCatalog(type: CatalogType, facts: CatalogFacts): Catalog {
    const { sparkProperties, env } = RENDERERS[type](facts, `${facts.store.buckets.lake}/warehouse/${type}`);
    return { type, name: CATALOG_NAME, sparkProperties, env };
}
