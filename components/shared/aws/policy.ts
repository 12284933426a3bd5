import type * as pulumi from "@pulumi/pulumi";
import type { ObjectStoreFacts } from "../../object-store";
import type { AwsTarget } from "../../target";

/** One statement of an IAM policy (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html). */
export interface PolicyStatement {
    readonly Sid: string;
    readonly Effect: "Allow" | "Deny";
    readonly Action: readonly string[];
    readonly Resource: readonly pulumi.Input<string>[];
    readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

export type Access = "read" | "write";
type Bucket = keyof ObjectStoreFacts["buckets"];

const READ_OBJECTS = ["s3:GetObject"];
/** Writing is also removing, and ending what a killed writer left half uploaded. */
const WRITE_OBJECTS = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:ListMultipartUploadParts", "s3:PutObject"];
/** Glue's REST endpoint looks up the catalog itself first. */
const READ_TABLES = ["glue:GetCatalog", "glue:GetDatabase", "glue:GetDatabases", "glue:GetTable", "glue:GetTables"];
const WRITE_TABLES = ["glue:CreateTable", "glue:DeleteTable", "glue:UpdateTable"];

/**
 * Rights on the objects below prefixes of a bucket, and to list them.
 *
 * @param sid start of the statements' ids, such as `Lake`
 * @param prefixes each without a slash at its end, such as `warehouse/glue`
 */
export function bucketAccess(
    sid: string,
    bucket: Bucket,
    prefixes: readonly string[],
    access: Access,
    store: Pick<ObjectStoreFacts, "buckets">,
    target: Pick<AwsTarget, "partition">,
): PolicyStatement[] {
    const arn = `arn:${target.partition}:s3:::${store.buckets[bucket]}`;
    return [
        {
            Sid: `${sid}Objects`,
            Effect: "Allow",
            Action: access === "read" ? READ_OBJECTS : [...READ_OBJECTS, ...WRITE_OBJECTS].sort(),
            // The prefix itself: S3A asks whether it is an object, and takes a refusal for one of all that is below it.
            Resource: prefixes.flatMap((prefix) => [`${arn}/${prefix}`, `${arn}/${prefix}/*`]),
        },
        listing(sid, arn, prefixes),
    ];
}

/** Rights to one object of a bucket, read only. */
export function objectAccess(
    sid: string,
    bucket: Bucket,
    key: string,
    store: Pick<ObjectStoreFacts, "buckets">,
    target: Pick<AwsTarget, "partition">,
): PolicyStatement[] {
    const arn = `arn:${target.partition}:s3:::${store.buckets[bucket]}`;
    return [
        { Sid: `${sid}Object`, Effect: "Allow", Action: READ_OBJECTS, Resource: [`${arn}/${key}`] },
        listing(sid, arn, [key]),
    ];
}

/** The right to list what is below prefixes of a bucket. */
function listing(sid: string, arn: string, prefixes: readonly string[]): PolicyStatement {
    return {
        Sid: `${sid}List`,
        Effect: "Allow",
        Action: ["s3:GetBucketLocation", "s3:ListBucket"],
        Resource: [arn],
        // The root: S3A looks at the directories above a path as well.
        Condition: { StringLike: { "s3:prefix": ["", ...prefixes.flatMap((prefix) => [prefix, `${prefix}/*`])] } },
    };
}

/**
 * Rights on the tables of Glue databases (https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsglue.html).
 */
export function glueAccess(databases: readonly string[], access: Access, target: AwsTarget): PolicyStatement[] {
    const arn = `arn:${target.partition}:glue:${target.region}:${target.accountId}`;
    return [
        {
            Sid: "GlueTables",
            Effect: "Allow",
            Action: access === "read" ? READ_TABLES : [...READ_TABLES, ...WRITE_TABLES].sort(),
            Resource: [
                `${arn}:catalog`,
                ...databases.flatMap((database) => [`${arn}:database/${database}`, `${arn}:table/${database}/*`]),
            ],
        },
    ];
}

/** Rights to use the platform's key, through a service of AWS only. */
export function keyAccess(target: AwsTarget): PolicyStatement[] {
    return [
        {
            Sid: "Key",
            Effect: "Allow",
            Action: ["kms:Decrypt", "kms:GenerateDataKey"],
            Resource: [target.kmsKeyArn],
            Condition: { StringEquals: { "kms:ViaService": `s3.${target.region}.amazonaws.com` } },
        },
    ];
}
