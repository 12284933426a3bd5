"""The customers file to parquet, by Spark."""

from airflow.sdk import dag

from utils.config_manager import spark_job_arguments
from utils.spark_operator import SparkJobOperator


@dag(
    schedule=None,
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=False,
    default_args={"retries": 0},
    tags=["spark"],
    doc_md=__doc__,
)
def spark_job_dag():
    """Submit dags/spark/spark_job.py."""
    SparkJobOperator(task_id="customers_to_parquet", job="spark_job.py", arguments=spark_job_arguments)


spark_job_dag()
