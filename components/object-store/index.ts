import * as pulumi from "@pulumi/pulumi";
import type { Ready } from "../shared/ready";
import type { Target } from "../target";
import { createLocalObjectStore } from "./local";

export interface ObjectStoreArgs {
    readonly target: Target;
    readonly region: string;
    /** Absolute path of the CSV file that is uploaded to the examples bucket. */
    readonly samplePath: string;
}

/** How to reach the object store; everything that another component may know of it. */
export interface ObjectStoreFacts {
    /** Address that the platform's services use, such as `http://minio:9000`. */
    readonly endpoint: string;
    readonly region: string;
    /** Whether the bucket is part of the path instead of the host name. */
    readonly pathStyle: boolean;
    readonly buckets: { readonly lake: string; readonly examples: string; readonly logs: string };
    /** Object key of the sample file in the examples bucket. */
    readonly sampleKey: string;
    /**
     * Keys of the platform's user, who may use these buckets and nothing else; without them, every pod has an identity of
     * its own.
     */
    readonly keys?: ObjectStoreKeys;
}

export interface ObjectStoreKeys {
    readonly accessKey: pulumi.Output<string>;
    /** Secret. */
    readonly secretKey: pulumi.Output<string>;
}

export interface ObjectStoreOutputs {
    readonly facts: ObjectStoreFacts;
    /** Address of the store as its user types it. */
    readonly publicEndpoint: string;
    /** Address of the web console. */
    readonly consoleUrl: string;
    /** Resolves once the buckets exist, hold the sample and can be listed by the platform's user. */
    readonly ready: Ready;
}

/** The S3 store of the platform, with its buckets and the sample file. */
export class ObjectStore extends pulumi.ComponentResource implements ObjectStoreOutputs {
    readonly facts: ObjectStoreFacts;
    readonly publicEndpoint: string;
    readonly consoleUrl: string;
    readonly ready: Ready;

    constructor(name: string, args: ObjectStoreArgs, opts?: pulumi.ComponentResourceOptions) {
        super("lakehouse:index:ObjectStore", name, {}, opts);
        const { facts, publicEndpoint, consoleUrl, ready } = build(name, args, this);
        this.facts = facts;
        this.publicEndpoint = publicEndpoint;
        this.consoleUrl = consoleUrl;
        this.ready = ready;
        this.registerOutputs({ facts, publicEndpoint, consoleUrl });
    }
}

function build(name: string, args: ObjectStoreArgs, parent: pulumi.Resource): ObjectStoreOutputs {
    switch (args.target.kind) {
        case "local":
            return createLocalObjectStore(name, args, args.target, parent);
        case "aws": {
            const { createAwsObjectStore } = require("./aws") as typeof import("./aws");
            return createAwsObjectStore(name, args, args.target, parent);
        }
    }
}
