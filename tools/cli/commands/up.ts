import { Airflow } from "../airflow";
import type { Context } from "../context";
import { containers, networks, removeContainers, removeNetworks, requireEngine } from "../docker";
import { UserError } from "../errors";
import { UpdateLog } from "../events";
import { duration } from "../format";
import { freeLocks } from "../locks";
import { failureReport, PIPELINES, runAll, waitForDags } from "../pipelines";
import { attach, eachLine } from "../process";
import * as pulumi from "../pulumi";
import { planRecovery, type StackState } from "../recovery";
import { addressTable, nextSteps, outcomeLine, pipelineTable } from "../report";
import { ensureSample, fingerprint, GENERATED_SAMPLE } from "../sample";

const TICK_MILLISECONDS = 15_000;

/** Brings the stack up, runs the pipelines once, and tells what there is. */
export async function up(context: Context, demo: boolean | undefined): Promise<void> {
    const { root, stack, say } = context;
    const begun = Date.now();
    await requireEngine();
    await freeLocks(stack, say);
    const { state, config } = await readStack(context);
    const samplePath = config.samplePath ?? GENERATED_SAMPLE;
    await ensureSample(root, samplePath);

    const refresh = await recover(context, state);
    await update(context, refresh);
    const outputs = await pulumi.requireOutputs(stack);
    say(`\nStack ${stack} is up (${duration((Date.now() - begun) / 1000)}).`);

    const withDemo = demo ?? config.demo;
    const failures = withDemo ? await runDemo(context, outputs, samplePath) : [];
    say(`\n${addressTable(outputs)}\n\n${nextSteps(stack, withDemo, outputs.airflowUser)}`);
    if (failures.length > 0) {
        throw new UserError(
            `failed: ${failures.join(", ")}`,
            `The platform is up. Run one again with: make run DAG=${failures[0] ?? ""}${pulumi.stackArgument(stack)}`,
        );
    }
}

/** State and settings of the stack, which is made when it is new. */
async function readStack({ stack, say }: Context): Promise<{ state: StackState; config: pulumi.StackConfig }> {
    const state = await pulumi.exportState(stack);
    if (!state) {
        say(`creating stack ${stack}`);
        await pulumi.createStack(stack);
    }
    const config = await pulumi.stackConfig(stack);
    if (config.target === undefined) {
        say(
            `stack ${stack} says nothing of its target, so it becomes a local one: pulumi config set lakehouse:target local`,
        );
        await pulumi.setConfig(stack, "target", "local");
    }
    return { state: state ?? { deployment: {} }, config };
}

/** Puts right what a run that was cut off left behind; returns whether the update has to look at everything anew. */
export async function recover({ stack, say }: Context, state: StackState): Promise<boolean> {
    const plan = planRecovery(state, await containers(stack));
    for (const reason of plan.reasons) say(`putting right: ${reason}`);
    await removeContainers(plan.removeContainers);
    const there = await networks(stack);
    await removeNetworks(plan.removeNetworks.filter((name) => there.includes(name)));
    if (plan.clearPending) await pulumi.clearPending(stack, state);
    return plan.refresh;
}

async function update(context: Context, refresh: boolean): Promise<void> {
    const { stack } = context;
    const code = await operate("up", context, refresh);
    if (code !== 0) {
        throw new UserError(
            "the update did not succeed; the reason stands above",
            `Put it right and run make up again: it goes on where it stopped. Logs: make logs${pulumi.stackArgument(stack)}`,
            code,
        );
    }
}

/** Runs one of Pulumi's operations on the stack, showing its progress; returns its exit code. */
export async function operate(
    operation: "up" | "destroy",
    { root, stack, say }: Context,
    refresh: boolean,
): Promise<number> {
    const args = [operation, "--stack", stack, "--yes", "--skip-preview"];
    if (refresh) args.push("--refresh");
    return process.stdout.isTTY
        ? attach("pulumi", [...args, "--suppress-outputs"], { cwd: root })
        : logged(root, [...args, "--json", "--non-interactive"], say);
}

/** Without a terminal there is nobody to watch a moving display, so the events become lines of a log. */
async function logged(root: string, args: readonly string[], say: (line: string) => void): Promise<number> {
    const log = new UpdateLog(say);
    const timer = setInterval(() => log.tick(), TICK_MILLISECONDS);
    try {
        return await eachLine("pulumi", args, (line) => log.line(line), {
            cwd: root,
        });
    } finally {
        clearInterval(timer);
    }
}

/** Runs what has not run on this data yet, prints the table, and returns the pipelines that failed. */
async function runDemo({ root, stack, say }: Context, outputs: pulumi.Outputs, samplePath: string): Promise<string[]> {
    const airflow = await Airflow.connect(outputs);
    await waitForDags(
        airflow,
        PIPELINES.map(({ dag }) => dag),
    );
    const data = await fingerprint(root, samplePath, outputs.catalogType);
    const workers = (await containers(stack)).filter(({ service }) => service.startsWith("spark-worker-")).length;
    const outcomes = await runAll(airflow, PIPELINES, data, workers, say);
    say(`\n${pipelineTable(outcomes.map(outcomeLine))}`);
    const failed = outcomes.filter(({ run }) => run.state === "failed");
    for (const { run } of failed) say(`\n${await failureReport(airflow, run)}`);
    return failed.map(({ dag }) => dag);
}
