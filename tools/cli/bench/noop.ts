import { copyFileSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Context } from "../context";
import { must } from "../process";
import { secondsOf } from "./clock";
import { round, timed, type Figure } from "./figure";

const REPEATS = 5;

/** An update and a preview without changes, beside the preview of a program that does nothing. */
export async function noop({ root, stack, say }: Context): Promise<Figure[]> {
    const empty = await emptyProject(root);
    try {
        const flags = ["--expect-no-changes", "--non-interactive"];
        const update = ["up", "--stack", stack, "--yes", "--skip-preview", ...flags];
        const preview = ["preview", "--stack", stack, ...flags];
        const times = { update: [], preview: [], empty: [] } as Record<"update" | "preview" | "empty", number[]>;
        // In turns, so that a busy moment of the machine falls on all three.
        for (let turn = 1; turn <= REPEATS; turn++) {
            times.update.push(await secondsOf("pulumi", update, { cwd: root }));
            times.preview.push(await secondsOf("pulumi", preview, { cwd: root }));
            times.empty.push(await empty.preview());
            say(`no-op, turn ${turn} of ${REPEATS}`);
        }
        const base = timed("empty program, pulumi preview", times.empty);
        const up = timed("no-op pulumi up", times.update, { target: 6 });
        const shown = timed("no-op pulumi preview", times.preview, { target: 6 });
        return [
            up,
            shown,
            base,
            compared("no-op pulumi up / empty preview", up, base),
            compared("no-op pulumi preview / empty preview", shown, base),
        ];
    } finally {
        empty.remove();
    }
}

const compared = (name: string, of: Figure, base: Figure): Figure => ({
    name,
    value: round(of.value / base.value),
    unit: "x",
    target: 2,
});

/** A project with the same runtime and packages, and an empty program, with a state of its own. */
async function emptyProject(root: string): Promise<{ preview: () => Promise<number>; remove: () => void }> {
    const cwd = mkdtempSync(join(tmpdir(), "lakehouse-bench-"));
    const project = readFileSync(join(root, "Pulumi.yaml"), "utf8");
    writeFileSync(join(cwd, "Pulumi.yaml"), emptyProjectFile(project));
    writeFileSync(join(cwd, "index.ts"), "export {};\n");
    copyFileSync(join(root, "package.json"), join(cwd, "package.json"));
    symlinkSync(join(root, "node_modules"), join(cwd, "node_modules"));
    const env = { ...process.env, PULUMI_BACKEND_URL: `file://${cwd}` };
    await must("pulumi", ["stack", "init", "empty", "--non-interactive"], {
        cwd,
        env,
    });
    return {
        preview: () => secondsOf("pulumi", ["preview", "--non-interactive"], { cwd, env }),
        remove: () => rmSync(cwd, { recursive: true, force: true }),
    };
}

/** The runtime of our project file under another name, without our settings. */
export function emptyProjectFile(project: string): string {
    const runtime = /^runtime:.*\n(?:[ \t]+.*\n|\n)*/m.exec(project)?.[0] ?? "";
    return `name: empty\n${runtime}main: index.ts\n`;
}
