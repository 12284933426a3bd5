import * as pulumi from "@pulumi/pulumi";
import type { CatalogSettings, CatalogType } from "../../config";
import type { CatalogFacts } from "../catalog";
import type { DatabaseConnection } from "../database";
import type { ObjectStoreFacts } from "../object-store";
import type { Ready } from "../shared/ready";
import type { Target } from "../target";
import { createLocalCatalogServer } from "./local";

export interface CatalogServerArgs {
    readonly target: Target;
    readonly settings: CatalogSettings;
    readonly store: ObjectStoreFacts;
    /** Database of each type of server that keeps its state in one, where the platform runs such servers. */
    readonly databases: { readonly hive?: DatabaseConnection; readonly rest?: DatabaseConnection };
    /** What must be ready before a server starts. */
    readonly databaseReady: Ready;
    readonly storeReady: Ready;
}

/** The types that need a server. */
export type ServedType = Exclude<CatalogType, "hadoop" | "jdbc">;

export interface CatalogServerOutputs {
    /** How to reach the catalog; undefined for the types without a server. */
    readonly server: CatalogFacts["server"];
    /** Resolves once the server answers. */
    readonly ready: Ready;
}

/** The server behind the catalog types hive, glue and rest: the platform's own, or nothing but the address of another. */
export class CatalogServer extends pulumi.ComponentResource implements CatalogServerOutputs {
    readonly server: CatalogFacts["server"];
    readonly ready: Ready;

    constructor(name: string, args: CatalogServerArgs, opts?: pulumi.ComponentResourceOptions) {
        super("lakehouse:index:CatalogServer", name, {}, opts);
        const { server, ready } = build(name, args, this);
        this.server = server;
        this.ready = ready;
        this.registerOutputs({ server });
    }
}

function build(name: string, args: CatalogServerArgs, parent: pulumi.Resource): CatalogServerOutputs {
    const { type, uri, ...credentials } = args.settings;
    const served = uri !== undefined || type === "hadoop" || type === "jdbc" ? undefined : type;
    return (
        createOwn(name, served, args, parent) ?? {
            server: uri === undefined ? undefined : { uri, ...credentials },
            ready: pulumi.output<pulumi.Resource[]>([]),
        }
    );
}

function createOwn(
    name: string,
    type: ServedType | undefined,
    args: CatalogServerArgs,
    parent: pulumi.Resource,
): CatalogServerOutputs | undefined {
    switch (args.target.kind) {
        case "local":
            return createLocalCatalogServer(name, type, args, args.target, parent);
        case "aws": {
            const { createAwsCatalogServer } = require("./aws") as typeof import("./aws");
            return createAwsCatalogServer(name, type, args, args.target, parent);
        }
    }
}
