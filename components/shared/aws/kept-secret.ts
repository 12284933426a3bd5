import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { AwsTarget } from "../../target";
import { inAws } from "./options";

/** Days in which a removed secret can be brought back, outside `dev`. */
const RECOVERY_DAYS = 30;

/**
 * Keeps values in Secrets Manager, where they outlive the cluster: with them and a snapshot, the platform can be restored.
 *
 * @param name logical name
 * @param part last part of the secret's name
 */
export function keepSecret(
    name: string,
    part: string,
    description: string,
    values: Readonly<Record<string, pulumi.Output<string>>>,
    target: AwsTarget,
    parent: pulumi.Resource,
): void {
    const secret = new aws.secretsmanager.Secret(
        name,
        {
            name: `${target.prefix}/${part}`,
            description,
            kmsKeyId: target.kmsKeyArn,
            // A stack of the same name cannot come back before.
            recoveryWindowInDays: target.settings.environment === "dev" ? 0 : RECOVERY_DAYS,
        },
        inAws(target, parent),
    );
    new aws.secretsmanager.SecretVersion(
        `${name}-version`,
        { secretId: secret.id, secretString: pulumi.jsonStringify(values) },
        inAws(target, parent),
    );
}
