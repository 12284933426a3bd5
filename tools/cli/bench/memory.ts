import type { Context } from "../context";
import { containers, memory as usedMemory } from "../docker";
import { UserError } from "../errors";
import { duration } from "../format";
import { sleep } from "../process";
import { round, type Figure } from "./figure";

const IDLE_SECONDS = 300;

/** Memory of all containers once the youngest of them has been up for five minutes. */
export async function memory({ stack, say }: Context): Promise<Figure[]> {
    const running = (await containers(stack)).filter((fact) => fact.state === "running");
    if (running.length === 0) {
        throw new UserError(`stack ${stack} is not running`, "make up");
    }
    const youngest = Math.max(...running.map((fact) => Date.parse(fact.startedAt)));
    const wait = youngest + IDLE_SECONDS * 1000 - Date.now();
    if (wait > 0) {
        say(`memory: waiting ${duration(wait / 1000)} until all is up for five minutes`);
        await sleep(wait);
    }
    const used = await usedMemory(running.map((fact) => fact.name));
    const total = [...used.values()].reduce((sum, each) => sum + each, 0);
    const parts = [...used].map(([name, size]) => `${name} ${Math.round(size / 1024 ** 2)}`);
    return [
        {
            name: "memory of all containers, idle",
            value: round(total / 1024 ** 3),
            unit: "GiB",
            target: 1.8,
            note: `docker stats (usage without inactive page cache), MiB: ${parts.join(", ")}`,
        },
    ];
}
