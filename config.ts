import * as path from "path";
import * as pulumi from "@pulumi/pulumi";
import * as pulumiConfig from "@pulumi/pulumi/runtime/config";
import { checkSample } from "./components/shared/sample";
import { NAMESPACE, SettingReader } from "./components/shared/setting-reader";
import { UserError } from "./components/shared/user-error";
import { AWS_KEYS, readAwsSettings, type AwsSettings } from "./components/target/aws-settings";

/** Iceberg catalogs that a stack can use. */
export const CATALOG_TYPES = ["hadoop", "jdbc", "hive", "glue", "rest"] as const;
export type CatalogType = (typeof CATALOG_TYPES)[number];

/** The validated settings of one stack. */
export interface Settings {
    /** Pulumi's stack name; every container, network, volume and image carries it. */
    readonly stack: string;
    /** Absolute path of the project. */
    readonly projectDir: string;
    readonly target: (typeof TARGETS)[number];
    /** Region of the object store and of Glue. */
    readonly region: string;
    readonly catalog: CatalogSettings;
    readonly spark: SparkSettings;
    readonly maintenance: MaintenanceSettings;
    /** Only for the target aws. */
    readonly aws?: AwsSettings;
    /** Added to every published port. */
    readonly portOffset: number;
    /** Image that the platform's images are built from. */
    readonly baseImage: string;
    /** Absolute path of the CSV file that the pipelines read. */
    readonly samplePath: string;
    /** Whether data volumes survive a destroy. */
    readonly keepData: boolean;
    /** Whether `make up` runs the pipelines once. */
    readonly demo: boolean;
}

/** The Iceberg catalog, and how to reach it where it is not the platform's own. */
export interface CatalogSettings {
    readonly type: CatalogType;
    /** Address of somebody else's catalog: `thrift://` for hive, else `http(s)://`. Without one, the platform runs its own. */
    readonly uri?: string;
    /** Name or location by which an external REST catalog knows the warehouse. */
    readonly warehouse?: string;
    /** Bearer token of an external REST catalog; secret. */
    readonly token?: pulumi.Output<string>;
    /** OAuth2 client credentials of an external REST catalog, `id:secret`; secret. */
    readonly credential?: pulumi.Output<string>;
    /** Where an external REST catalog's OAuth2 tokens are issued. */
    readonly oauthUri?: string;
}

/** Size of the Spark cluster. */
export interface SparkSettings {
    readonly workers: number;
    /** Cores per worker. */
    readonly workerCores: number;
    /** Memory that a worker offers to executors, in MiB. */
    readonly workerMemoryMiB: number;
    /** Whether a Spark Connect server runs. */
    readonly connect: boolean;
}

/** What table_maintenance_dag keeps, where a table's own properties say nothing else. */
export interface MaintenanceSettings {
    /** Age from which snapshots expire. */
    readonly snapshotRetentionDays: number;
    /** Number of snapshots that stay however old they are. */
    readonly snapshotsKept: number;
    /** Age from which files that no snapshot knows are removed. */
    readonly orphanRetentionDays: number;
}

/** Grounds that a platform can stand on. */
export const TARGETS = ["local", "aws"] as const;
/** Where it makes no difference: the region that a store on this machine says it is in. */
const LOCAL_REGION = "us-east-1";
const KEYS = [
    "target",
    "region",
    "catalogType",
    "catalogUri",
    "catalogWarehouse",
    "catalogToken",
    "catalogCredential",
    "catalogOauthUri",
    "sparkWorkers",
    "sparkWorkerCores",
    "sparkWorkerMemory",
    "sparkConnect",
    "snapshotRetentionDays",
    "snapshotsKept",
    "orphanRetentionDays",
    "portOffset",
    "baseImage",
    "samplePath",
    "keepData",
    "demo",
    ...AWS_KEYS,
];
/** Highest published port without offset is 18080; ports end at 65535. */
const MAX_PORT_OFFSET = 47_455;
/** A hundred years. A day is the least: files of a write that is under way look like orphans, and Iceberg refuses less. */
const MAX_RETENTION_DAYS = 36_500;
/** What `catalogUri` looks like, for the types that can be somebody else's. */
const CATALOG_URIS: Partial<Record<CatalogType, { readonly pattern: RegExp; readonly example: string }>> = {
    hive: { pattern: /^thrift:\/\/[\w.-]+:\d+$/, example: "thrift://metastore.example:9083" },
    glue: { pattern: /^https?:\/\/[^\s/@]+$/, example: "https://glue.eu-west-1.amazonaws.com" },
    rest: { pattern: /^https?:\/\/[^\s@]+$/, example: "https://catalog.example/api/catalog" },
};
/** An executor gets half of a worker's memory, and Spark refuses less than 450 MiB of heap. */
const MIN_WORKER_MEMORY_MIB = 1024;

/**
 * Reads the stack's configuration. Nothing else in the program reads `pulumi.Config`.
 *
 * @returns the settings of the current stack
 * @throws UserError that names every wrong setting, its value, what is allowed and how to fix it
 */
export function readSettings(): Settings {
    const raw = Object.entries(pulumi.runtime.allConfig())
        .filter(([key]) => key.startsWith(`${NAMESPACE}:`))
        .map(([key, value]) => [key.slice(NAMESPACE.length + 1), value] as const);
    // Pulumi's own check, which it leaves out of its types.
    const { isConfigSecret } = pulumiConfig as unknown as { isConfigSecret: (key: string) => boolean };
    const isSecret = (key: string): boolean => isConfigSecret(`${NAMESPACE}:${key}`);
    return parseSettings(new Map(raw), pulumi.getStack(), __dirname, isSecret);
}

