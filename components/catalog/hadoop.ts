import { databaseLogin, jdbcUri, pyIcebergStore } from "./facts";
import type { RenderCatalog } from "./index";

/**
 * Tables are directories and nothing else. An object store has no atomic rename, so commits take a lock in PostgreSQL
 * (images/spark/src); a writer that does not take it can lose rows
 * (https://iceberg.apache.org/docs/latest/java-api-quickstart/#using-a-hadoop-catalog).
 *
 * PyIceberg has no such catalog: it opens a table by its newest metadata file (dags/utils/tables.py).
 */
export const render: RenderCatalog = ({ store, database }, warehousePath) => ({
    sparkProperties: {
        type: "hadoop",
        warehouse: `s3a://${warehousePath}`,
        "lock-impl": "lakehouse.PostgresLockManager",
        "lock.postgres.uri": jdbcUri(database),
        "lock.postgres.user": database.name,
    },
    pyIcebergProperties: { warehouse: `s3a://${warehousePath}`, ...pyIcebergStore(store) },
    env: databaseLogin(database),
});
