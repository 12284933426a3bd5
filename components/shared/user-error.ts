import { RunError } from "@pulumi/pulumi";

/**
 * A mistake that the user can mend. Pulumi prints its message without a stack trace, so the message must say which
 * option is wrong, the value found, what is allowed and how to fix it.
 */
export class UserError extends RunError {
    constructor(message: string) {
        super(message);
        // Nobody is shown it, but Pulumi formats it for its traces, and Node 20 fills gigabytes of memory for a minute
        // when a frame has a path such as node_modules/@pulumi/resource.ts, which source maps give Pulumi's own frames.
        this.stack = undefined;
    }

    /** Joins several mistakes into one error, so that the user mends them in one go. */
    static ofMany(mistakes: readonly string[]): UserError {
        return new UserError(
            mistakes.length === 1 ? mistakes[0]! : `${mistakes.length} settings are wrong:\n- ${mistakes.join("\n- ")}`,
        );
    }
}
