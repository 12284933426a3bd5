import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Context } from "../context";
import { containers, docker } from "../docker";
import { UserError } from "../errors";
import { lastLines, must } from "../process";

export const DAGS = "/opt/airflow/dags";
export const PYTHON = "/opt/airflow/venv/bin/python";

/** What the pipelines' jobs add to Spark's defaults. */
const CONF = `
import json, os
from utils.config_manager import load_settings, spark_conf
print(json.dumps(spark_conf(load_settings(os.environ))))
`;
const SUBMIT = 'cat >"/tmp/$0" && exec spark-submit "$@"';

export type SparkConf = Record<string, string>;

/** Name of a service's container, which has to run. */
export async function runningContainer(stack: string, service: string): Promise<string> {
    const found = await containers(stack);
    const fact = found.find((each) => each.service === service && each.state === "running");
    if (!fact) throw new UserError(`stack ${stack} is not running`, "make up");
    return fact.name;
}

/** The settings that a pipeline's job would get. */
export async function jobConf(scheduler: string): Promise<SparkConf> {
    return JSON.parse(await docker(["exec", "--workdir", DAGS, scheduler, PYTHON, "-c", CONF])) as SparkConf;
}

export const confArguments = (conf: SparkConf): string[] =>
    Object.entries(conf).flatMap(([key, value]) => ["--conf", `${key}=${value}`]);

/**
 * Runs a job of tools/bench/ in the scheduler's container, where the pipelines' drivers run.
 *
 * @returns its report: the last line that it prints, JSON
 */
export async function submit(
    { root }: Pick<Context, "root">,
    scheduler: string,
    job: string,
    args: readonly string[],
    conf: SparkConf,
): Promise<unknown> {
    const command = ["exec", "--interactive", "--workdir", "/tmp", scheduler, "sh", "-c", SUBMIT, job];
    const printed = await must("docker", [...command, ...confArguments(conf), `/tmp/${job}`, ...args], {
        input: readFileSync(join(root, "tools", "bench", job), "utf8"),
    });
    return JSON.parse(lastLines(printed, 1));
}
