"""The customers file to Iceberg tables, by dbt on Spark: models and their tests.

Runs on demand, and whenever spark_iceberg_dag has loaded the raw table.
"""

from airflow.sdk import dag

from utils.assets import ANALYTICS_QUARANTINE, CUSTOMERS_BY_COUNTRY, RAW_CUSTOMERS, STG_CUSTOMERS
from utils.operators import dbt_task


@dag(
    schedule=[RAW_CUSTOMERS],
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=False,
    default_args={"retries": 0},
    tags=["dbt", "spark", "iceberg"],
    doc_md=__doc__,
)
def dbt_dag():
    """Look how old the file is, then run `dbt build` on the project in dbt/."""
    # Without dbt's cache of relations: their schema may not be there yet.
    freshness = dbt_task(
        task_id="source_freshness",
        command="dbt source freshness --target driver_only --no-populate-cache --no-use-colors",
    )
    build = dbt_task(
        task_id="dbt_build",
        command="dbt build --no-use-colors",
        outlets=[STG_CUSTOMERS, CUSTOMERS_BY_COUNTRY, ANALYTICS_QUARANTINE],
    )
    freshness >> build


dbt_dag()
