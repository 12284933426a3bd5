import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Context } from "../context";
import * as docker from "../docker";
import { UserError } from "../errors";
import { freeLocks } from "../locks";
import { attach, must } from "../process";
import * as pulumi from "../pulumi";
import { operate, recover } from "./up";

/** Destroys the stack; the data volumes go too only when asked. */
export async function down(context: Context, deleteData: boolean): Promise<void> {
    const { stack, say } = context;
    await docker.requireEngine();
    await freeLocks(stack, say);
    const state = await pulumi.exportState(stack);
    if (state) {
        const refresh = await recover(context, state);
        await destroy(context, refresh);
    }
    await removeLeftovers(stack, say);

    const kept = await docker.volumes(stack);
    if (kept.length === 0) {
        say(`Stack ${stack} is down; no data is left.`);
    } else if (deleteData) {
        await docker.removeVolumes(kept);
        say(`Stack ${stack} is down. Deleted data volumes: ${kept.join(", ")}`);
    } else {
        say(`Stack ${stack} is down. Kept data volumes: ${kept.join(", ")}`);
        say(`The next make up finds them. Delete them with: make down DATA=delete${pulumi.stackArgument(stack)}`);
    }
}

async function destroy(context: Context, refresh: boolean): Promise<void> {
    const code = await operate("destroy", context, refresh);
    if (code !== 0) {
        throw new UserError(
            "the stack was not destroyed completely; the reason stands above",
            "Run it again: it goes on where it stopped.",
            code,
        );
    }
}

/** What carries the stack's label without being in its state, for example after the state was lost. */
async function removeLeftovers(stack: string, say: (line: string) => void): Promise<void> {
    const left = (await docker.containers(stack)).map((fact) => fact.name);
    const nets = await docker.networks(stack);
    if (left.length + nets.length === 0) return;
    say(`removing what the state did not know: ${[...left, ...nets].join(", ")}`);
    await docker.removeContainers(left);
    await docker.removeNetworks(nets);
}

/** Removes all that the project made on this machine: stack, data, images, caches. The settings file stays. */
export async function clean(context: Context): Promise<void> {
    const { root, say } = context;
    await removeStack(context);
    const caches = join(root, "tools", "clean");
    if (existsSync(caches)) {
        const code = await attach(caches, [], { cwd: root });
        if (code !== 0) throw new UserError("the caches were not removed");
    }
    say("The engine's build cache belongs to all projects of this machine; docker builder prune empties it.");
}

/** Removes a stack with its data and images. */
export async function removeStack(context: Context): Promise<void> {
    const { stack, say } = context;
    await down(context, true);
    if (await pulumi.exportState(stack)) {
        // Without this option Pulumi also deletes Pulumi.<stack>.yaml, which is the user's.
        await must("pulumi", ["stack", "rm", stack, "--yes", "--preserve-config", "--non-interactive"]);
        say(`Removed stack ${stack}.`);
    }
    const images = await docker.images(stack);
    if (images.length > 0) {
        await docker.docker(["image", "rm", "--force", ...images]);
        say(`Removed images: ${images.join(", ")}`);
    }
}
