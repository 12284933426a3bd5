import * as path from "path";
import * as pulumi from "@pulumi/pulumi";
import * as pulumiConfig from "@pulumi/pulumi/runtime/config";
import { parseMemoryMiB } from "./components/shared/memory";
import { checkSample } from "./components/shared/sample";
import { UserError } from "./components/shared/user-error";

/** Iceberg catalogs that a stack can use. */
export const CATALOG_TYPES = ["hadoop", "jdbc", "hive", "glue", "rest"] as const;
export type CatalogType = (typeof CATALOG_TYPES)[number];

/** The validated settings of one stack. */
export interface Settings {
    /** Pulumi's stack name; every container, network, volume and image carries it. */
    readonly stack: string;
    /** Absolute path of the project. */
    readonly projectDir: string;
    readonly target: "local";
    /** Region of the object store and of Glue. */
    readonly region: string;
    readonly catalog: CatalogSettings;
    readonly spark: SparkSettings;
    readonly maintenance: MaintenanceSettings;
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

const NAMESPACE = "lakehouse";
const TARGETS = ["local", "aws"];
const TARGETS_BUILT = ["local"];
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
    const reader = new Reader(raw, isSecret, mistakes);
    reader.refuseUnknownKeys();
    if (!/^[a-z0-9][a-z0-9-]{0,30}$/.test(stack)) {
        mistakes.push(
            `stack name: '${stack}' cannot name containers. Allowed: up to 31 lower-case letters, digits and dashes. ` +
                "Make another stack with: pulumi stack init NAME",
        );
    }
    const settings: Settings = {
        stack,
        projectDir,
        target: reader.choice("target", TARGETS, TARGETS_BUILT) as "local",
        region: reader.text("region", /^[a-z]{2}(-[a-z]+)+-\d$/, "an AWS region such as us-east-1"),
        catalog: readCatalog(reader),
        spark: {
            workers: reader.integer("sparkWorkers", 1, 64),
            workerCores: reader.integer("sparkWorkerCores", 1, 256),
            workerMemoryMiB: reader.memory("sparkWorkerMemory", MIN_WORKER_MEMORY_MIB),
            connect: reader.flag("sparkConnect"),
        },
        maintenance: {
            snapshotRetentionDays: reader.integer("snapshotRetentionDays", 1, MAX_RETENTION_DAYS),
            snapshotsKept: reader.integer("snapshotsKept", 1, 1_000_000),
            orphanRetentionDays: reader.integer("orphanRetentionDays", 1, MAX_RETENTION_DAYS),
        },
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

/** Reads the settings of the catalog and refuses those that its type has no use for. */
function readCatalog(reader: Reader): CatalogSettings {
    const type = reader.choice("catalogType", CATALOG_TYPES) as CatalogType;
    const external = CATALOG_URIS[type];
    const uri = external && reader.optional("catalogUri", external.pattern, external.example);
    const ofRest = type === "rest" && uri !== undefined;
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

/** Reads single values and collects what is wrong with them; a wrong value reads as a placeholder. */
class Reader {
    constructor(
        private readonly raw: ReadonlyMap<string, string>,
        private readonly isSecret: (key: string) => boolean,
        private readonly mistakes: string[],
    ) {}

    refuseUnknownKeys(): void {
        for (const key of this.raw.keys()) {
            if (!KEYS.includes(key)) {
                this.mistakes.push(
                    `${NAMESPACE}:${key}: unknown setting. Allowed: ${KEYS.join(", ")}. ` +
                        `Remove it with: pulumi config rm ${NAMESPACE}:${key}`,
                );
            }
        }
    }

    choice(key: string, known: readonly string[], built = known): string {
        const value = this.value(key);
        if (known.includes(value) && !built.includes(value)) {
            this.refuse(key, value, `is not built yet. Allowed: ${built.join(", ")}`, built[0]!);
        } else if (!known.includes(value)) {
            this.refuse(key, value, `is unknown. Allowed: ${built.join(", ")}`, built[0]!);
        }
        return value;
    }

    integer(key: string, min: number, max: number): number {
        const value = this.value(key);
        const number = Number(value);
        if (!/^-?\d+$/.test(value) || number < min || number > max) {
            this.refuse(key, value, `is not allowed. Allowed: a whole number from ${min} to ${max}`, String(min));
        }
        return number;
    }

    memory(key: string, minMiB: number): number {
        const value = this.value(key);
        const mebibytes = parseMemoryMiB(value);
        if (mebibytes === undefined || mebibytes < minMiB) {
            this.refuse(key, value, `is not allowed. Allowed: at least ${minMiB}m, as digits with unit m or g`, "2g");
        }
        return mebibytes ?? minMiB;
    }

    text(key: string, pattern: RegExp, allowed: string): string {
        const value = this.value(key);
        if (!pattern.test(value)) {
            this.mistakes.push(`${NAMESPACE}:${key}: '${value}' is not allowed. Allowed: ${allowed}`);
        }
        return value;
    }

    /** A text that may be left out. */
    optional(key: string, pattern: RegExp, example: string): string | undefined {
        const value = this.raw.get(key);
        if (value !== undefined && !pattern.test(value)) {
            this.refuse(key, value, `is not allowed. Allowed: a value such as ${example}`, example);
        }
        return value;
    }

    /** A text that may be left out, must be encrypted where it stands, and is never shown. */
    secret(key: string, pattern: RegExp, allowed: string): pulumi.Output<string> | undefined {
        const value = this.raw.get(key);
        if (value === undefined) {
            return undefined;
        }
        const remedy = `Set it again with: pulumi config set --secret ${NAMESPACE}:${key}`;
        if (!this.isSecret(key)) {
            this.mistakes.push(`${NAMESPACE}:${key}: its value stands in clear in the stack's file. ${remedy}`);
        } else if (!pattern.test(value)) {
            this.mistakes.push(`${NAMESPACE}:${key}: the value is not allowed. Allowed: ${allowed}. ${remedy}`);
        }
        return pulumi.secret(value);
    }

    /** Refuses a setting for being there at all. */
    refuseSet(key: string, reason: string): void {
        if (this.raw.has(key)) {
            this.mistakes.push(
                `${NAMESPACE}:${key} is set, but ${reason}. Remove it with: pulumi config rm ${NAMESPACE}:${key}`,
            );
        }
    }

    flag(key: string): boolean {
        const value = this.value(key);
        if (value !== "true" && value !== "false") {
            this.refuse(key, value, "is not allowed. Allowed: true, false", "true");
        }
        return value === "true";
    }

    private value(key: string): string {
        return this.raw.get(key) ?? "";
    }

    private refuse(key: string, value: string, reason: string, example: string): void {
        this.mistakes.push(
            `${NAMESPACE}:${key}: '${value}' ${reason}. Fix it with: pulumi config set ${NAMESPACE}:${key} ${example}`,
        );
    }
}
