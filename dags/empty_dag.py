"""Logs a text: the quickest proof that scheduler, API server and task logs work together."""

import logging

from airflow.sdk import dag, task

log = logging.getLogger(__name__)


@dag(
    schedule=None,
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=False,
    default_args={"retries": 0},
    tags=["example"],
    doc_md=__doc__,
)
def empty_dag():
    """One task, no data."""

    @task
    def say_hello() -> dict:
        log.info("Hello from the lakehouse.")
        return {"rows_written": 0, "rows_rejected": {}}

    say_hello()


empty_dag()
