"""The daily commands, on a stack that works."""

from __future__ import annotations

import pytest

from support import paths
from support.airflow import PIPELINES
from support.customers import expected
from support.make import make
from support.pulumi import Pulumi


def test_status(pulumi: Pulumi) -> None:
    lines = make(pulumi, "status").stdout.splitlines()
    for service in paths.SERVICES | paths.workers(2):
        assert any(service in line and "healthy" in line for line in lines), service
    for dag in PIPELINES:
        assert any(dag in line and "success" in line for line in lines), dag


def test_run(pulumi: Pulumi) -> None:
    shown = make(pulumi, "run", DAG="empty_dag").stdout
    assert any("empty_dag" in line and "success" in line for line in shown.splitlines()), shown


def test_run_of_what_does_not_exist(pulumi: Pulumi) -> None:
    done = make(pulumi, "run", DAG="emtpy_dag", check=False)
    assert done.code != 0
    assert "there is no DAG called emtpy_dag" in done.text
    assert "empty_dag" in done.text.partition("Known:")[2]


def test_logs_of_one_service(pulumi: Pulumi) -> None:
    done = make(pulumi, "logs", SERVICE="postgres", LINES="3")
    assert 1 <= len(done.text.splitlines()) <= 3


def test_logs_of_all_services(pulumi: Pulumi) -> None:
    done = make(pulumi, "logs", LINES="50")
    assert len(done.stdout.splitlines()) == 50


@pytest.mark.services("airflow-scheduler")
def test_spark_sql(pulumi: Pulumi) -> None:
    done = make(pulumi, "spark-sql", SQL="select 'rows=' || count(*) from lakehouse.raw.customers")
    assert f"rows={expected(paths.SAMPLE).written}" in done.text


@pytest.mark.parametrize(
    ("command", "variables", "message"),
    [
        ("logs", {"SERVICE": "postgers"}, "there is no service called postgers"),
        ("down", {"DATA": "yes"}, "DATA=delete removes the data volumes"),
        ("up", {"STACK": "No Such"}, "is not a name for a stack"),
    ],
)
def test_mistakes(pulumi: Pulumi, command: str, variables: dict[str, str], message: str) -> None:
    done = make(pulumi, command, check=False, **variables)
    assert done.code != 0
    assert message in done.text
    assert "    at " not in done.text
