"""The customers file to Iceberg tables, by dbt on Spark: models and their tests, in the dbt service."""

from airflow.sdk import dag

from utils.dbt_operator import DbtOperator


@dag(
    schedule=None,
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=False,
    default_args={"retries": 0},
    tags=["dbt", "spark", "iceberg"],
    doc_md=__doc__,
)
def dbt_dag():
    """Run `dbt build` on the project in dbt/."""
    DbtOperator(task_id="dbt_build", command="dbt build --no-use-colors")


dbt_dag()
