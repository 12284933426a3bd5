import * as pulumi from "@pulumi/pulumi";
import type { DatabaseConnection } from "../database";
import type { DbtFacts } from "../dbt-runner";
import type { ObjectStoreFacts } from "../object-store";
import type { Ready } from "../shared/ready";
import type { SparkFacts } from "../spark-cluster";
import type { Target } from "../target";
import { createLocalAirflowCluster } from "./local";

export interface AirflowClusterArgs {
    readonly target: Target;
    readonly database: DatabaseConnection;
    readonly databaseReady: Ready;
    readonly spark: SparkFacts;
    readonly dbt: DbtFacts;
    /** Where a cluster that spans machines keeps its task logs. */
    readonly store: ObjectStoreFacts;
    readonly dbtKeysReady: Ready;
}

export interface AirflowClusterOutputs {
    /** Address of the web page and the REST API as their user types it. */
    readonly url: string | pulumi.Output<string>;
    readonly adminUser: string;
    /** Secret. */
    readonly adminPassword: pulumi.Output<string>;
    /** Resolves once the api-server, scheduler, dag-processor and triggerer report their heartbeats. */
    readonly ready: Ready;
}

/** Airflow 3: api-server, scheduler, dag-processor and triggerer on a PostgreSQL database. */
export class AirflowCluster extends pulumi.ComponentResource implements AirflowClusterOutputs {
    readonly url: string | pulumi.Output<string>;
    readonly adminUser: string;
    readonly adminPassword: pulumi.Output<string>;
    readonly ready: Ready;

    constructor(name: string, args: AirflowClusterArgs, opts?: pulumi.ComponentResourceOptions) {
        super("lakehouse:index:AirflowCluster", name, {}, opts);
        const { url, adminUser, adminPassword, ready } = build(name, args, this);
        this.url = url;
        this.adminUser = adminUser;
        this.adminPassword = adminPassword;
        this.ready = ready;
        this.registerOutputs({ url, adminUser, adminPassword });
    }
}

function build(name: string, args: AirflowClusterArgs, parent: pulumi.Resource): AirflowClusterOutputs {
    switch (args.target.kind) {
        case "local":
            return createLocalAirflowCluster(name, args, args.target, parent);
        case "aws": {
            const { createAwsAirflowCluster } = require("./aws") as typeof import("./aws");
            return createAwsAirflowCluster(name, args, args.target, parent);
        }
    }
}
