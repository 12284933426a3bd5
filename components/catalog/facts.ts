import type { CatalogFacts } from "./index";

/** Files through Iceberg's own S3 client, for every catalog but hadoop's. */
export function s3FileIo(store: CatalogFacts["store"]): Record<string, string> {
    return {
        "io-impl": "org.apache.iceberg.aws.s3.S3FileIO",
        "client.region": store.region,
        "s3.endpoint": store.endpoint,
        "s3.path-style-access": String(store.pathStyle),
    };
}

/** Address of the catalog's server. */
export function serverOf(facts: CatalogFacts): NonNullable<CatalogFacts["server"]> {
    if (facts.server === undefined) {
        throw new Error("this type of catalog needs a server");
    }
    return facts.server;
}
