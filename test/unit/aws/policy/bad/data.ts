import { keptVersions, noPublicBucket, tlsOnly } from "../rules/buckets";
import { encrypted, encryptedOnTheWay, judged, protectedData, tagged } from "../rules/data";
import { type BadExample, policy, registered } from "./example";

const BUCKET = "aws:s3/bucket:Bucket";
const BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock";
const POLICY = "aws:s3/bucketPolicy:BucketPolicy";
const DATABASE = "aws:rds/instance:Instance";

export const BAD_DATA: readonly BadExample[] = [
    {
        rule: judged,
        what: "types that nobody has judged",
        resources: [
            registered("aws:sqs/queue:Queue", "queue"),
            registered("kubernetes:batch/v1:CronJob", "job"),
            registered("command:local:Command", "command"),
        ],
        findings: [
            "aws:sqs/queue:Queue queue: type is not judged in judgements.ts",
            "kubernetes:batch/v1:CronJob job: type is not judged in judgements.ts",
            "command:local:Command command: type is not judged in judgements.ts",
        ],
    },
    {
        rule: noPublicBucket,
        what: "buckets that may be public",
        resources: [
            registered(BUCKET, "bare", { bucket: "bare" }),
            registered(BUCKET, "lake", { bucket: "lake", acl: "public-read" }),
            registered(BLOCK, "block", {
                bucket: "lake",
                blockPublicAcls: true,
                ignorePublicAcls: true,
                restrictPublicBuckets: false,
            }),
            registered("aws:s3/bucketAcl:BucketAcl", "acl", { bucket: "lake", acl: "authenticated-read" }),
            registered(POLICY, "policy", { bucket: "lake", policy: policy({ Principal: { AWS: ["*"] } }) }),
        ],
        findings: [
            `${BUCKET} bare: BucketPublicAccessBlock is missing`,
            `${BUCKET} lake: acl is public-read`,
            `${BLOCK} block: blockPublicPolicy is not true`,
            `${BLOCK} block: restrictPublicBuckets is not true`,
            "aws:s3/bucketAcl:BucketAcl acl: acl is not private",
            `${POLICY} policy: policy.Bad lets everybody in`,
        ],
    },
    {
        rule: tlsOnly,
        what: "a bucket that answers plain HTTP",
        resources: [
            registered(BUCKET, "lake", { bucket: "lake" }),
            registered(POLICY, "policy", { bucket: "lake", policy: policy({ Effect: "Deny", Principal: "*" }) }),
        ],
        findings: [`${BUCKET} lake: BucketPolicy does not refuse plain HTTP`],
    },
    {
        rule: keptVersions,
        what: "a bucket without versions, and a lifecycle that is off",
        resources: [
            registered(BUCKET, "lake", { bucket: "lake" }),
            registered("aws:s3/bucketVersioning:BucketVersioning", "versioning", {
                bucket: "lake",
                versioningConfiguration: { status: "Suspended" },
            }),
            registered("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", "lifecycle", {
                bucket: "lake",
                rules: [{ status: "Disabled", abortIncompleteMultipartUpload: {}, noncurrentVersionExpiration: {} }],
            }),
        ],
        findings: [
            `${BUCKET} lake: BucketVersioning is not enabled`,
            `${BUCKET} lake: BucketLifecycleConfiguration.abortIncompleteMultipartUpload is missing`,
            `${BUCKET} lake: BucketLifecycleConfiguration.noncurrentVersionExpiration is missing`,
        ],
    },
    {
        rule: encrypted,
        what: "everything that can be encrypted, and is not",
        resources: [
            registered(BUCKET, "lake", { bucket: "lake" }),
            registered(
                "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
                "other",
                { bucket: "other", rules: [] },
            ),
            registered("aws:cloudwatch/logGroup:LogGroup", "logs"),
            registered("aws:ecr/repository:Repository", "images", {
                encryptionConfigurations: [{ encryptionType: "AES256" }],
            }),
            registered("aws:eks/cluster:Cluster", "cluster", {
                encryptionConfig: { provider: { keyArn: "arn" }, resources: [] },
            }),
            registered(DATABASE, "database", { storageEncrypted: true, performanceInsightsEnabled: true }),
            registered("aws:secretsmanager/secret:Secret", "secret"),
        ],
        findings: [
            `${BUCKET} lake: BucketServerSideEncryptionConfiguration is missing`,
            "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration other: rules does not encrypt",
            "aws:cloudwatch/logGroup:LogGroup logs: kmsKeyId does not encrypt",
            "aws:ecr/repository:Repository images: encryptionConfigurations does not encrypt",
            "aws:eks/cluster:Cluster cluster: encryptionConfig.resources does not encrypt",
            `${DATABASE} database: kmsKeyId does not encrypt`,
            `${DATABASE} database: performanceInsightsKmsKeyId does not encrypt`,
            "aws:secretsmanager/secret:Secret secret: kmsKeyId does not encrypt",
        ],
    },
    {
        rule: encryptedOnTheWay,
        what: "a database that takes connections without TLS",
        resources: [
            registered(DATABASE, "database", { parameterGroupName: "group" }),
            registered("aws:rds/parameterGroup:ParameterGroup", "parameters", {
                name: "group",
                parameters: [{ name: "rds.force_ssl", value: "0" }],
            }),
        ],
        findings: [`${DATABASE} database: parameterGroupName does not set rds.force_ssl`],
    },
    {
        rule: tagged,
        what: "tags that are missing or empty",
        resources: [
            registered(BUCKET, "lake", { tags: { owner: "", stack: "aws", "managed-by": "pulumi" } }),
            registered("kubernetes:eks.amazonaws.com/v1:NodeClass", "nodes", {
                spec: { tags: { "cost-center": "1", "managed-by": "pulumi", owner: "a" } },
            }),
        ],
        findings: [
            `${BUCKET} lake: tags.cost-center is missing`,
            `${BUCKET} lake: tags.owner is missing`,
            "kubernetes:eks.amazonaws.com/v1:NodeClass nodes: spec.tags.stack is missing",
        ],
    },
    {
        rule: protectedData,
        what: "data that a destroy would take along",
        environment: "prod",
        resources: [
            registered(BUCKET, "lake", { forceDestroy: true }),
            registered(DATABASE, "database", { skipFinalSnapshot: true, backupRetentionPeriod: 0 }),
            registered("aws:kms/key:Key", "key", { deletionWindowInDays: 7 }),
            registered("aws:secretsmanager/secret:Secret", "secret", { recoveryWindowInDays: 0 }),
        ],
        findings: [
            `${BUCKET} lake: protect is not set`,
            `${BUCKET} lake: forceDestroy does not keep the data`,
            `${DATABASE} database: protect is not set`,
            `${DATABASE} database: backupRetentionPeriod does not keep the data`,
            `${DATABASE} database: deleteAutomatedBackups does not keep the data`,
            `${DATABASE} database: deletionProtection does not keep the data`,
            `${DATABASE} database: finalSnapshotIdentifier does not keep the data`,
            `${DATABASE} database: skipFinalSnapshot does not keep the data`,
            "aws:kms/key:Key key: protect is not set",
            "aws:kms/key:Key key: deletionWindowInDays does not keep the data",
            "aws:secretsmanager/secret:Secret secret: recoveryWindowInDays does not keep the data",
        ],
    },
];
