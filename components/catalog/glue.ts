import { pyIcebergStore, s3FileIo, serverOf } from "./facts";
import type { RenderCatalog } from "./index";

/**
 * Table pointers in the AWS Glue Data Catalog, whose version check makes commits safe
 * (https://iceberg.apache.org/docs/latest/aws/#glue-catalog).
 */
export const render: RenderCatalog = (facts, warehousePath) => ({
    sparkProperties: {
        type: "glue",
        "glue.endpoint": serverOf(facts).uri,
        warehouse: `s3://${warehousePath}`,
        ...s3FileIo(facts.store),
    },
    pyIcebergProperties: {
        type: "glue",
        "glue.endpoint": serverOf(facts).uri,
        "glue.region": facts.store.region,
        warehouse: `s3://${warehousePath}`,
        ...pyIcebergStore(facts.store),
    },
});
