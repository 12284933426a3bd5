"""Table maintenance through Airflow, with a writer under way; and on the files of the hadoop catalog."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from support import docker, paths
from support.airflow import Airflow
from support.drivers import spark_sql, submit
from support.lake import Lake
from support.maintenance import EXPIRE_ALL, files, maintain, plant
from support.process import wait_until
from support.results import ICEBERG_TABLES, QUARANTINES, check_iceberg_tables

DAG = "table_maintenance_dag"
TABLE = "lakehouse.raw.small"
TABLES = (*ICEBERG_TABLES, *QUARANTINES)
APPENDS = 10
GO = "/tmp/go"
HADOOP = {
    "spark.sql.catalog.files": "org.apache.iceberg.spark.SparkCatalog",
    "spark.sql.catalog.files.type": "hadoop",
    "spark.sql.catalog.files.warehouse": "s3a://lakehouse/warehouse/hadoop",
    "spark.sql.catalog.files.lock-impl": "lakehouse.PostgresLockManager",
    "spark.sql.catalog.files.lock.postgres.uri": "jdbc:postgresql://postgres:5432/iceberg",
    "spark.sql.catalog.files.lock.postgres.user": "iceberg",
}


def ids(lake: Lake) -> list[int]:
    """Read the table."""
    return sorted(lake.table("raw", "small").scan().to_arrow()["id"].to_pylist())


@pytest.mark.services("airflow-scheduler", "spark-worker-1", "dbt")
def test_maintenance_beside_a_writer(airflow: Airflow, lake: Lake, outputs: dict[str, Any]) -> None:
    """The writer has written a data file before it and commits after it: every row is there."""
    inserts = "; ".join(f"insert into {TABLE} values ({row})" for row in range(APPENDS))
    spark_sql(f"create table {TABLE} (id bigint) using iceberg tblproperties ({EXPIRE_ALL}); {inserts}")
    location = lake.table("raw", "small").location()
    data = files(lake, location, ".parquet")
    assert len(data) == APPENDS
    bucket_and_path = location.split("://")[1]
    old, young = (f"{bucket_and_path}/data/{age}.parquet" for age in ("old", "young"))
    # Of another table, as far as anybody knows.
    beside = f"{bucket_and_path}er/data/old.parquet"
    now = datetime.now(UTC)
    plant(outputs, beside, f"{now - timedelta(days=4):%Y-%m-%dT%H:%M:%SZ}")
    plant(outputs, old, f"{now - timedelta(days=4):%Y-%m-%dT%H:%M:%SZ}")
    plant(outputs, young, f"{now - timedelta(days=2):%Y-%m-%dT%H:%M:%SZ}")
    docker.execute("dbt", "rm", "-f", GO)

    with ThreadPoolExecutor(1) as pool:
        writer = pool.submit(submit, "dbt", "slow_writer.py", TABLE, GO, "100")
        try:
            written = wait_until(
                "the writer's first data file", lambda: files(lake, location, ".parquet") - data - {old, young}, 120
            )
            planned = airflow.run(DAG, "dry", conf={"dry_run": True, "table": "raw.small"})
            assert planned["dry_run"] is True
            assert planned["tables"]["raw.small"]["files_to_rewrite"] == APPENDS
            assert planned["tables"]["raw.small"]["orphans_to_remove"] == 1
            assert files(lake, location, ".parquet") == data | {old, young} | written
            report = airflow.run(DAG, "maintenance")
        finally:
            docker.execute("dbt", "touch", GO)
        writer.result()

    assert ids(lake) == [*range(APPENDS), 100, 101]
    assert {name for name, table in report["tables"].items() if table["status"] != "done"} == set()
    assert {f"{namespace}.{name}" for namespace, name in TABLES} <= set(report["tables"])
    small = report["tables"]["raw.small"]
    assert (small["before"]["files"], small["after"]["files"], small["after"]["manifests"]) == (APPENDS, 1, 1)
    assert small["orphans_removed"] == 1
    left = files(lake, location, ".parquet")
    assert young in left
    assert files(lake, f"s3://{beside.rpartition('/')[0]}") == {beside}
    assert written <= left
    assert not left & (data | {old})
    # The rewritten file, the writer's two and the young orphan.
    assert len(left) == 4
    check_iceberg_tables(lake, paths.SAMPLE)
    log = airflow.log(DAG, "maintenance", "maintain_tables")
    assert f"{APPENDS} -> 1" in log
    spark_sql(f"drop table {TABLE} purge")


def test_files_of_the_hadoop_catalog(outputs: dict[str, Any]) -> None:
    """Its paths begin with s3a; an old orphan goes, everything else stays."""
    lake = Lake({**outputs, "catalogType": "hadoop"})
    before = {name: lake.table(*name).scan().to_arrow() for name in TABLES}
    location = lake.table("raw", "customers").location()
    orphan = f"{location.split('://')[1]}/data/old.parquet"
    plant(outputs, orphan, f"{datetime.now(UTC) - timedelta(days=4):%Y-%m-%dT%H:%M:%SZ}")
    there = files(lake, location)
    reports = maintain(conf=HADOOP, catalog="files")
    assert {name: report["orphans_removed"] for name, report in reports.items()} == {
        f"{namespace}.{name}": int(name == "customers") for namespace, name in TABLES
    }
    assert there - files(lake, location) == {orphan}
    after = {name: lake.table(*name).scan().to_arrow() for name in TABLES}
    assert {name: table.num_rows for name, table in after.items()} == {
        name: table.num_rows for name, table in before.items()
    }
