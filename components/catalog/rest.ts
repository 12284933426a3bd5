import type * as pulumi from "@pulumi/pulumi";
import { CATALOG_NAME, pyIcebergStore, s3FileIo, serverOf } from "./facts";
import type { RenderCatalog } from "./index";
import { pyIcebergVariable } from "./pyiceberg";

/** Glue's own server of the protocol, and its region (https://docs.aws.amazon.com/glue/latest/dg/connect-glu-iceberg-rest.html). */
const GLUE = /^https:\/\/glue\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\/iceberg\/?$/;

/** The region of Glue's Iceberg REST server; undefined when the address is of any other. */
export function glueRegionOf(uri: string | undefined): string | undefined {
    return GLUE.exec(uri ?? "")?.[1];
}

/**
 * Iceberg's REST protocol (https://iceberg.apache.org/docs/latest/catalog-properties/#rest-auth-properties): the
 * platform's own server, or any other that speaks it. An external server decides itself where tables lie. Glue's takes
 * requests that are signed with the caller's AWS credentials.
 *
 * DuckDB signs only with an extension that the images do not have; it reads Glue's tables by their newest metadata file.
 */
export const render: RenderCatalog = (facts, warehousePath) => {
    const { uri, warehouse = `s3://${warehousePath}`, token, credential, oauthUri } = serverOf(facts);
    const secrets: Record<string, pulumi.Input<string>> = {};
    if (token !== undefined) {
        secrets.token = token;
    }
    if (credential !== undefined) {
        secrets.credential = credential;
    }
    const region = glueRegionOf(uri);
    const signing = region !== undefined && { "rest.signing-name": "glue", "rest.signing-region": region };
    const shared = { uri, warehouse, ...(oauthUri && { "oauth2-server-uri": oauthUri }), ...signing };
    return {
        sparkProperties: {
            type: "rest",
            ...shared,
            ...(credential && { "rest.auth.type": "oauth2" }),
            ...(signing && { "rest.auth.type": "sigv4", "rest.auth.sigv4.delegate-auth-type": "none" }),
            ...s3FileIo(facts.store),
        },
        pyIcebergProperties: {
            type: "rest",
            ...shared,
            // https://py.iceberg.apache.org/configuration/#sigv4
            ...(signing && { "rest.sigv4-enabled": "true" }),
            ...pyIcebergStore(facts.store),
        },
        ...(token !== undefined && { duckDbStatements: attachStatements(uri, warehouse) }),
        secrets,
    };
};

/**
 * DuckDB speaks the protocol itself (https://duckdb.org/docs/1.5/core_extensions/iceberg/iceberg_options). A parameter is
 * named after the environment variable that holds it, so that no statement contains a secret.
 */
function attachStatements(uri: string, warehouse: string): string[] {
    const options = [
        "TYPE iceberg",
        `ENDPOINT ${literal(uri)}`,
        "SECRET lakehouse_catalog",
        // Files with the platform's own keys: the server hands out none.
        "ACCESS_DELEGATION_MODE 'none'",
    ];
    return [
        `CREATE TEMPORARY SECRET lakehouse_catalog (TYPE iceberg, TOKEN $${pyIcebergVariable("token")})`,
        `ATTACH ${literal(warehouse)} AS ${CATALOG_NAME} (${options.join(", ")})`,
    ];
}

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
