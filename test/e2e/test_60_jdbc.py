"""Another catalog and another worker by configuration alone, and the pipelines again, as `make up` runs them."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from support import docker, paths
from support.airflow import PIPELINES, Airflow
from support.customers import expected
from support.drivers import spark_sql
from support.lake import Lake
from support.make import make
from support.pulumi import Pulumi, summary
from support.results import NEW_TABLE, check_engines, check_reports, check_tables

# What neither knows the catalog nor the number of workers.
UNTOUCHED = {"postgres", "minio", "airflow-api-server", "airflow-dag-processor", "airflow-triggerer"}


@pytest.mark.gate
@pytest.mark.services("airflow-scheduler", "spark-worker-1", "spark-worker-2", "spark-connect", "dbt")
def test_switch(pulumi: Pulumi) -> None:
    """With the commands that the documentation names; `make up` ends with what a user wants to know."""
    before = {name: each["Id"] for name, each in docker.containers().items()}
    pulumi("config", "set", "lakehouse:catalogType", "jdbc")
    pulumi("config", "set", "lakehouse:sparkWorkers", "2")
    pulumi("config", "set", "lakehouse:sparkConnect", "true")
    shown = make(pulumi, "up").stdout
    after = docker.containers()
    assert set(after) == paths.SERVICES | paths.INIT_STEPS | paths.workers(2) | {paths.CONNECT}
    assert {name for name in UNTOUCHED if after[name]["Id"] != before[name]} == set()
    rows = f"{expected(paths.SAMPLE).written:,}"
    for dag in PIPELINES:
        line = next(line for line in shown.splitlines() if re.match(rf"\W*{dag}\W.*success", line))
        assert dag == "empty_dag" or rows in line, line
    for port in ("airflow", "sparkMaster", "sparkHistory", "s3Console"):
        assert f"http://localhost:{paths.PORTS[port] + paths.PORT_OFFSET}" in shown
    assert "airflowPassword" in shown


def test_preview_shows_no_change(pulumi: Pulumi) -> None:
    assert pulumi.outputs()["catalogType"] == "jdbc"
    done = pulumi.preview("--json", "--expect-no-changes")
    assert set(summary(done.stdout)) == {"same"}


def test_make_up_again_does_nothing(pulumi: Pulumi, airflow: Airflow) -> None:
    """Neither an update nor a run of a pipeline."""
    containers = {name: each["Id"] for name, each in docker.containers().items()}
    runs = {dag: airflow.runs(dag) for dag in PIPELINES}
    make(pulumi, "up")
    assert {name: each["Id"] for name, each in docker.containers().items()} == containers
    assert {dag: airflow.runs(dag) for dag in PIPELINES} == runs


def test_master_lists_both_workers(outputs: dict[str, Any]) -> None:
    state = httpx.get(f"{outputs['sparkMasterUrl']}/json/", timeout=30).json()
    alive = sorted(worker["host"] for worker in state["workers"] if worker["state"] == "ALIVE")
    assert alive == ["spark-worker-1", "spark-worker-2"]


def test_reports(airflow: Airflow) -> None:
    check_reports({dag: airflow.report(dag, airflow.latest(dag)) for dag in PIPELINES}, paths.SAMPLE)


def test_tables(lake: Lake) -> None:
    assert lake.catalog_type == "jdbc"
    check_tables(lake, paths.SAMPLE)
    check_engines(paths.SAMPLE, "jdbc")
    # Spark reads what PyIceberg wrote.
    table = f"lakehouse.{NEW_TABLE}"
    assert "new=6" in spark_sql(f"select 'new=' || sum(id) from {table}; drop table {table} purge")


def test_earlier_catalog_is_as_it_was(outputs: dict[str, Any]) -> None:
    """Each catalog keeps its files apart: going back finds the tables."""
    hadoop = Lake({**outputs, "catalogType": "hadoop"})
    assert len(hadoop.table("raw", "customers").scan().to_arrow()) > 0
