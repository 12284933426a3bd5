import * as pulumi from "@pulumi/pulumi";
import type { Env } from "../shared/env";
import type { CatalogFacts } from "./index";

/** Name of the catalog in every engine. */
export const CATALOG_NAME = "lakehouse";

/** Files through Iceberg's own S3 client, for every catalog but hadoop's. */
export function s3FileIo(store: CatalogFacts["store"]): Record<string, string> {
    return {
        "io-impl": "org.apache.iceberg.aws.s3.S3FileIO",
        "client.region": store.region,
        "s3.endpoint": store.endpoint,
        "s3.path-style-access": String(store.pathStyle),
    };
}

/** Address of the database as JDBC writes it. */
export function jdbcUri({ host, port, name, tls }: CatalogFacts["database"]): string {
    return `jdbc:postgresql://${host}:${port}/${name}${tlsQuery(tls)}`;
}

/** Address of the database as SQLAlchemy writes it; the password is in the libpq password file. */
export function sqlAlchemyUri({ host, port, name, tls }: CatalogFacts["database"]): string {
    return `postgresql+psycopg2://${name}@${host}:${port}/${name}${tlsQuery(tls)}`;
}

/** What both libpq and the JDBC driver understand (https://www.postgresql.org/docs/17/libpq-ssl.html). */
function tlsQuery(tls: boolean | undefined): string {
    return tls ? "?sslmode=require" : "";
}

/**
 * The database's password for Spark and PyIceberg, as a libpq password file, which their PostgreSQL drivers read when none
 * is given: Spark's configuration shows on its web pages.
 */
export function databaseLogin({ host, port, name, password }: CatalogFacts["database"]): Env {
    return {
        PGPASSFILE: "/run/lakehouse/pgpass",
        LAKEHOUSE_PGPASS: pulumi.interpolate`${host}:${port}:${name}:${name}:${password}`,
    };
}

/** The same store for PyIceberg; its keys come from the environment (https://py.iceberg.apache.org/configuration/#s3). */
export function pyIcebergStore(store: CatalogFacts["store"]): Record<string, string> {
    return {
        "s3.endpoint": store.endpoint,
        "s3.force-virtual-addressing": String(!store.pathStyle),
        "s3.region": store.region,
    };
}

/** Address of the catalog's server. */
export function serverOf(facts: CatalogFacts): NonNullable<CatalogFacts["server"]> {
    if (facts.server === undefined) {
        throw new Error("this type of catalog needs a server");
    }
    return facts.server;
}
