"""Times what Spark does to a table of 1,000,000 rows: spark-submit catalog_job.py TABLE TURNS.

Each turn creates the table with its rows, appends as many, merges as many (half of them update, half are new), reads
all and drops the table. The last line on standard output is a JSON list with the seconds of each turn. A turn before
the first is not counted: it warms up the JVMs.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from time import monotonic

from pyspark.sql import DataFrame, SparkSession

ROWS = 1_000_000


def rows_from(spark: SparkSession, first: int) -> DataFrame:
    """Return a million rows with keys from the given one on."""
    return spark.range(first, first + ROWS).selectExpr(
        "id",
        "sha1(cast(id as string)) as name",
        "cast(id % 1000 as decimal(15, 2)) as amount",
        "date_add(date'2020-01-01', cast(id % 2000 as int)) as day",
    )


def turn(spark: SparkSession, table: str) -> dict[str, float]:
    """Do everything once; seconds by step."""
    rows_from(spark, 3 * ROWS // 2).createOrReplaceTempView("changes")
    steps: dict[str, Callable[[], object]] = {
        "create": lambda: rows_from(spark, 0).writeTo(table).using("iceberg").create(),
        "append": lambda: rows_from(spark, ROWS).writeTo(table).append(),
        "merge": lambda: spark.sql(
            f"merge into {table} t using changes s on t.id = s.id"
            " when matched then update set * when not matched then insert *"
        ),
        "read": lambda: spark.sql(f"select count(*), sum(amount), max(name), max(day) from {table}").collect(),
    }
    seconds = {}
    for step, work in steps.items():
        begun = monotonic()
        result = work()
        seconds[step] = monotonic() - begun
    if result[0][0] != 5 * ROWS // 2:
        raise RuntimeError(f"{table} has {result[0][0]} rows instead of {5 * ROWS // 2}")
    spark.sql(f"drop table {table} purge")
    return seconds


def main() -> None:
    """Run the turns that the command line asks for."""
    table, turns = sys.argv[1], int(sys.argv[2])
    spark = SparkSession.builder.appName("catalogs").config("spark.sql.shuffle.partitions", "8").getOrCreate()
    spark.sql(f"create namespace if not exists {table.rpartition('.')[0]}")
    report = [turn(spark, table) for _ in range(turns + 1)][1:]
    spark.stop()
    print(json.dumps(report), flush=True)


if __name__ == "__main__":
    main()
