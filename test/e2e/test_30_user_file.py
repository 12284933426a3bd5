"""The pipelines on a user's own file: 2,000 rows in another order of columns, with flaws of every kind."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.airflow import Airflow
from support.lake import Lake
from support.results import check_reports, check_tables, run_all


@pytest.mark.gate
@pytest.mark.services("airflow-scheduler", "spark-worker-1", "dbt")
def test_pipelines(airflow: Airflow, small_file: Path) -> None:
    check_reports(run_all(airflow, "user-file"), small_file)


def test_tables(lake: Lake, small_file: Path) -> None:
    check_tables(lake, small_file)
