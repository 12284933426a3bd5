"""spark_job_dag's job: the customers file to parquet.

spark-submit spark_job.py --source s3a://examples/customers-100000.csv --target s3a://lakehouse/spark_job/customers
"""

from __future__ import annotations

from pyspark.sql import DataFrame, SparkSession

from customers_frame import run_job


def write(_spark: SparkSession, customers: DataFrame, _rejected: DataFrame, target: str) -> None:
    """Replace what stands at the target."""
    customers.write.mode("overwrite").parquet(target)


if __name__ == "__main__":
    run_job("Write the good rows of the customers file as parquet.", "--target", write)
