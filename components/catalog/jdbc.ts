import { databaseLogin, jdbcUri, pyIcebergStore, s3FileIo, sqlAlchemyUri } from "./facts";
import type { RenderCatalog } from "./index";

/**
 * Table pointers in PostgreSQL, files through Iceberg's own S3 client
 * (https://iceberg.apache.org/docs/latest/jdbc/).
 */
export const render: RenderCatalog = ({ store, database }, warehousePath) => ({
    sparkProperties: {
        type: "jdbc",
        uri: jdbcUri(database),
        "jdbc.user": database.name,
        "jdbc.schema-version": "V1",
        warehouse: `s3://${warehousePath}`,
        ...s3FileIo(store),
    },
    pyIcebergProperties: {
        type: "sql",
        uri: sqlAlchemyUri(database),
        warehouse: `s3://${warehousePath}`,
        ...pyIcebergStore(store),
    },
    env: databaseLogin(database),
});
