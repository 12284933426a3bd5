import type { RenderCatalog } from "./index";

/**
 * Tables are directories and nothing else. An object store has no atomic rename, so only one writer at a time is safe
 * (https://iceberg.apache.org/docs/latest/java-api-quickstart/#using-a-hadoop-catalog).
 */
export const render: RenderCatalog = (_facts, warehousePath) => ({
    sparkProperties: { type: "hadoop", warehouse: `s3a://${warehousePath}` },
});
