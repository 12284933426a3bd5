import type * as pulumi from "@pulumi/pulumi";
import type { Env } from "../shared/env";
import { CATALOG_NAME } from "./facts";

/** The variable from which PyIceberg reads a property of the catalog (https://py.iceberg.apache.org/configuration/). */
export function pyIcebergVariable(property: string): string {
    const name = property.replaceAll(".", "__").replaceAll("-", "_");
    return `PYICEBERG_CATALOG__${CATALOG_NAME}__${name}`.toUpperCase();
}

/** The catalog's properties as environment variables: `load_catalog("lakehouse")` needs no more. */
export function pyIcebergEnv(properties: Readonly<Record<string, pulumi.Input<string>>>): Env {
    return Object.fromEntries(
        Object.entries(properties).map(([property, value]) => [pyIcebergVariable(property), value]),
    );
}
