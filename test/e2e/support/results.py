"""Runs the pipelines and compares what they report and write with what the file must lead to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from support import docker
from support.airflow import PIPELINES, Airflow
from support.customers import REASONS, assert_quarantined, assert_same, expected
from support.lake import Lake
from support.process import run

ENGINES = Path(__file__).parent / "engines.py"
# What check_engines leaves behind, for Spark to read.
NEW_TABLE = "raw.of_pyiceberg"
# Types whose tables PyIceberg does not write.
READ_BY_PYICEBERG = ("hadoop", "hive")
ICEBERG_TABLES = (("raw", "customers"), ("analytics", "stg_customers"), ("analytics", "customers_by_country"))
QUARANTINES = (("raw", "quarantine_customers"), ("analytics", "quarantine_customers"))


def run_all(airflow: Airflow, run_id: str) -> dict[str, dict[str, Any]]:
    """Run the five pipelines one after another and return their reports."""
    return airflow.run_all(PIPELINES, run_id)


def check_reports(reports: dict[str, dict[str, Any]], file: Path) -> None:
    """Compare the pipelines' own counts with the file."""
    wanted = expected(file)
    for dag, report in reports.items():
        if dag == "empty_dag":
            assert (report["rows_written"], report["rows_rejected"]) == (0, {})
            continue
        rejected = {reason: report["rows_rejected"].get(reason, 0) for reason in REASONS}
        assert rejected == wanted.rejected, dag
        assert report["rows_written"] == wanted.written, dag
        assert set(report["rows_rejected"]) <= set(REASONS), dag


def check_tables(lake: Lake, file: Path) -> None:
    """Compare every table that the pipelines write with the file."""
    wanted = expected(file)
    assert_same(lake.parquet("lakehouse/spark_job/customers"), wanted.customers, "spark_job_dag's parquet")
    assert_same(lake.parquet("lakehouse/duck_db/customers.parquet"), wanted.customers, "duck_db_dag's customers")
    assert_same(
        lake.parquet("lakehouse/duck_db/customers_by_country.parquet"), wanted.countries, "duck_db_dag's countries"
    )
    quarantine = lake.parquet("lakehouse/duck_db/quarantine_customers.parquet")
    assert_quarantined(quarantine, wanted, "duck_db_dag's quarantine")
    check_iceberg_tables(lake, file)


def check_iceberg_tables(lake: Lake, file: Path) -> None:
    """Compare the Iceberg tables, read back by PyIceberg, with the file."""
    wanted = expected(file)
    for namespace, name in ICEBERG_TABLES:
        table = lake.table(namespace, name).scan().to_arrow()
        what = f"{lake.catalog_type} table {namespace}.{name}"
        assert_same(table, wanted.countries if name == "customers_by_country" else wanted.customers, what)
    for namespace, name in QUARANTINES:
        what = f"{lake.catalog_type} table {namespace}.{name}"
        assert_quarantined(lake.table(namespace, name).scan().to_arrow(), wanted, what)


def check_engines(file: Path, catalog_type: str) -> None:
    """Read a table in the scheduler's container, where tasks run, with PyIceberg and with DuckDB; write one there."""
    inside = ["docker", "exec", "--interactive", "--workdir", "/opt/airflow/dags", docker.name("airflow-scheduler")]
    done = run([*inside, "python", "-", "raw.customers", NEW_TABLE], input_text=ENGINES.read_text(encoding="utf-8"))
    written = expected(file).written
    wanted = {"pyiceberg": written, "duckdb": written, **({} if catalog_type in READ_BY_PYICEBERG else {"new": 3})}
    assert json.loads(done.stdout) == wanted
