import type * as pulumi from "@pulumi/pulumi";
import { s3FileIo, serverOf } from "./facts";
import type { RenderCatalog } from "./index";

/**
 * Iceberg's REST protocol (https://iceberg.apache.org/docs/latest/catalog-properties/#rest-auth-properties): the
 * platform's own server, or any other that speaks it. An external server decides itself where tables lie.
 */
export const render: RenderCatalog = (facts, warehousePath) => {
    const { uri, warehouse, token, credential, oauthUri } = serverOf(facts);
    const sparkSecrets: Record<string, pulumi.Input<string>> = {};
    if (token !== undefined) {
        sparkSecrets.token = token;
    }
    if (credential !== undefined) {
        sparkSecrets.credential = credential;
    }
    return {
        sparkProperties: {
            type: "rest",
            uri,
            warehouse: warehouse ?? `s3://${warehousePath}`,
            ...(credential && { "rest.auth.type": "oauth2" }),
            ...(oauthUri && { "oauth2-server-uri": oauthUri }),
            ...s3FileIo(facts.store),
        },
        sparkSecrets,
    };
};
