import { rmSync } from "node:fs";
import { join } from "node:path";
import { removeStack } from "../commands/down";
import type { Context } from "../context";
import { createStack, exportState, setConfig } from "../pulumi";
import { secondsOf } from "./clock";

const STACK = "bench";
/** Far from a user's stack, and below the ports that Linux hands out to outgoing connections, which begin at 32768. */
const PORT_OFFSET = "13000";

/** A stack that exists for a measurement only. */
export interface BenchStack {
    context: Context;
    /** Applies settings and runs `make up` without the pipelines; its seconds. */
    up: (settings?: Record<string, string>) => Promise<number>;
}

/** Measures in a stack that is made for it and removed again, however that ends. */
export async function inOwnStack<T>(root: string, measure: (stack: BenchStack) => Promise<T>): Promise<T> {
    const context: Context = { root, stack: STACK, say: () => undefined };
    const up: BenchStack["up"] = async (settings = {}) => {
        for (const [key, value] of Object.entries(settings)) await setConfig(STACK, key, value);
        return secondsOf("make", ["--no-print-directory", "up"], {
            cwd: root,
            env: { ...process.env, STACK, DEMO: "0", MAKEFLAGS: "" },
        });
    };
    try {
        if (!(await exportState(STACK))) await createStack(STACK);
        await setConfig(STACK, "target", "local");
        await setConfig(STACK, "portOffset", PORT_OFFSET);
        return await measure({ context, up });
    } finally {
        await removeStack(context);
        rmSync(join(root, `Pulumi.${STACK}.yaml`), { force: true });
    }
}
