import type { Catalog } from "../catalog";
import { schemasOf } from "../catalog/schemas";
import type { ObjectStoreFacts } from "../object-store";
import { bucketAccess, glueAccess, keyAccess, objectAccess, type PolicyStatement } from "../shared/aws/policy";
import type { AwsTarget } from "../target";

/** What Spark works on, so far as rights depend on it. */
export interface SparkData {
    readonly store: Pick<ObjectStoreFacts, "buckets" | "sampleKey">;
    readonly catalog: Pick<Catalog, "type" | "sparkProperties">;
}

/** Where the catalogs keep their tables, below the lake bucket (components/catalog). */
export const WAREHOUSE = "warehouse";
/** Where the pipelines write beside the catalog (dags/utils). */
const SPARK_JOB = "spark_job";
const DUCK_DB = "duck_db";
/** All that the pipelines write in the lake bucket. */
export const LAKE_PREFIXES = [DUCK_DB, SPARK_JOB, WAREHOUSE];
/** Where the event logs are, below the logs bucket. */
export const EVENT_LOGS = "spark-events";

/**
 * What a Spark driver may do: its executors' rights, event logs, and the tables of the Glue catalog if that is in use.
 *
 * @param lakePrefixes where in the lake bucket it may write
 */
export function driverStatements(
    data: SparkData,
    lakePrefixes: readonly string[],
    target: AwsTarget,
): PolicyStatement[] {
    const { raw, analytics } = schemasOf(target);
    return [
        ...dataStatements(data, lakePrefixes, target),
        ...bucketAccess("EventLogs", "logs", [EVENT_LOGS], "write", data.store, target),
        ...(usesGlue(data.catalog) ? glueAccess([raw, analytics], "write", target) : []),
    ];
}

/** Whether the tables are Glue's, by its own API or by the REST protocol. */
function usesGlue({ type, sparkProperties }: SparkData["catalog"]): boolean {
    return type === "glue" || sparkProperties["rest.signing-name"] === "glue";
}

/** What an executor may do: it reads and writes files, and leaves catalog and event log to the driver. */
export function executorStatements(data: SparkData, target: AwsTarget): PolicyStatement[] {
    return dataStatements(data, [SPARK_JOB, WAREHOUSE], target);
}

/** What the history server may do. */
export function historyStatements({ store }: Pick<SparkData, "store">, target: AwsTarget): PolicyStatement[] {
    return [...bucketAccess("EventLogs", "logs", [EVENT_LOGS], "read", store, target), ...keyAccess(target)];
}

function dataStatements(data: SparkData, lakePrefixes: readonly string[], target: AwsTarget): PolicyStatement[] {
    return [
        ...bucketAccess("Lake", "lake", lakePrefixes, "write", data.store, target),
        ...objectAccess("Sample", "examples", data.store.sampleKey, data.store, target),
        ...keyAccess(target),
    ];
}