/**
 * Validates raw configuration values; the defaults stand in Pulumi.yaml.
 *
 * @param raw value of each key, without namespace
 * @param stack name of the stack
 * @param projectDir absolute path of the project; a relative `samplePath` starts there
 * @param isSecret whether the value of a key is encrypted in the stack's file
 * @throws UserError that names every wrong setting
 */
export function parseSettings(
    raw: ReadonlyMap<string, string>,
    stack: string,
    projectDir: string,
    isSecret: (key: string) => boolean,
): Settings {
    const mistakes: string[] = [];
    const reader = new SettingReader(raw, isSecret, mistakes);
    reader.refuseUnknownKeys(KEYS);
    if (!/^[a-z0-9][a-z0-9-]{0,30}$/.test(stack)) {
        mistakes.push(
            `stack name: '${stack}' cannot name containers. Allowed: up to 31 lower-case letters, digits and dashes. ` +
                "Make another stack with: pulumi stack init NAME",
        );
    }
    const target = reader.choice("target", TARGETS);
    const settings: Settings = {
        stack,
        projectDir,
        target,
        region: readRegion(reader, target),
        catalog: readCatalog(reader, target),
        spark: readSpark(reader, target),
        maintenance: {
            snapshotRetentionDays: reader.integer("snapshotRetentionDays", 1, MAX_RETENTION_DAYS),
            snapshotsKept: reader.integer("snapshotsKept", 1, 1_000_000),
            orphanRetentionDays: reader.integer("orphanRetentionDays", 1, MAX_RETENTION_DAYS),
        },
        aws: readAwsSettings(reader, target),
        portOffset: reader.integer("portOffset", 0, MAX_PORT_OFFSET),
        baseImage: reader.text(
            "baseImage",
            /^[a-z0-9][a-z0-9._/:@-]*$/,
            "an image reference such as debian:trixie-slim",
        ),
        samplePath: path.resolve(projectDir, reader.text("samplePath", /\S/, "a path of a CSV file")),
        keepData: reader.flag("keepData"),
        demo: reader.flag("demo"),
    };
    if (raw.get("samplePath")) {
        mistakes.push(...checkSample(settings.samplePath));
    }
    if (mistakes.length > 0) {
        throw UserError.ofMany(mistakes);
    }
    return settings;
}

/** Reads the region, which only a cloud needs to know. */
function readRegion(reader: SettingReader, target: Settings["target"]): string {
    const pattern = /^[a-z]{2}(-[a-z]+)+-\d$/;
    if (target === "aws") {
        return reader.required("region", pattern, "an AWS region", "eu-central-1");
    }
    return reader.optional("region", pattern, LOCAL_REGION) ?? LOCAL_REGION;
}

/** Reads the size of the standalone cluster; on aws, the setting `size` says how much an application may use. */
function readSpark(reader: SettingReader, target: Settings["target"]): SparkSettings {
    const connect = reader.flag("sparkConnect");
    if (target === "aws" && connect) {
        reader.refuse(
            "sparkConnect",
            "true",
            "is not allowed on the target aws, where no Spark Connect server runs. Allowed: false",
            "false",
        );
    }
    return {
        workers: reader.integer("sparkWorkers", 1, 64),
        workerCores: reader.integer("sparkWorkerCores", 1, 256),
        workerMemoryMiB: reader.memory("sparkWorkerMemory", MIN_WORKER_MEMORY_MIB),
        connect,
    };
}

/** Reads the settings of the catalog and refuses those that its type has no use for. */
function readCatalog(reader: SettingReader, target: Settings["target"]): CatalogSettings {
    const type = reader.choice("catalogType", CATALOG_TYPES);
    const external = CATALOG_URIS[type];
    const uri = external && reader.optional("catalogUri", external.pattern, external.example);
    const ofRest = type === "rest" && uri !== undefined;
    if (target === "aws" && (type === "hive" || type === "rest") && uri === undefined) {
        reader.refuse(
            "catalogType",
            type,
            `needs lakehouse:catalogUri on the target aws, where the platform runs no ${type} server. Allowed without: glue, jdbc, hadoop`,
            "glue",
        );
    }
    if (external === undefined) {
        reader.refuseSet("catalogUri", `catalogType ${type} is always the platform's own`);
    }
    for (const key of ["catalogWarehouse", "catalogToken", "catalogCredential", "catalogOauthUri"]) {
        if (!ofRest) {
            const lacks = type === "rest" ? "catalogUri is not set" : `catalogType is ${type}`;
            reader.refuseSet(key, `it belongs to an external REST catalog, and ${lacks}`);
        }
    }
    const settings: CatalogSettings = {
        type,
        uri,
        warehouse: reader.optional("catalogWarehouse", /\S/, "analytics"),
        token: reader.secret("catalogToken", /^\S+$/, "a bearer token without spaces"),
        credential: reader.secret("catalogCredential", /^[^\s:]+:\S+$/, "OAuth2 client credentials as id:secret"),
        oauthUri: reader.optional("catalogOauthUri", CATALOG_URIS.rest!.pattern, "https://login.example/oauth/tokens"),
    };
    if (ofRest && settings.token && settings.credential) {
        reader.refuseSet("catalogToken", "catalogCredential is set as well, and one of them is enough");
    }
    if (ofRest && settings.oauthUri && !settings.credential) {
        reader.refuseSet("catalogOauthUri", "without catalogCredential there is nothing to ask a token with");
    }
    return settings;
}
