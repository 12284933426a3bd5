"""Restarts a service under a running pipeline: the run ends, well or with a reason, and nothing committed is lost."""

from __future__ import annotations

import re
from typing import Any

import httpx

from support import docker, paths
from support.airflow import PIPELINES, Airflow
from support.lake import Lake
from support.process import wait_until
from support.results import check_iceberg_tables, check_reports

DAG = "spark_iceberg_dag"


def check_restart(outputs: dict[str, Any], service: str) -> None:
    """Restart a service while spark_iceberg_dag's executors work; if that failed, the next run must not."""
    airflow = Airflow(outputs["airflowUrl"], outputs["airflowUser"], outputs["airflowPassword"])
    lake = Lake(outputs)
    before = snapshots(lake)
    interrupted = f"{lake.catalog_type}-{service}-restart"

    with airflow.paused("dbt_dag"):
        earlier = working(outputs["sparkMasterUrl"])
        airflow.trigger(DAG, interrupted)
        wait_until(f"executors of {DAG}", lambda: working(outputs["sparkMasterUrl"]) - earlier, 240, every=0.1)
        docker.docker("restart", docker.name(service))
        docker.wait_healthy({service}, 120)
        state = airflow.end(DAG, interrupted)
        docker.wait_healthy({*paths.SERVICES, service}, 120)
        if state == "failed":
            log = airflow.log(DAG, interrupted, PIPELINES[DAG])
            assert re.search(r"(Exception|Error|error): \w", log), f"{interrupted} says nothing of the reason:\n{log}"
        check_iceberg_tables(lake, paths.SAMPLE)
        after = snapshots(lake)
        assert before <= after
        # The commit itself may be known to the catalog and not to the run.
        assert len(after) - len(before) in ({1} if state == "success" else {0, 1})
        if state == "failed":
            check_reports({DAG: airflow.run(DAG, f"{interrupted}-again")}, paths.SAMPLE)
            check_iceberg_tables(lake, paths.SAMPLE)
            assert after < snapshots(lake)


def snapshots(lake: Lake) -> set[int]:
    """Ids of what was ever committed to the pipeline's table."""
    return {snapshot.snapshot_id for snapshot in lake.table("raw", "customers").snapshots()}


def working(master_url: str) -> set[str]:
    """Ids of the pipeline's applications that have executors."""
    active = httpx.get(f"{master_url}/json/", timeout=30).raise_for_status().json()["activeapps"]
    return {app["id"] for app in active if app["name"].startswith(DAG) and app["state"] == "RUNNING"}
