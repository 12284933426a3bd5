import { rmSync } from "node:fs";
import { join } from "node:path";
import { removeStack, down } from "../commands/down";
import type { Context } from "../context";
import { createStack, exportState, setConfig } from "../pulumi";
import { secondsOf } from "./clock";
import { timed, type Figure } from "./figure";

const STACK = "bench";
/** Far from a user's stack, and below the ports that Linux hands out to outgoing connections, which begin at 32768. */
const PORT_OFFSET = "13000";
const REPEATS = 3;

/** `make up` from no containers, with images and tools there, in a stack that is made for it and removed again. */
export async function fresh({ root, say }: Context): Promise<Figure[]> {
    const bench: Context = { root, stack: STACK, say: () => undefined };
    const up = (): Promise<number> =>
        secondsOf("make", ["--no-print-directory", "up"], {
            cwd: root,
            env: { ...process.env, STACK, DEMO: "0", MAKEFLAGS: "" },
        });
    try {
        if (!(await exportState(STACK))) await createStack(STACK);
        await setConfig(STACK, "target", "local");
        await setConfig(STACK, "portOffset", PORT_OFFSET);
        say("fresh: a first start, not measured, gives the stack its images");
        await up();
        const times: number[] = [];
        for (let turn = 1; turn <= REPEATS; turn++) {
            await down(bench, true);
            times.push(await up());
            say(`fresh, turn ${turn} of ${REPEATS}`);
        }
        return [
            timed("make up DEMO=0, nothing running, images cached", times, {
                target: 75,
            }),
        ];
    } finally {
        await removeStack(bench);
        rmSync(join(root, `Pulumi.${STACK}.yaml`), { force: true });
    }
}
