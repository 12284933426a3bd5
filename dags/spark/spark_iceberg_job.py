"""spark_iceberg_dag's job: the customers file to an Iceberg table, rejected rows to another one.

spark-submit spark_iceberg_job.py --source s3a://examples/customers-100000.csv --table lakehouse.raw.customers
"""

from __future__ import annotations

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from customers_frame import run_job


def write(spark: SparkSession, customers: DataFrame, rejected: DataFrame, table: str) -> None:
    """Replace the rows of the table and, before it, those of the quarantine table beside it."""
    namespace, _, name = table.rpartition(".")
    spark.sql(f"CREATE NAMESPACE IF NOT EXISTS {namespace}")
    replace(spark, rejected, f"{namespace}.quarantine_{name}")
    replace(spark, customers, table)


def replace(spark: SparkSession, rows: DataFrame, table: str) -> None:
    """Create the table where it is missing, then replace all rows in one snapshot."""
    columns = ", ".join(f"`{field.name}` {field.dataType.simpleString()}" for field in rows.schema.fields)
    spark.sql(f"CREATE TABLE IF NOT EXISTS {table} ({columns}) USING iceberg")
    rows.writeTo(table).overwrite(F.lit(True))


if __name__ == "__main__":
    run_job("Write the good rows of the customers file to an Iceberg table.", "--table", write)
