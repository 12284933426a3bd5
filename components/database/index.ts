import * as pulumi from "@pulumi/pulumi";
import type { Ready } from "../shared/ready";
import type { Target } from "../target";
import { createLocalDatabase } from "./local";

export interface DatabaseArgs {
    readonly target: Target;
}

/** How to reach one database. */
export interface DatabaseConnection {
    readonly host: string;
    readonly port: number;
    /** Name of the database, and of the role that owns it. */
    readonly name: string;
    /** Password of the role; secret. */
    readonly password: pulumi.Output<string>;
    /** Whether the server speaks TLS and takes nothing else; without it, a client does not ask for TLS. */
    readonly tls?: boolean;
}

export interface DatabaseOutputs {
    /** Airflow's metadata. */
    readonly airflow: DatabaseConnection;
    /** State of the jdbc catalog. */
    readonly iceberg: DatabaseConnection;
    /** State of the Hive Metastore; only where the platform runs one. */
    readonly hive?: DatabaseConnection;
    /** State of the REST catalog; only where the platform runs one. */
    readonly rest?: DatabaseConnection;
    /** Resolves once all databases answer queries. */
    readonly ready: Ready;
}

/** The relational database behind Airflow and the Iceberg catalogs: PostgreSQL 17. */
export class Database extends pulumi.ComponentResource implements DatabaseOutputs {
    readonly airflow: DatabaseConnection;
    readonly iceberg: DatabaseConnection;
    readonly hive: DatabaseConnection | undefined;
    readonly rest: DatabaseConnection | undefined;
    readonly ready: Ready;

    constructor(name: string, args: DatabaseArgs, opts?: pulumi.ComponentResourceOptions) {
        super("lakehouse:index:Database", name, {}, opts);
        const { airflow, iceberg, hive, rest, ready } = build(name, args, this);
        this.airflow = airflow;
        this.iceberg = iceberg;
        this.hive = hive;
        this.rest = rest;
        this.ready = ready;
        this.registerOutputs({ airflow, iceberg, hive, rest });
    }
}

function build(name: string, args: DatabaseArgs, parent: pulumi.Resource): DatabaseOutputs {
    switch (args.target.kind) {
        case "local":
            return createLocalDatabase(name, args, args.target, parent);
        case "aws": {
            const { createAwsDatabase } = require("./aws") as typeof import("./aws");
            return createAwsDatabase(name, args, args.target, parent);
        }
    }
}
