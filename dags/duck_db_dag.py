"""The customers file to parquet, then a count by country from that parquet; by DuckDB, without Spark.

One task does both: a second one would wait longer for its start than it runs.
"""

from airflow.sdk import dag, task


@dag(
    schedule=None,
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=False,
    default_args={"retries": 0},
    tags=["duckdb"],
    doc_md=__doc__,
)
def duck_db_dag():
    """Run dags/utils/duck_db.py in the task's own process."""

    @task
    def customers_and_countries_to_parquet() -> dict:
        import os

        # Here and not above: the DAG processor reads this file again and again and needs neither.
        from utils import duck_db

        return duck_db.run(os.environ)

    customers_and_countries_to_parquet()


duck_db_dag()
