import type { Context } from "../context";
import { containers } from "../docker";
import { UserError } from "../errors";
import { capture, lastLines } from "../process";
import { round, type Figure } from "./figure";

const APPENDS = 200;
/** What the issue of small files is worth solving for: so many times fewer of them. */
const TIMES_FEWER = 50;

/** What a table weighs, and the answer that a query gives. */
interface Measure {
    readonly files: number;
    readonly bytes: number;
    readonly manifests: number;
    readonly snapshots: number;
    /** Everything in the store below the table's location. */
    readonly objects: number;
    readonly objectBytes: number;
    readonly answer: readonly number[];
}

export interface Measured {
    readonly before: Measure;
    readonly after: Measure;
    readonly seconds: number;
}

/** Small appends, and maintenance by the very functions of table_maintenance_dag, in a Spark of its own. */
const SCRIPT = `
import json, os, sys, time
sys.path.insert(0, "/opt/airflow/dags/spark")
from pyspark.sql import SparkSession
from table_maintenance import Policy, maintain, measure
catalog, name = os.environ["LAKEHOUSE_CATALOG_NAME"], "bench.appends"
table = f"{catalog}.{name}"
spark = SparkSession.builder.getOrCreate()
def weigh():
    opened = spark._jvm.org.apache.iceberg.spark.Spark3Util.loadIcebergTable(spark._jsparkSession, table)
    sizes = [file.size() for file in opened.io().listPrefix(opened.location() + "/").iterator()]
    answer = spark.sql(f"select count(*), sum(id), sum(length(text)) from {table}").first()
    return {**measure(spark, catalog, name), "objects": len(sizes), "objectBytes": sum(sizes), "answer": list(answer)}
spark.sql(f"create namespace if not exists {catalog}.bench")
spark.sql(f"drop table if exists {table} purge")
spark.sql(f"create table {table} (id bigint, text string) using iceberg "
          "tblproperties ('history.expire.max-snapshot-age-ms' = '1')")
try:
    for turn in range(${APPENDS}):
        rows = spark.range(100 * turn, 100 * turn + 100, numPartitions=1).selectExpr("id", "sha2(string(id), 256) text")
        rows.writeTo(table).append()
    before, begun = weigh(), time.monotonic()
    maintain(spark, catalog, name, Policy(snapshot_days=5, snapshots_kept=1, orphan_days=3))
    seconds = time.monotonic() - begun
    print(json.dumps({"before": before, "after": weigh(), "seconds": seconds}), flush=True)
finally:
    spark.sql(f"drop table {table} purge")
    spark.sql(f"drop namespace {catalog}.bench")
    spark.stop()
`;

/** Files and bytes of a table after many small appends, and what maintenance leaves of them. */
export async function maintenance({ stack, say }: Context): Promise<Figure[]> {
    const scheduler = (await containers(stack)).find((fact) => fact.service === "airflow-scheduler");
    if (scheduler?.state !== "running") throw new UserError(`stack ${stack} is not running`, "make up");
    say(`maintenance: ${APPENDS} appends`);
    const conf = "--conf spark.eventLog.enabled=false --conf spark.ui.enabled=false --conf spark.log.level=ERROR";
    const script = `cat >/tmp/bench-maintenance.py && exec spark-submit --master "local[2]" ${conf} /tmp/bench-maintenance.py`;
    const done = await capture("docker", ["exec", "--interactive", scheduler.name, "sh", "-c", script], {
        input: SCRIPT,
    });
    if (done.code !== 0) {
        throw new UserError(`cannot measure: maintenance failed:\n${lastLines(done.stdout + done.stderr, 15)}`);
    }
    return figures(JSON.parse(lastLines(done.stdout, 1)) as Measured);
}

/**
 * The figures of one measurement.
 *
 * @throws UserError when the table gives another answer than before
 */
export function figures({ before, after, seconds }: Measured): Figure[] {
    if (before.answer.join() !== after.answer.join()) {
        throw new UserError(
            `maintenance changed an answer: ${before.answer.join(" ")} is now ${after.answer.join(" ")}`,
        );
    }
    const now = `after ${APPENDS} small appends and maintenance`;
    return [
        {
            name: `data files ${now}`,
            value: after.files,
            unit: "files",
            target: Math.floor(before.files / TIMES_FEWER),
            note: `${before.files} before, ${before.manifests} manifests, now ${after.manifests}; the same answers`,
        },
        { name: `bytes of data ${now}`, value: after.bytes, unit: "B", note: `${before.bytes} before` },
        {
            name: `objects in the store ${now}`,
            value: after.objects,
            unit: "objects",
            note:
                `${before.objects} before (${before.objectBytes} B, now ${after.objectBytes} B); snapshots ` +
                `${before.snapshots}, now ${after.snapshots}; the rest is metadata that Iceberg still lists, or orphans ` +
                "too young to be removed",
        },
        { name: "maintenance of that table", value: round(seconds), unit: "s" },
    ];
}
