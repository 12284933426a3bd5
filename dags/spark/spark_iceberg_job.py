"""spark_iceberg_dag's job: the customers file to an Iceberg table.

spark-submit spark_iceberg_job.py --source s3a://examples/customers-100000.csv --table lakehouse.raw.customers
"""

from __future__ import annotations

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from customers_frame import run_job


def write(spark: SparkSession, customers: DataFrame, table: str) -> None:
    """Create namespace and table where they are missing, then replace all rows in one snapshot."""
    namespace = table.rpartition(".")[0]
    columns = ", ".join(f"`{field.name}` {field.dataType.simpleString()}" for field in customers.schema.fields)
    spark.sql(f"CREATE NAMESPACE IF NOT EXISTS {namespace}")
    spark.sql(f"CREATE TABLE IF NOT EXISTS {table} ({columns}) USING iceberg")
    customers.writeTo(table).overwrite(F.lit(True))


if __name__ == "__main__":
    run_job("Write the good rows of the customers file to an Iceberg table.", "--table", write)
