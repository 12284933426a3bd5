import * as pulumi from "@pulumi/pulumi";
import type { SparkFacts } from "../spark-cluster";
import type { Ready } from "../shared/ready";
import type { Target } from "../target";
import { createLocalDbtRunner } from "./local";

export interface DbtRunnerArgs {
    readonly target: Target;
    readonly spark: SparkFacts;
}

/** How Airflow runs dbt. */
export type DbtFacts = DbtServer | DbtPods;

/** A server that takes dbt commands over SSH. */
export interface DbtServer {
    readonly kind: "server";
    readonly host: string;
    readonly port: number;
    readonly user: string;
    /** Volume with the client's key, the known hosts and Airflow's Fernet key. */
    readonly keysVolume: pulumi.Input<string>;
}

/** A pod per command. */
export interface DbtPods {
    readonly kind: "pods";
    /** Reference of the image with dbt and the project. */
    readonly image: pulumi.Input<string>;
    readonly serviceAccount: string;
    /** Config map with the pod that Airflow starts, under the key `pod.yaml`. */
    readonly templateMap: string;
}

export interface DbtRunnerOutputs {
    readonly facts: DbtFacts;
    /** Resolves once the keys exist: all that Airflow needs to start. */
    readonly keysReady: Ready;
    /** Resolves once the runner accepts connections. */
    readonly ready: Ready;
}

/** Runs dbt as a Spark driver on the cluster; it accepts dbt commands from Airflow and nothing else. */
export class DbtRunner extends pulumi.ComponentResource implements DbtRunnerOutputs {
    readonly facts: DbtFacts;
    readonly keysReady: Ready;
    readonly ready: Ready;

    constructor(name: string, args: DbtRunnerArgs, opts?: pulumi.ComponentResourceOptions) {
        super("lakehouse:index:DbtRunner", name, {}, opts);
        const { facts, keysReady, ready } = build(name, args, this);
        this.facts = facts;
        this.keysReady = keysReady;
        this.ready = ready;
        this.registerOutputs({ facts });
    }
}

function build(name: string, args: DbtRunnerArgs, parent: pulumi.Resource): DbtRunnerOutputs {
    switch (args.target.kind) {
        case "local":
            return createLocalDbtRunner(name, args, args.target, parent);
        case "aws": {
            const { createAwsDbtRunner } = require("./aws") as typeof import("./aws");
            return createAwsDbtRunner(name, args, args.target, parent);
        }
    }
}
