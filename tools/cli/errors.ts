/** A mistake of the user or a trouble of the machine: shown as message and remedy, without a stack trace. */
export class UserError extends Error {
    constructor(
        message: string,
        readonly remedy?: string,
        readonly exitCode = 1,
    ) {
        super(message);
        this.name = "UserError";
    }
}

/** What the terminal shows for an error, and the exit code that goes with it. */
export function describeError(error: unknown, debug: boolean): { text: string; exitCode: number } {
    if (error instanceof UserError) {
        const lines = [`error: ${error.message}`];
        if (error.remedy) lines.push(`  ${error.remedy.replace(/\n/g, "\n  ")}`);
        if (debug && error.stack) lines.push(error.stack);
        return { text: lines.join("\n"), exitCode: error.exitCode };
    }
    const bug = error instanceof Error ? error : new Error(String(error));
    return {
        text: debug
            ? (bug.stack ?? bug.message)
            : `error: ${bug.message}\n  This looks like a bug of the command; DEBUG=1 shows where.`,
        exitCode: 70,
    };
}
