import * as pulumi from "@pulumi/pulumi";
import { s3FileIo } from "./facts";
import type { RenderCatalog } from "./index";

/**
 * Table pointers in PostgreSQL, files through Iceberg's own S3 client
 * (https://iceberg.apache.org/docs/latest/jdbc/). The password reaches the driver as a libpq password file, which the
 * PostgreSQL driver reads when none is given: Spark's configuration shows on its web pages.
 */
export const render: RenderCatalog = ({ store, database }, warehousePath) => ({
    sparkProperties: {
        type: "jdbc",
        uri: `jdbc:postgresql://${database.host}:${database.port}/${database.name}`,
        "jdbc.user": database.name,
        "jdbc.schema-version": "V1",
        warehouse: `s3://${warehousePath}`,
        ...s3FileIo(store),
    },
    env: {
        PGPASSFILE: "/run/lakehouse/pgpass",
        LAKEHOUSE_PGPASS: pulumi.interpolate`${database.host}:${database.port}:${database.name}:${database.name}:${database.password}`,
    },
});
