import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { inAws, withData } from "../shared/aws/options";
import type { Ready } from "../shared/ready";
import type { AwsTarget } from "../target";

/** What one bucket differs in from another. */
export interface BucketArgs {
    /** Name of the bucket. */
    readonly bucket: string;
    /** With the platform's key, or with one that S3 manages. */
    readonly encryption: "aws:kms" | "AES256";
    readonly policy: object;
    readonly lifecycle: aws.types.input.s3.BucketLifecycleConfigurationRule[];
}

export interface Bucket {
    readonly bucket: aws.s3.Bucket;
    /** Resolves once all that protects the bucket is in place. */
    readonly ready: Ready;
}

/** Creates a bucket that is private, encrypted and keeps former versions for a while. */
export function createBucket(name: string, args: BucketArgs, target: AwsTarget, parent: pulumi.Resource): Bucket {
    const bucket = new aws.s3.Bucket(
        name,
        { bucket: args.bucket, forceDestroy: target.settings.environment === "dev" },
        withData(target, parent),
    );
    const opts = inAws(target, parent);
    const privacy = new aws.s3.BucketPublicAccessBlock(
        `${name}-privacy`,
        {
            bucket: bucket.bucket,
            blockPublicAcls: true,
            blockPublicPolicy: true,
            ignorePublicAcls: true,
            restrictPublicBuckets: true,
        },
        opts,
    );
    const ownership = new aws.s3.BucketOwnershipControls(
        `${name}-ownership`,
        // Lists of access per object are off: policies alone decide.
        { bucket: bucket.bucket, rule: { objectOwnership: "BucketOwnerEnforced" } },
        opts,
    );
    const policy = new aws.s3.BucketPolicy(
        `${name}-policy`,
        { bucket: bucket.bucket, policy: JSON.stringify(args.policy) },
        // S3 refuses changes of both at the same time.
        { ...opts, dependsOn: [privacy] },
    );
    const byKey = args.encryption === "aws:kms";
    const encryption = new aws.s3.BucketServerSideEncryptionConfiguration(
        `${name}-encryption`,
        {
            bucket: bucket.bucket,
            rules: [
                {
                    applyServerSideEncryptionByDefault: {
                        sseAlgorithm: args.encryption,
                        ...(byKey && { kmsMasterKeyId: target.kmsKeyArn }),
                    },
                    // A key per bucket instead of a call to KMS per object, which costs and is limited.
                    bucketKeyEnabled: byKey,
                },
            ],
        },
        opts,
    );
    const versioning = new aws.s3.BucketVersioning(
        `${name}-versioning`,
        { bucket: bucket.bucket, versioningConfiguration: { status: "Enabled" } },
        opts,
    );
    const lifecycle = new aws.s3.BucketLifecycleConfiguration(
        `${name}-lifecycle`,
        { bucket: bucket.bucket, rules: args.lifecycle },
        // Rules on former versions need such.
        { ...opts, dependsOn: [versioning] },
    );
    return { bucket, ready: pulumi.output([privacy, ownership, policy, encryption, versioning, lifecycle]) };
}
