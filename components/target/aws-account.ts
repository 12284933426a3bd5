import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { UserError } from "../shared/user-error";

/** The account that the credentials at hand belong to. */
export interface AwsAccount {
    /** Twelve digits. */
    readonly accountId: string;
    /** First part of every ARN: `aws`, or `aws-us-gov`. */
    readonly partition: string;
    /** Who deploys: an IAM user, or a session of a role. */
    readonly callerArn: string;
}

const WAYS =
    "Give some by one of: AWS_PROFILE with a profile of ~/.aws (after 'aws sso login', if it is one of SSO), AWS_ACCESS_KEY_ID " +
    "and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN), or the role of the machine or CI job that runs this";

/**
 * Asks AWS who runs the program. The credentials, and `AWS_ENDPOINT_URL`, are looked for in the places where AWS's own tools do.
 *
 * @param region where to ask
 * @throws UserError when there are no credentials, AWS refuses them, cannot be reached, or is not one that the platform knows
 */
export async function readAccount(region: string): Promise<AwsAccount> {
    // It speaks of versions of the SDK to come; this one is pinned.
    process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
    const client = new STSClient({ region, maxAttempts: 2 });
    try {
        const { Account, Arn } = await client.send(new GetCallerIdentityCommand({}));
        return accountOf(Account!, Arn!, region);
    } catch (error) {
        throw error instanceof UserError ? error : new UserError(explain(error as Error, region));
    } finally {
        client.destroy();
    }
}

/**
 * Reads the answer of STS.
 *
 * @throws UserError in China, whose addresses are others than the platform's
 */
export function accountOf(accountId: string, callerArn: string, region: string): AwsAccount {
    const partition = callerArn.split(":")[1]!;
    if (partition === "aws-cn") {
        throw new UserError(
            `lakehouse:region: '${region}' is in China, where AWS has other addresses and services than elsewhere. Allowed: any other ` +
                "AWS region. Fix it with: pulumi config set lakehouse:region eu-central-1",
        );
    }
    return { accountId, partition, callerArn };
}

/** Says in the user's terms why AWS gave no answer. */
function explain(error: Error, region: string): string {
    const reason = `${error.name}: ${error.message}`;
    if (error.name === "CredentialsProviderError" || error.name === "TokenProviderError") {
        const profile = process.env.AWS_PROFILE ? `, AWS_PROFILE is '${process.env.AWS_PROFILE}'` : "";
        return `No AWS credentials for the target aws (${reason}${profile}). ${WAYS}.`;
    }
    if (error.name.startsWith("ExpiredToken")) {
        return `The AWS credentials have expired (${reason}). Renew them. ${WAYS}.`;
    }
    if ("$response" in error || "$fault" in error) {
        return `AWS refuses the credentials in the region ${region} (${reason}). ${WAYS}.`;
    }
    return (
        `AWS cannot be reached in the region ${region} (${reason}). Check lakehouse:region, the network and its proxy, and ` +
        "AWS_ENDPOINT_URL if it is set."
    );
}
