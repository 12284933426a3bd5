"""The customers file to an Iceberg table, its rejected rows to another one, by Spark."""

from airflow.sdk import dag

from utils.assets import RAW_CUSTOMERS, RAW_QUARANTINE
from utils.config_manager import spark_iceberg_arguments
from utils.spark_operator import SparkJobOperator


@dag(
    schedule=None,
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=False,
    default_args={"retries": 0},
    tags=["spark", "iceberg"],
    doc_md=__doc__,
)
def spark_iceberg_dag():
    """Submit dags/spark/spark_iceberg_job.py."""
    SparkJobOperator(
        task_id="customers_to_iceberg",
        job="spark_iceberg_job.py",
        arguments=spark_iceberg_arguments,
        outlets=[RAW_CUSTOMERS, RAW_QUARANTINE],
    )


spark_iceberg_dag()
