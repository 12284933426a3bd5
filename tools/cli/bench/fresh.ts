import { down } from "../commands/down";
import type { Context } from "../context";
import { timed, type Figure } from "./figure";
import { inOwnStack } from "./stack";

const REPEATS = 3;

/** `make up` from no containers, with images and tools there. */
export async function fresh({ root, say }: Context): Promise<Figure[]> {
    return inOwnStack(root, async ({ context, up }) => {
        say("fresh: a first start, not measured, gives the stack its images");
        await up();
        const times: number[] = [];
        for (let turn = 1; turn <= REPEATS; turn++) {
            await down(context, true);
            times.push(await up());
            say(`fresh, turn ${turn} of ${REPEATS}`);
        }
        return [timed("make up DEMO=0, nothing running, images cached", times, { target: 75 })];
    });
}
