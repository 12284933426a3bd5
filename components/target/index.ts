import type * as aws from "@pulumi/aws";
import type * as docker from "@pulumi/docker";
import type * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../config";
import type { Ready } from "../shared/ready";
import type { AwsSettings } from "./aws-settings";

/** The ground that a platform stands on. */
export type Target = LocalTarget | AwsTarget;

/** What every target tells of itself. */
interface CommonTarget {
    readonly stack: string;
    /** Start of the name of everything that has a name of its own. */
    readonly prefix: string;
    readonly baseImage: string;
    /** Absolute path of the project. */
    readonly projectDir: string;
}

/** Containers on a Docker network of the stack's own. */
export interface LocalTarget extends CommonTarget {
    readonly kind: "local";
    /** Name of the network. */
    readonly network: pulumi.Input<string>;
    /** Added to every published port. */
    readonly portOffset: number;
    /** Whether data volumes survive a destroy. */
    readonly keepData: boolean;
}

/** A Kubernetes cluster in a private network on AWS. */
export interface AwsTarget extends CommonTarget {
    readonly kind: "aws";
    readonly settings: AwsSettings;
    readonly region: string;
    /** `aws`, or the name of another partition such as `aws-us-gov`; first part of every ARN. */
    readonly partition: string;
    /** The account's twelve digits; known before anything is created, so that names and ARNs are plain values. */
    readonly accountId: string;
    readonly network: {
        readonly vpcId: pulumi.Input<string>;
        readonly privateSubnetIds: pulumi.Input<pulumi.Input<string>[]>;
    };
    readonly cluster: {
        readonly name: string;
        /** Security group that EKS gives to every node and pod. */
        readonly securityGroupId: pulumi.Input<string>;
    };
    /** Namespace of everything that the platform runs. */
    readonly namespace: string;
    /** Resolves once pods can run: the namespace exists, and nodes can. */
    readonly ready: Ready;
    /** The one key that encrypts buckets, database, secrets and images. */
    readonly kmsKeyArn: pulumi.Output<string>;
    readonly aws: aws.Provider;
    readonly kubernetes: kubernetes.Provider;
    /** May push images to the account's registry. */
    readonly registry: docker.Provider;
}

/**
 * Checks that the ground can carry the platform, then creates it. Each backend is loaded where it is used: the SDK of a cloud
 * takes longer to load than all else, and a laptop needs none.
 *
 * @throws UserError when it cannot; nothing is created then
 */
export async function createTarget(name: string, settings: Settings): Promise<Target> {
    switch (settings.target) {
        case "local":
            return (await import("./local")).createLocalTarget(name, settings);
        case "aws":
            return (await import("./aws")).createAwsTarget(name, settings);
    }
}
