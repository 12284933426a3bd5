import { UserError } from "../errors";
import { capture, lastLines, type RunOptions } from "../process";

/** Runs a program that has to succeed and returns how many seconds it took. */
export async function secondsOf(command: string, args: readonly string[], options: RunOptions = {}): Promise<number> {
    const begun = performance.now();
    const done = await capture(command, args, options);
    const seconds = (performance.now() - begun) / 1000;
    if (done.code !== 0) {
        throw new UserError(
            `cannot measure: ${command} ${args.slice(0, 3).join(" ")} failed:\n${lastLines(done.stdout + done.stderr, 15)}`,
        );
    }
    return seconds;
}
