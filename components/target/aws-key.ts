import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { AwsAccount } from "./aws-account";

/** What IAM policies of the account may allow with the key; a list, as a wildcard would also allow what AWS adds later. */
const DELEGATED = [
    "CancelKeyDeletion",
    "CreateAlias",
    "CreateGrant",
    "Decrypt",
    "DeleteAlias",
    "DescribeKey",
    "DisableKey",
    "DisableKeyRotation",
    "EnableKey",
    "EnableKeyRotation",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "GetKeyPolicy",
    "GetKeyRotationStatus",
    "ListGrants",
    "ListKeyPolicies",
    "ListKeyRotations",
    "ListResourceTags",
    "PutKeyPolicy",
    "ReEncryptFrom",
    "ReEncryptTo",
    "RetireGrant",
    "RevokeGrant",
    "RotateKeyOnDemand",
    "ScheduleKeyDeletion",
    "TagResource",
    "UntagResource",
    "UpdateAlias",
    "UpdateKeyDescription",
];

/**
 * Creates the one key that encrypts buckets, database, secrets, images and logs.
 *
 * @param name prefix of the logical names
 * @param alias without `alias/`
 * @param isProtected whether a destroy must not remove it; what it encrypted is lost with it
 */
export function createKey(
    name: string,
    alias: string,
    isProtected: boolean,
    account: AwsAccount,
    region: string,
    opts: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
    const key = new aws.kms.Key(
        `${name}-key`,
        {
            description: `Everything of the stack ${alias}`,
            enableKeyRotation: true,
            deletionWindowInDays: isProtected ? 30 : 7,
            policy: JSON.stringify(keyPolicy(account, region)),
        },
        { ...opts, protect: isProtected },
    );
    new aws.kms.Alias(`${name}-key-alias`, { name: `alias/${alias}`, targetKeyId: key.keyId }, opts);
    return key.arn;
}

/**
 * The key's own policy: the account's IAM policies decide, and CloudWatch may encrypt the account's log groups
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html). In a key policy, the resource `*` is the
 * key itself (https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html).
 */
export function keyPolicy({ partition, accountId }: AwsAccount, region: string): object {
    return {
        Version: "2012-10-17",
        Statement: [
            {
                Sid: "Account",
                Effect: "Allow",
                Principal: { AWS: `arn:${partition}:iam::${accountId}:root` },
                Action: DELEGATED.map((action) => `kms:${action}`),
                Resource: "*",
            },
            {
                Sid: "Logs",
                Effect: "Allow",
                Principal: { Service: `logs.${region}.amazonaws.com` },
                Action: [
                    "kms:Decrypt",
                    "kms:DescribeKey",
                    "kms:Encrypt",
                    "kms:GenerateDataKey",
                    "kms:ReEncryptFrom",
                    "kms:ReEncryptTo",
                ],
                Resource: "*",
                Condition: {
                    ArnLike: { "kms:EncryptionContext:aws:logs:arn": `arn:${partition}:logs:${region}:${accountId}:*` },
                },
            },
        ],
    };
}
