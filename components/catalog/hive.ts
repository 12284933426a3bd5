import { pyIcebergStore, s3FileIo, serverOf } from "./facts";
import type { RenderCatalog } from "./index";

/**
 * Table pointers in a Hive Metastore (https://iceberg.apache.org/docs/latest/hive/). Commits use the metastore's checked
 * alter instead of its locks, which need a housekeeper and leave a table locked when a writer dies
 * (https://iceberg.apache.org/docs/latest/configuration/#hadoop-configuration).
 */
export const render: RenderCatalog = (facts, warehousePath) => ({
    sparkProperties: {
        type: "hive",
        uri: serverOf(facts).uri,
        "hadoop.iceberg.engine.hive.lock-enabled": "false",
        warehouse: `s3://${warehousePath}`,
        ...s3FileIo(facts.store),
    },
    pyIcebergProperties: {
        type: "hive",
        uri: serverOf(facts).uri,
        warehouse: `s3://${warehousePath}`,
        ...pyIcebergStore(facts.store),
    },
});
