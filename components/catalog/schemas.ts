import type { Target } from "../target";

/** Namespaces of the catalog that the pipelines write. */
export interface Schemas {
    /** spark_iceberg_dag's. */
    readonly raw: string;
    /** dbt's. */
    readonly analytics: string;
}

/** Names of the schemas; on AWS they are databases of the whole account's Glue catalog, so the stack stands in them. */
export function schemasOf(target: Target): Schemas {
    switch (target.kind) {
        case "local":
            return { raw: "raw", analytics: "analytics" };
        case "aws": {
            const prefix = target.prefix.replaceAll("-", "_");
            return { raw: `${prefix}_raw`, analytics: `${prefix}_analytics` };
        }
    }
}
