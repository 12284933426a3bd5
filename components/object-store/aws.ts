import * as path from "path";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { inAws } from "../shared/aws/options";
import { allReady } from "../shared/ready";
import type { AwsTarget } from "../target";
import { createBucket, type Bucket } from "./aws-bucket";
import { ACCESS_LOGS, bucketPolicy, lifecycleRules } from "./aws-bucket-rules";
import type { ObjectStoreArgs, ObjectStoreFacts, ObjectStoreOutputs } from "./index";

/** Web consoles of AWS, by partition. */
const CONSOLES: Readonly<Record<string, string>> = {
    aws: "console.aws.amazon.com",
    "aws-us-gov": "console.amazonaws-us-gov.com",
};

/** Three buckets on S3 with the sample in one of them. Their names hold the account's id, as all accounts share one space. */
export function createAwsObjectStore(
    name: string,
    args: ObjectStoreArgs,
    target: AwsTarget,
    parent: pulumi.Resource,
): ObjectStoreOutputs {
    const start = `${target.prefix}-${target.accountId}`;
    const buckets = { lake: `${start}-lake`, examples: `${start}-examples`, logs: `${start}-logs` };
    const facts: ObjectStoreFacts = {
        endpoint: `https://s3.${args.region}.amazonaws.com`,
        region: args.region,
        pathStyle: false,
        buckets,
        sampleKey: path.basename(args.samplePath),
    };
    const { environment } = target.settings;
    const logs = createBucket(
        `${name}-logs`,
        {
            bucket: buckets.logs,
            // S3 cannot write its access logs with a key of KMS
            // (https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshooting-server-access-logging.html).
            encryption: "AES256",
            policy: bucketPolicy(buckets.logs, [buckets.lake, buckets.examples], target),
            lifecycle: lifecycleRules(environment, "logs"),
        },
        target,
        parent,
    );
    const dataBucket = (kind: "lake" | "examples"): Bucket => {
        const { bucket, ready } = createBucket(
            `${name}-${kind}`,
            {
                bucket: buckets[kind],
                encryption: "aws:kms",
                policy: bucketPolicy(buckets[kind], [], target),
                lifecycle: lifecycleRules(environment, "data"),
            },
            target,
            parent,
        );
        const accessLog = new aws.s3.BucketLogging(
            `${name}-${kind}-access-log`,
            { bucket: bucket.bucket, targetBucket: logs.bucket.bucket, targetPrefix: `${ACCESS_LOGS}/${kind}/` },
            inAws(target, parent, [logs.ready]),
        );
        return { bucket, ready: allReady([ready, pulumi.output([accessLog])]) };
    };
    const lake = dataBucket("lake");
    const examples = dataBucket("examples");

    const sample = new aws.s3.BucketObjectv2(
        `${name}-sample`,
        {
            bucket: examples.bucket.bucket,
            key: facts.sampleKey,
            source: new pulumi.asset.FileAsset(args.samplePath),
            contentType: "text/csv",
        },
        inAws(target, parent, [examples.ready]),
    );
    const placeholder = new aws.s3.BucketObjectv2(
        `${name}-event-logs`,
        // The history server refuses to start when the prefix of the event logs does not exist; one byte never expires.
        { bucket: logs.bucket.bucket, key: "spark-events/.keep", content: "\n" },
        inAws(target, parent, [logs.ready]),
    );
    const console = CONSOLES[target.partition] ?? CONSOLES.aws;
    return {
        facts,
        publicEndpoint: facts.endpoint,
        consoleUrl: `https://${args.region}.${console}/s3/buckets/${buckets.lake}`,
        ready: allReady([lake.ready, examples.ready, logs.ready, pulumi.output([sample, placeholder])]),
    };
}
