"""Keeps the Iceberg tables healthy: small files and manifests rewritten, old snapshots expired, orphan files removed.

All tables of the catalog, one after another; a table that fails does not stop the others and is named at the end. The
retention stands in the stack's settings; a table's properties override it.
"""

from datetime import timedelta

from airflow.sdk import CronTriggerTimetable, Param, dag

from utils.config_manager import table_maintenance_arguments
from utils.spark_operator import SparkJobOperator


@dag(
    # A new stack waits for its first Sunday; one that was down on a Sunday catches up when it is there again.
    schedule=CronTriggerTimetable("@weekly", timezone="UTC", run_immediately=timedelta(0)),
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=False,
    default_args={"retries": 0},
    params={
        "table": Param("", type="string", description="One table, as namespace.name; all tables when it is empty"),
        "dry_run": Param(False, type="boolean", description="Change nothing and report what would be done"),
    },
    tags=["spark", "iceberg"],
    doc_md=__doc__,
)
def table_maintenance_dag():
    """Submit dags/spark/table_maintenance_job.py."""
    SparkJobOperator(
        task_id="maintain_tables",
        job="table_maintenance_job.py",
        arguments=table_maintenance_arguments,
        application_args=[
            *("--table", "{{ params.table }}"),
            *("--dry-run", "{{ params.dry_run }}"),
        ],
        reports=("dry_run", "tables"),
    )


table_maintenance_dag()
