import type * as aws from "@pulumi/aws";
import type { AwsSettings } from "../target/aws-settings";
import { RETENTION_DAYS } from "../target/aws-logs";
import type { AwsTarget } from "../target";

/** Where S3 writes who asked for what, below the logs bucket. */
export const ACCESS_LOGS = "access";
/** Days in which an object that was overwritten or removed can be brought back. */
const UNDO_DAYS: Readonly<Record<AwsSettings["environment"], number>> = { dev: 7, prod: 30 };
/** Days after which an upload that nobody completed is given up. */
const UPLOAD_DAYS = 7;
/** The placeholder's size in bytes; whatever is larger expires. */
const PLACEHOLDER_BYTES = 1;

/**
 * What happens to objects as time goes by. Pure.
 *
 * @param content whether the objects are data, which tables' maintenance removes, or logs, which expire
 */
export function lifecycleRules(
    environment: AwsSettings["environment"],
    content: "data" | "logs",
): aws.types.input.s3.BucketLifecycleConfigurationRule[] {
    const rules: aws.types.input.s3.BucketLifecycleConfigurationRule[] = [
        {
            id: "former-versions",
            status: "Enabled",
            filter: { prefix: "" },
            noncurrentVersionExpiration: { noncurrentDays: UNDO_DAYS[environment] },
            // What marks an object as removed, once no version of it is left.
            expiration: { expiredObjectDeleteMarker: true },
        },
        {
            id: "incomplete-uploads",
            status: "Enabled",
            filter: { prefix: "" },
            abortIncompleteMultipartUpload: { daysAfterInitiation: UPLOAD_DAYS },
        },
    ];
    return content === "data"
        ? rules
        : [
              ...rules,
              {
                  id: "old-logs",
                  status: "Enabled",
                  filter: { objectSizeGreaterThan: PLACEHOLDER_BYTES },
                  expiration: { days: RETENTION_DAYS[environment] },
              },
          ];
}

/**
 * A bucket's own policy: nobody may speak to it without TLS 1.2
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html). Pure.
 *
 * @param sources buckets whose access logs S3 may write into this one
 */
export function bucketPolicy(
    bucket: string,
    sources: readonly string[],
    { partition, accountId }: Pick<AwsTarget, "partition" | "accountId">,
): object {
    const arn = (name: string): string => `arn:${partition}:s3:::${name}`;
    const refusal = (Sid: string, Condition: object): object => ({
        Sid,
        Effect: "Deny",
        Principal: "*",
        Action: "s3:*",
        Resource: [arn(bucket), `${arn(bucket)}/*`],
        Condition,
    });
    const accessLogs = {
        Sid: "AccessLogs",
        Effect: "Allow",
        Principal: { Service: "logging.s3.amazonaws.com" },
        Action: "s3:PutObject",
        Resource: `${arn(bucket)}/${ACCESS_LOGS}/*`,
        Condition: {
            ArnLike: { "aws:SourceArn": sources.map(arn) },
            StringEquals: { "aws:SourceAccount": accountId },
        },
    };
    return {
        Version: "2012-10-17",
        Statement: [
            refusal("RefusePlainHttp", { Bool: { "aws:SecureTransport": "false" } }),
            refusal("RefuseOldTls", { NumericLessThan: { "s3:TlsVersion": "1.2" } }),
            ...(sources.length > 0 ? [accessLogs] : []),
        ],
    };
}
