import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { AwsSettings } from "./aws-settings";

/** Days that logs are kept. */
export const RETENTION_DAYS: Readonly<Record<AwsSettings["environment"], number>> = { dev: 30, prod: 365 };

/** Creates an encrypted log group of limited retention. */
export function createLogGroup(
    name: string,
    group: string,
    args: {
        readonly settings: AwsSettings;
        readonly kmsKeyArn: pulumi.Output<string>;
        readonly opts: pulumi.CustomResourceOptions;
    },
): aws.cloudwatch.LogGroup {
    return new aws.cloudwatch.LogGroup(
        `${name}-logs`,
        { name: group, retentionInDays: RETENTION_DAYS[args.settings.environment], kmsKeyId: args.kmsKeyArn },
        args.opts,
    );
}
