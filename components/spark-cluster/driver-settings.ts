import type { MaintenanceSettings } from "../../config";
import type { Catalog } from "../catalog";
import type { Schemas } from "../catalog/schemas";
import type { ObjectStoreFacts } from "../object-store";

/** What dags/utils/config_manager.py is to know. */
export interface DriverSettings {
    readonly catalog: Pick<Catalog, "name" | "type">;
    readonly store: Pick<ObjectStoreFacts, "buckets" | "sampleKey" | "endpoint" | "pathStyle">;
    readonly maintenance: MaintenanceSettings;
    readonly schemas: Schemas;
    readonly masterUrl: string;
    /** As Spark writes it, such as `1g`. */
    readonly driverMemory: string;
    readonly executorCores: number;
    readonly executorMemoryMiB: number;
}

/** Renders the settings as the environment of a driver. Pure; none is secret. */
export function driverSettings(settings: DriverSettings): Readonly<Record<string, string>> {
    const { catalog, store, maintenance, schemas } = settings;
    return {
        LAKEHOUSE_CATALOG_NAME: catalog.name,
        LAKEHOUSE_CATALOG_TYPE: catalog.type,
        LAKEHOUSE_DBT_SCHEMA: schemas.analytics,
        LAKEHOUSE_DRIVER_MEMORY: settings.driverMemory,
        LAKEHOUSE_EXECUTOR_CORES: String(settings.executorCores),
        LAKEHOUSE_EXECUTOR_MEMORY: `${settings.executorMemoryMiB}m`,
        LAKEHOUSE_LAKE_URI: `s3a://${store.buckets.lake}`,
        LAKEHOUSE_ORPHAN_RETENTION_DAYS: String(maintenance.orphanRetentionDays),
        LAKEHOUSE_RAW_DATA_URI: `s3a://${store.buckets.examples}/${store.sampleKey}`,
        LAKEHOUSE_RAW_SCHEMA: schemas.raw,
        LAKEHOUSE_S3_ENDPOINT: store.endpoint,
        LAKEHOUSE_S3_PATH_STYLE: String(store.pathStyle),
        LAKEHOUSE_SNAPSHOT_RETENTION_DAYS: String(maintenance.snapshotRetentionDays),
        LAKEHOUSE_SNAPSHOTS_KEPT: String(maintenance.snapshotsKept),
        LAKEHOUSE_SPARK_MASTER_URL: settings.masterUrl,
    };
}
