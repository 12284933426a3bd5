import type * as pulumi from "@pulumi/pulumi";
import { ObjectStore } from "../../../components/object-store";
import {
    ACCOUNT,
    type AwsRegistration,
    awsTarget,
    inputsOf,
    list,
    recordAws,
    REGION,
    registrationOf,
    sampleFile,
    settle,
} from "./support";

const LAKE = `lakehouse-aws-${ACCOUNT}-lake`;
const EXAMPLES = `lakehouse-aws-${ACCOUNT}-examples`;
const LOGS = `lakehouse-aws-${ACCOUNT}-logs`;
const KEY = `arn:aws:kms:${REGION}:${ACCOUNT}:key/platform`;

async function createStore(
    overrides: Record<string, string> = {},
): Promise<{ registrations: AwsRegistration[]; store: ObjectStore }> {
    const registrations: AwsRegistration[] = [];
    await recordAws(registrations);
    const target = awsTarget(overrides);
    const store = new ObjectStore("store", { target, region: REGION, samplePath: sampleFile() });
    await settle();
    return { registrations, store };
}

describe("the object store on AWS", () => {
    let registrations: AwsRegistration[];
    let store: ObjectStore;

    beforeAll(async () => {
        ({ registrations, store } = await createStore());
    });

    test("is made of exactly these resources", () => {
        const each = (bucket: string): string[] => [
            `Bucket ${bucket}`,
            `BucketLifecycleConfiguration ${bucket}-lifecycle`,
            `BucketOwnershipControls ${bucket}-ownership`,
            `BucketPolicy ${bucket}-policy`,
            `BucketPublicAccessBlock ${bucket}-privacy`,
            `BucketServerSideEncryptionConfiguration ${bucket}-encryption`,
            `BucketVersioning ${bucket}-versioning`,
        ];
        expect(list(registrations)).toEqual(
            [
                ...each("store-lake"),
                ...each("store-examples"),
                ...each("store-logs"),
                "BucketLogging store-examples-access-log",
                "BucketLogging store-lake-access-log",
                "BucketObjectv2 store-event-logs",
                "BucketObjectv2 store-sample",
                "ObjectStore store",
            ].sort(),
        );
    });

    test("is reached at the region's address, without keys", () => {
        expect(store.facts).toEqual({
            endpoint: "https://s3.eu-central-1.amazonaws.com",
            region: REGION,
            pathStyle: false,
            buckets: { lake: LAKE, examples: EXAMPLES, logs: LOGS },
            sampleKey: "customers.csv",
        });
        expect(store.publicEndpoint).toBe(store.facts.endpoint);
        expect(store.consoleUrl).toBe(`https://eu-central-1.console.aws.amazon.com/s3/buckets/${LAKE}`);
    });

    test.each([
        ["lake", LAKE],
        ["examples", EXAMPLES],
        ["logs", LOGS],
    ])("keeps the bucket %s private and its versions for a week", (kind, bucket) => {
        const inputs = (type: string, suffix: string): unknown =>
            inputsOf(registrations, `${type} store-${kind}${suffix}`);
        expect(inputs("Bucket", "")).toEqual({ bucket, forceDestroy: true });
        expect(inputs("BucketPublicAccessBlock", "-privacy")).toEqual({
            bucket,
            blockPublicAcls: true,
            blockPublicPolicy: true,
            ignorePublicAcls: true,
            restrictPublicBuckets: true,
        });
        expect(inputs("BucketOwnershipControls", "-ownership")).toEqual({
            bucket,
            rule: { objectOwnership: "BucketOwnerEnforced" },
        });
        expect(inputs("BucketVersioning", "-versioning")).toEqual({
            bucket,
            versioningConfiguration: { status: "Enabled" },
        });
        expect(inputs("BucketLifecycleConfiguration", "-lifecycle")).toEqual({
            bucket,
            rules: [
                {
                    id: "former-versions",
                    status: "Enabled",
                    filter: { prefix: "" },
                    noncurrentVersionExpiration: { noncurrentDays: 7 },
                    expiration: { expiredObjectDeleteMarker: true },
                },
                {
                    id: "incomplete-uploads",
                    status: "Enabled",
                    filter: { prefix: "" },
                    abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
                },
                ...(kind === "logs"
                    ? [
                          {
                              id: "old-logs",
                              status: "Enabled",
                              filter: { objectSizeGreaterThan: 1 },
                              expiration: { days: 30 },
                          },
                      ]
                    : []),
            ],
        });
    });

    test("encrypts data with the platform's key, and logs as S3 can write them", () => {
        const rules = (kind: string): unknown =>
            inputsOf(registrations, `BucketServerSideEncryptionConfiguration store-${kind}-encryption`).rules;
        const byKey = {
            applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: KEY },
            bucketKeyEnabled: true,
        };
        expect(rules("lake")).toEqual([byKey]);
        expect(rules("examples")).toEqual([byKey]);
        expect(rules("logs")).toEqual([
            { applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" }, bucketKeyEnabled: false },
        ]);
    });

    test("refuses what is not TLS 1.2, and lets in nobody but S3's access logs", () => {
        const policy = (kind: string): unknown =>
            JSON.parse(String(inputsOf(registrations, `BucketPolicy store-${kind}-policy`).policy));
        const refusals = (bucket: string): object[] => {
            const common = {
                Effect: "Deny",
                Principal: "*",
                Action: "s3:*",
                Resource: [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`],
            };
            return [
                { Sid: "RefusePlainHttp", ...common, Condition: { Bool: { "aws:SecureTransport": "false" } } },
                { Sid: "RefuseOldTls", ...common, Condition: { NumericLessThan: { "s3:TlsVersion": "1.2" } } },
            ];
        };
        expect(policy("lake")).toEqual({ Version: "2012-10-17", Statement: refusals(LAKE) });
        expect(policy("examples")).toEqual({ Version: "2012-10-17", Statement: refusals(EXAMPLES) });
        expect(policy("logs")).toEqual({
            Version: "2012-10-17",
            Statement: [
                ...refusals(LOGS),
                {
                    Sid: "AccessLogs",
                    Effect: "Allow",
                    Principal: { Service: "logging.s3.amazonaws.com" },
                    Action: "s3:PutObject",
                    Resource: `arn:aws:s3:::${LOGS}/access/*`,
                    Condition: {
                        ArnLike: { "aws:SourceArn": [`arn:aws:s3:::${LAKE}`, `arn:aws:s3:::${EXAMPLES}`] },
                        StringEquals: { "aws:SourceAccount": ACCOUNT },
                    },
                },
            ],
        });
        expect(inputsOf(registrations, "BucketLogging store-lake-access-log")).toEqual({
            bucket: LAKE,
            targetBucket: LOGS,
            targetPrefix: "access/lake/",
        });
    });

    test("holds the sample and the directory of event logs, once the buckets are protected", async () => {
        const sample = registrationOf(registrations, "BucketObjectv2 store-sample");
        expect(sample.inputs).toMatchObject({ bucket: EXAMPLES, key: "customers.csv", contentType: "text/csv" });
        expect(await (sample.inputs.source as pulumi.asset.FileAsset).path).toBe(sampleFile());
        expect(sample.dependencies).toEqual(
            expect.arrayContaining([
                "store-examples-encryption",
                "store-examples-policy",
                "store-examples-privacy",
                "store-examples-versioning",
            ]),
        );
        expect(inputsOf(registrations, "BucketObjectv2 store-event-logs")).toEqual({
            bucket: LOGS,
            key: "spark-events/.keep",
            content: "\n",
        });
    });

    test("outside dev, refuses to be destroyed and keeps everything longer", async () => {
        const isBucket = ({ type }: AwsRegistration): boolean => type === "aws:s3/bucket:Bucket";
        const { registrations: ofProd } = await createStore({ environment: "prod" });
        expect(registrations.filter(isBucket).map(({ protect }) => protect)).toEqual([false, false, false]);
        expect(
            ofProd.filter(isBucket).map(({ protect, inputs }) => ({ protect, force: inputs.forceDestroy as unknown })),
        ).toEqual([
            { protect: true, force: false },
            { protect: true, force: false },
            { protect: true, force: false },
        ]);
        const rules = inputsOf(ofProd, "BucketLifecycleConfiguration store-logs-lifecycle").rules as object[];
        expect(rules).toMatchObject([
            { noncurrentVersionExpiration: { noncurrentDays: 30 } },
            {},
            { expiration: { days: 365 } },
        ]);
    });
});
