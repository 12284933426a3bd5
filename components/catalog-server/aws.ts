import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { warehousePath } from "../catalog";
import { glueRegionOf } from "../catalog/rest";
import { schemasOf } from "../catalog/schemas";
import { withData } from "../shared/aws/options";
import type { Ready } from "../shared/ready";
import type { AwsTarget } from "../target";
import type { CatalogServerArgs, CatalogServerOutputs, ServedType } from "./index";

/**
 * The account's Glue Data Catalog: nothing to run, but the pipelines' databases in it, which no pipeline has the right to
 * create. The type `rest` uses the same ones where its server is Glue's own; any other server is somebody else's.
 */
export function createAwsCatalogServer(
    name: string,
    type: ServedType | undefined,
    args: CatalogServerArgs,
    target: AwsTarget,
    parent: pulumi.Resource,
): CatalogServerOutputs | undefined {
    if (type === "glue") {
        return {
            server: { uri: `https://glue.${target.region}.amazonaws.com` },
            ready: createDatabases(name, args, target, parent),
        };
    }
    if (type !== undefined) {
        throw new Error(`on AWS, the platform runs no ${type} server: config.ts asks for catalogUri`);
    }
    const { type: catalogType, uri, warehouse, ...credentials } = args.settings;
    if (catalogType === "rest" && uri !== undefined && glueRegionOf(uri) !== undefined) {
        return {
            // Glue's name for an account's own catalog is the account's number.
            server: { uri, warehouse: warehouse ?? target.accountId, ...credentials },
            ready: createDatabases(name, args, target, parent),
        };
    }
    return undefined;
}

/** Creates a Glue database for each schema; tables go below its location. */
function createDatabases(
    name: string,
    { settings, store }: CatalogServerArgs,
    target: AwsTarget,
    parent: pulumi.Resource,
): Ready {
    return pulumi.output(
        Object.entries({ ...schemasOf(target) }).map(
            ([schema, database]) =>
                new aws.glue.CatalogDatabase(
                    `${name}-${schema}`,
                    {
                        name: database,
                        catalogId: target.accountId,
                        description: `Tables of the stack ${target.stack}`,
                        locationUri: `s3://${warehousePath(settings.type, store)}/${database}.db`,
                    },
                    // Without its database, nobody finds a table's files.
                    withData(target, parent),
                ),
        ),
    );
}
