"""Failing tests, killed runs and concurrent writers, in the hadoop catalog: readers see good tables, new or old."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pyarrow import fs

from support import docker, paths
from support.airflow import PIPELINES, Airflow
from support.concurrency import check_concurrent_writers
from support.lake import Lake
from support.process import wait_until
from support.results import ICEBERG_TABLES, QUARANTINES, check_iceberg_tables, check_reports

RAW, *ANALYTICS = ICEBERG_TABLES
EXAMPLE = "examples/customers-100000.csv"
# Every process whose command line has the text; the bracket keeps this script itself out.
KILL = """
for dir in /proc/[0-9]*; do
    tr '\\0' ' ' <$dir/cmdline 2>/dev/null | grep -q "$1" && kill -9 ${dir#/proc/}
done
true
"""


def branches(lake: Lake, *table: str) -> dict[str, int]:
    """The snapshot of each branch of a table."""
    return {name: ref.snapshot_id for name, ref in lake.table(*table).metadata.refs.items()}


def all_branches(lake: Lake) -> dict[tuple[str, str], dict[str, int]]:
    """The snapshot of each branch of all tables."""
    return {table: branches(lake, *table) for table in (*ICEBERG_TABLES, *QUARANTINES)}


@contextmanager
def example(content: bytes) -> Iterator[None]:
    """Let the customers file be another one for a while; only the store's own administrator may do that."""
    environment = docker.environment("minio")
    store = fs.S3FileSystem(
        access_key=environment["MINIO_ROOT_USER"],
        secret_key=environment["MINIO_ROOT_PASSWORD"],
        endpoint_override=f"127.0.0.1:{paths.PORTS['s3'] + paths.PORT_OFFSET}",
        scheme="http",
        region="us-east-1",
    )

    def put(data: bytes) -> None:
        with store.open_output_stream(EXAMPLE) as stream:
            stream.write(data)

    put(content)
    try:
        yield
    finally:
        put(paths.SAMPLE.read_bytes())


def kill_when(condition: Callable[[], object], service: str, command: str) -> None:
    """Wait for a moment, then kill a command's processes as an empty battery would."""
    wait_until(f"the moment to kill {command}", condition, 180, every=0.05)
    docker.execute(service, "sh", "-c", KILL, "sh", command)


def test_assets_show_who_writes_a_table_and_who_follows(airflow: Airflow) -> None:
    assets = {each["name"]: each for each in airflow.get("/assets", limit=100)["assets"]}
    tables = {f"lakehouse.{namespace}.{name}" for namespace, name in (*ICEBERG_TABLES, *QUARANTINES)}
    assert tables <= set(assets)
    for name in tables:
        asset, dag = assets[name], "spark_iceberg_dag" if ".raw." in name else "dbt_dag"
        assert [(task["dag_id"], task["task_id"]) for task in asset["producing_tasks"]] == [(dag, PIPELINES[dag])]
        followers = ["dbt_dag"] if name == "lakehouse.raw.customers" else []
        assert [each["dag_id"] for each in asset["scheduled_dags"]] == followers, name


@pytest.mark.services("dbt")
def test_failing_test_publishes_nothing(airflow: Airflow, lake: Lake, small_file: Path) -> None:
    """A date that is one, but not of our time: the file is good enough to be loaded, the model's test fails."""
    before = all_branches(lake)
    row = ",".join(["f00f", "9001", *["x"] * 8, "1850-01-01", "x", "x"])
    with example(small_file.read_bytes() + row.encode() + b"\n"):
        airflow.trigger("dbt_dag", "bad-date")
        assert airflow.end("dbt_dag", "bad-date") == "failed"
    log = airflow.log("dbt_dag", "bad-date", "dbt_build")
    assert "FAILED: test accepted_range_stg_customers_subscription_date" in log
    assert "of model stg_customers: Got 1 result" in log
    assert "Nothing was published" in log
    assert all_branches(lake) == before
    assert "PASS freshness of raw.customers" in airflow.log("dbt_dag", "bad-date", "source_freshness")


def test_killed_dbt_changes_nothing(airflow: Airflow, lake: Lake) -> None:
    """Killed when its staging table is written but not yet published."""
    before = all_branches(lake)
    airflow.trigger("dbt_dag", "killed")
    kill_when(lambda: len(branches(lake, "analytics", "stg_customers")) > 1, "dbt", "[d]bt build")
    assert airflow.end("dbt_dag", "killed") == "failed"
    after = all_branches(lake)
    assert {table: refs["main"] for table, refs in after.items()} == {t: refs["main"] for t, refs in before.items()}
    assert len(after["analytics", "stg_customers"]) == 2, "killed too late to tell anything"


def test_killed_load_changes_nothing(airflow: Airflow, lake: Lake) -> None:
    """Killed when the first data file is there but no snapshot has it."""

    def files() -> set[str]:
        return set(lake.objects("lakehouse/warehouse/hadoop/raw/customers/data"))

    before, there = branches(lake, *RAW), files()
    with airflow.paused("dbt_dag"):
        airflow.trigger("spark_iceberg_dag", "killed")
        kill_when(lambda: files() - there, "airflow-scheduler", "[s]park_iceberg_job.py")
        assert airflow.end("spark_iceberg_dag", "killed") == "failed"
    assert branches(lake, *RAW) == before


def test_next_runs_give_the_tables(airflow: Airflow, lake: Lake) -> None:
    """What was killed has left nothing that a reader sees; dbt runs since the raw table was updated."""
    before = len(lake.table(*RAW).metadata.snapshots)
    check_reports(airflow.run_all(("spark_iceberg_dag", "dbt_dag"), "after-kill"), paths.SAMPLE)
    check_iceberg_tables(lake, paths.SAMPLE)
    # The load is one snapshot: no reader ever sees an empty or half filled table.
    assert len(lake.table(*RAW).metadata.snapshots) == before + 1
    assert {tuple(refs) for refs in all_branches(lake).values()} == {("main",)}


def test_concurrent_writers_lose_nothing(lake: Lake) -> None:
    """The files' store cannot tell which of two writers was first; the lock that every driver takes can."""
    assert lake.catalog_type == "hadoop"
    check_concurrent_writers(lake)
