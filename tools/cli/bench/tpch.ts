import { join } from "node:path";
import type { Context } from "../context";
import { must } from "../process";
import { requireOutputs } from "../pulumi";
import { jobConf, runningContainer, submit, type SparkConf } from "./driver";
import { median, round, timed, type Figure } from "./figure";

const TURNS = 2;
const JOB = "tpch_job.py";
const PREFIX = "lakehouse/tpch";
const ARGUMENTS = [`s3a://${PREFIX}`, "lakehouse.tpch"];
/** Of the cluster's driver, which plans and collects. */
const DRIVER_MIB = 512;
const CORES = 2;

interface Report {
    load?: Record<string, number>;
    query?: Record<string, { seconds: number }>;
}

/** TPC-H at scale factor 1 on Iceberg tables: on the cluster, and by Spark in one process with the same heap and cores. */
export async function tpch(context: Context): Promise<Figure[]> {
    const { root, stack, say } = context;
    const outputs = await requireOutputs(stack);
    const scheduler = await runningContainer(stack, "airflow-scheduler");
    const platform = await jobConf(scheduler);
    const { cluster, alone } = rivals(platform);
    const run = async (conf: SparkConf, step: string): Promise<Report> =>
        (await submit(context, scheduler, JOB, [...ARGUMENTS, step], conf)) as Report;
    say("tpch: making the data and loading it");
    await must(join(root, "tools", "bench", "tpch-data"), [`s3://${PREFIX}`], {
        env: {
            ...process.env,
            S3_ENDPOINT: outputs.s3Endpoint,
            AWS_ACCESS_KEY_ID: outputs.s3AccessKey,
            AWS_SECRET_ACCESS_KEY: outputs.s3SecretKey,
        },
    });
    try {
        const load = Object.values((await run(cluster, "load")).load ?? {});
        const reports: Record<"cluster" | "alone", Report[]> = { cluster: [], alone: [] };
        // In turns, so that a busy moment of the machine falls on both.
        for (let turn = 1; turn <= TURNS; turn++) {
            reports.cluster.push(await run(cluster, "query"));
            reports.alone.push(await run(alone, "query"));
            say(`tpch, turn ${turn} of ${TURNS}`);
        }
        return [timed("TPC-H, load into Iceberg", [sum(load)]), ...compared(reports.cluster, reports.alone)];
    } finally {
        await run(cluster, "drop");
    }
}

/** The cluster's driver and executor, and one process with the heap of both, compiled as executors are. */
export function rivals(platform: SparkConf): { cluster: SparkConf; alone: SparkConf } {
    const executorMiB = Number.parseInt(platform["spark.executor.memory"] ?? "", 10);
    return {
        cluster: { ...platform, "spark.driver.memory": `${DRIVER_MIB}m`, "spark.cores.max": String(CORES) },
        alone: {
            ...platform,
            "spark.master": `local[${CORES}]`,
            "spark.driver.memory": `${DRIVER_MIB + executorMiB}m`,
            "spark.driver.extraJavaOptions": "-XX:+UseSerialGC",
        },
    };
}

/** The totals with their ratio, and each query on the cluster. */
export function compared(cluster: readonly Report[], alone: readonly Report[]): Figure[] {
    const seconds = (reports: readonly Report[], query: string): number[] =>
        reports.map((report) => report.query?.[query]?.seconds ?? NaN);
    const total = ({ query = {} }: Report): number => sum(Object.values(query).map((each) => each.seconds));
    const queries = Object.keys(cluster[0]?.query ?? {});
    const there = timed("TPC-H, 22 queries on the cluster", cluster.map(total));
    const here = timed(`TPC-H, 22 queries by local[${CORES}]`, alone.map(total), {
        note: queries.map((query) => `Q${query} ${round(median(seconds(alone, query)))}`).join(", "),
    });
    return [
        there,
        here,
        { name: "TPC-H, cluster / local", value: round(there.value / here.value), unit: "x", target: 1.25 },
        ...queries.map((query) => timed(`TPC-H Q${query}, cluster`, seconds(cluster, query))),
    ];
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
