import * as path from "path";
import * as pulumi from "@pulumi/pulumi";
import { parseMemoryMiB } from "./components/shared/memory";
import { checkSample } from "./components/shared/sample";
import { UserError } from "./components/shared/user-error";

/** Iceberg catalogs that a stack can use. */
export type CatalogType = "hadoop" | "jdbc";

/** The validated settings of one stack. */
export interface Settings {
    /** Pulumi's stack name; every container, network, volume and image carries it. */
    readonly stack: string;
    /** Absolute path of the project. */
    readonly projectDir: string;
    readonly target: "local";
    readonly catalogType: CatalogType;
    readonly spark: SparkSettings;
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

/** Size of the Spark cluster. */
export interface SparkSettings {
    readonly workers: number;
    /** Cores per worker. */
    readonly workerCores: number;
    /** Memory that a worker offers to executors, in MiB. */
    readonly workerMemoryMiB: number;
}

const NAMESPACE = "lakehouse";
const TARGETS = ["local", "aws"];
const TARGETS_BUILT = ["local"];
const CATALOG_TYPES = ["hadoop", "jdbc", "hive", "glue", "rest"];
const CATALOG_TYPES_BUILT = ["hadoop", "jdbc"];
const KEYS = [
    "target",
    "catalogType",
    "sparkWorkers",
    "sparkWorkerCores",
    "sparkWorkerMemory",
    "portOffset",
    "baseImage",
    "samplePath",
    "keepData",
    "demo",
];
/** Highest published port without offset is 18080; ports end at 65535. */
const MAX_PORT_OFFSET = 47_455;
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
    return parseSettings(new Map(raw), pulumi.getStack(), __dirname);
}

/**
 * Validates raw configuration values; the defaults stand in Pulumi.yaml.
 *
 * @param raw value of each key, without namespace
 * @param stack name of the stack
 * @param projectDir absolute path of the project; a relative `samplePath` starts there
 * @throws UserError that names every wrong setting
 */
export function parseSettings(raw: ReadonlyMap<string, string>, stack: string, projectDir: string): Settings {
    const mistakes: string[] = [];
    const reader = new Reader(raw, mistakes);
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
        catalogType: reader.choice("catalogType", CATALOG_TYPES, CATALOG_TYPES_BUILT) as CatalogType,
        spark: {
            workers: reader.integer("sparkWorkers", 1, 64),
            workerCores: reader.integer("sparkWorkerCores", 1, 256),
            workerMemoryMiB: reader.memory("sparkWorkerMemory", MIN_WORKER_MEMORY_MIB),
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

/** Reads single values and collects what is wrong with them; a wrong value reads as a placeholder. */
class Reader {
    constructor(
        private readonly raw: ReadonlyMap<string, string>,
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

    choice(key: string, known: readonly string[], built: readonly string[]): string {
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
