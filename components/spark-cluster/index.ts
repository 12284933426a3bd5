import * as pulumi from "@pulumi/pulumi";
import type { MaintenanceSettings, SparkSettings } from "../../config";
import type { Catalog } from "../catalog";
import type { ObjectStoreFacts } from "../object-store";
import type { Env } from "../shared/env";
import type { Ready } from "../shared/ready";
import type { Target } from "../target";
import type { SparkData } from "./aws-rights";
import { createLocalSparkCluster } from "./local";

export interface SparkClusterArgs {
    readonly target: Target;
    readonly size: SparkSettings;
    readonly store: ObjectStoreFacts;
    readonly catalog: Catalog;
    readonly maintenance: MaintenanceSettings;
    /** What must be ready before the cluster starts. */
    readonly storeReady: Ready;
}

/** What a Spark driver needs to use the cluster. */
export interface SparkFacts {
    readonly masterUrl: string;
    /** Text of a driver's spark-defaults.conf; holds no secret. */
    readonly defaults: pulumi.Input<string>;
    /** Environment of a driver: credentials, RPC secret, and what dags/utils/config_manager.py reads. */
    readonly driverEnv: Env;
    /** The same for drivers that are pods; only where the cluster is Kubernetes. */
    readonly pods?: SparkPods;
}

/** What a pod takes to be a Spark driver. */
export interface SparkPods {
    /** Config map with Spark's configuration directory: spark-defaults.conf and the executors' pod template. */
    readonly confMap: string;
    /** Config map and secret with the driver's environment. */
    readonly envMap: string;
    readonly envSecret: string;
    /** What the pod's identity needs rights on, for `driverStatements` of aws-rights.ts. */
    readonly data: SparkData;
}

export interface SparkClusterOutputs {
    readonly facts: SparkFacts;
    /** Web page of the master on this machine; only where there is one. */
    readonly masterUiUrl?: string;
    /** Web page of the history server, on this machine or once its port is forwarded to it. */
    readonly historyUrl: string;
    /** Where Spark Connect clients connect on this machine, and the token that they must show; if it runs. */
    readonly connect?: { readonly url: string; readonly token: pulumi.Output<string> };
    /** Resolves once every worker is registered at the master, and the history and Connect servers answer. */
    readonly ready: Ready;
}

/** A Spark 4 cluster with a history server over event logs in the object store. */
export class SparkCluster extends pulumi.ComponentResource implements SparkClusterOutputs {
    readonly facts: SparkFacts;
    readonly masterUiUrl: string | undefined;
    readonly historyUrl: string;
    readonly connect: SparkClusterOutputs["connect"];
    readonly ready: Ready;

    constructor(name: string, args: SparkClusterArgs, opts?: pulumi.ComponentResourceOptions) {
        super("lakehouse:index:SparkCluster", name, {}, opts);
        const { facts, masterUiUrl, historyUrl, connect, ready } = build(name, args, this);
        this.facts = facts;
        this.masterUiUrl = masterUiUrl;
        this.historyUrl = historyUrl;
        this.connect = connect;
        this.ready = ready;
        this.registerOutputs({ facts, masterUiUrl, historyUrl, connect });
    }
}

function build(name: string, args: SparkClusterArgs, parent: pulumi.Resource): SparkClusterOutputs {
    switch (args.target.kind) {
        case "local":
            return createLocalSparkCluster(name, args, args.target, parent);
        case "aws": {
            const { createAwsSparkCluster } = require("./aws") as typeof import("./aws");
            return createAwsSparkCluster(name, args, args.target, parent);
        }
    }
}
