import { RunError } from "@pulumi/pulumi";

/**
 * A mistake that the user can mend. Pulumi prints its message without a stack trace, so the message must say which
 * option is wrong, the value found, what is allowed and how to fix it.
 */
export class UserError extends RunError {
    /** Joins several mistakes into one error, so that the user mends them in one go. */
    static ofMany(mistakes: readonly string[]): UserError {
        return new UserError(
            mistakes.length === 1 ? mistakes[0]! : `${mistakes.length} settings are wrong:\n- ${mistakes.join("\n- ")}`,
        );
    }
}
