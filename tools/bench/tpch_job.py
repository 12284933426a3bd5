"""TPC-H by Spark on Iceberg tables: spark-submit tpch_job.py DATA NAMESPACE STEP...

DATA is where tpch_data.py wrote, as Spark names it. The steps, in one session: ``load`` creates the tables in the
namespace, ``query`` runs the 22 queries as DuckDB gives them, ``drop`` removes the tables, the namespace and DATA. The
last line on standard output is a JSON report with the seconds of each table and query, and each query's rows; decimals
and dates as text.
"""

from __future__ import annotations

import json
import sys
from time import monotonic
from typing import Any

from pyspark.sql import SparkSession

TABLES = ("region", "nation", "supplier", "customer", "part", "partsupp", "orders", "lineitem")


def load(spark: SparkSession, data: str, namespace: str) -> dict[str, float]:
    """Create the tables from the parquet files; seconds by table."""
    spark.sql(f"create namespace if not exists {namespace}")
    seconds = {}
    for table in TABLES:
        begun = monotonic()
        rows = spark.read.parquet(f"{data}/tables/{table}.parquet")
        rows.writeTo(f"{namespace}.{table}").using("iceberg").createOrReplace()
        seconds[table] = monotonic() - begun
    return seconds


def query(spark: SparkSession, data: str, namespace: str) -> dict[int, dict[str, Any]]:
    """Run the queries; seconds and rows by number."""
    queries = dict(spark.read.parquet(f"{data}/queries.parquet").collect())
    spark.sql(f"use {namespace}")
    answers = {}
    for number, text in sorted(queries.items()):
        begun = monotonic()
        rows = spark.sql(text.rstrip().rstrip(";")).collect()
        answers[number] = {"seconds": monotonic() - begun, "rows": rows}
    return answers


def drop(spark: SparkSession, data: str, namespace: str) -> None:
    """Remove everything, files included."""
    for table in TABLES:
        spark.sql(f"drop table if exists {namespace}.{table} purge")
    spark.sql(f"drop namespace if exists {namespace}")
    path = spark._jvm.org.apache.hadoop.fs.Path(data)
    path.getFileSystem(spark._jsc.hadoopConfiguration()).delete(path, True)


def main() -> None:
    """Run the steps that the command line names."""
    data, namespace, *steps = sys.argv[1:]
    functions = {"load": load, "query": query, "drop": drop}
    # Partitions of a shuffle: at this size, more only cost time.
    spark = SparkSession.builder.appName("tpch").config("spark.sql.shuffle.partitions", "16").getOrCreate()
    report = {step: functions[step](spark, data, namespace) for step in steps}
    spark.stop()
    print(json.dumps(report, default=str), flush=True)


if __name__ == "__main__":
    main()
