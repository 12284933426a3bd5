"""Every other catalog type by one setting: exactly what must change does, and the pipelines write the same tables."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from pyiceberg.catalog import load_catalog
from pyiceberg.exceptions import UnauthorizedError

from support import docker, paths
from support.airflow import Airflow
from support.lake import Lake
from support.process import run
from support.pulumi import Pulumi
from support.results import check_iceberg_tables, check_reports

# The Spark drivers: what knows the catalog.
DRIVERS = {"Container airflow-airflow-scheduler", "Container dbt-dbt"}
# What each type adds to the platform, as the program names it.
ADDED = {
    "hive": {"Container catalog-hive-metastore", "RemoteImage catalog-hive-image"},
    "glue": {"Container catalog-glue", "RemoteImage catalog-glue-image", "Volume catalog-glue"},
    "rest": {"Container catalog-rest-catalog", "RandomPassword catalog-rest-token", "RemoteImage catalog-rest-image"},
    "jdbc": set(),
}
SERVER = {"hive": "hive-metastore", "glue": "glue", "rest": "rest-catalog"}
WRITERS = Path(__file__).parent / "support" / "concurrent_writers.py"
SUBMIT = 'cat >/tmp/writers.py && exec spark-submit --master "local[2]" /tmp/writers.py "$@"'
ICEBERG_PIPELINES = ("spark_iceberg_dag", "dbt_dag")

# In this order, in place: each starts from the one before, the first from the stack as test_60 leaves it.
SWITCHES = [("jdbc", "hive"), ("hive", "glue"), ("glue", "rest"), ("rest", "jdbc")]


def planned(preview_json: str) -> dict[str, set[str]]:
    """What a preview with --json would create, replace, delete or update: `type name` by operation."""
    steps = json.loads(preview_json[preview_json.index("{") :])["steps"]
    plan: dict[str, set[str]] = {}
    for step in steps:
        kind, name = step["urn"].rsplit("::", 2)[1:]
        # Replacing comes as three operations; the stack itself is updated with its outputs.
        operation = {"create-replacement": "replace", "delete-replaced": "replace"}.get(step["op"], step["op"])
        if operation != "same" and not name.startswith("lakehouse-"):
            plan.setdefault(operation, set()).add(f"{kind.rsplit(':', 1)[-1]} {name}")
    return plan


@pytest.mark.gate
@pytest.mark.parametrize(("old", "new"), SWITCHES)
def test_switch_replaces_only_what_knows_the_catalog(pulumi: Pulumi, old: str, new: str) -> None:
    assert pulumi.outputs()["catalogType"] == old
    pulumi("config", "set", "lakehouse:catalogType", new)
    plan = planned(pulumi.preview("--json").stdout)
    wanted = {"create": ADDED[new], "delete": ADDED[old], "replace": DRIVERS}
    assert plan == {operation: resources for operation, resources in wanted.items() if resources}
    before = {name: each["Id"] for name, each in docker.containers().items()}
    pulumi.up()
    after = {name: each["Id"] for name, each in docker.containers().items()}
    servers = {SERVER[type_] for type_ in (old, new) if type_ in SERVER}
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    assert changed == {"airflow-scheduler", "dbt"} | servers
    assert set(after) & set(SERVER.values()) == servers - {SERVER.get(old)}
    if new in SERVER:
        check_catalog(pulumi, new)
    else:
        # It was left with its tables, and is found with them.
        lake = Lake(pulumi.outputs())
        check_iceberg_tables(lake, paths.SAMPLE)
        check_concurrent_writers(lake)


def check_catalog(pulumi: Pulumi, catalog_type: str) -> None:
    """Run the pipelines that write Iceberg tables, one of them twice, with a restart of the server between."""
    outputs: dict[str, Any] = pulumi.outputs()
    airflow = Airflow(outputs["airflowUrl"], outputs["airflowUser"], outputs["airflowPassword"])
    lake = Lake(outputs)
    assert lake.catalog_type == catalog_type
    reports = {dag: airflow.run(dag, f"{catalog_type}-first") for dag in ICEBERG_PIPELINES}
    check_reports(reports, paths.SAMPLE)
    check_iceberg_tables(lake, paths.SAMPLE)
    location = lake.table("raw", "customers").location()
    assert location.startswith(f"s3://lakehouse/warehouse/{catalog_type}/"), location

    docker.docker("restart", docker.name(SERVER[catalog_type]))
    docker.wait_healthy({SERVER[catalog_type]}, 120)
    lake = Lake(outputs)
    assert {tuple(name) for name in lake.catalog().list_tables("raw")} == {("raw", "customers")}
    snapshots = len(lake.table("raw", "customers").snapshots())
    check_reports({"spark_iceberg_dag": airflow.run("spark_iceberg_dag", f"{catalog_type}-again")}, paths.SAMPLE)
    check_iceberg_tables(lake, paths.SAMPLE)
    assert len(lake.table("raw", "customers").snapshots()) == snapshots + 1
    check_concurrent_writers(lake)
    if catalog_type == "rest":
        properties = {**lake.properties(), "token": "another"}
        with pytest.raises(UnauthorizedError):
            load_catalog("lakehouse", **properties).list_namespaces()


def check_concurrent_writers(lake: Lake) -> None:
    """Let ten appenders and a merge, half of them in another driver, write one table: nothing is lost or doubled."""
    table = "lakehouse.raw.concurrent"
    # A conflict is to be tried again until it passes; the merge does not mind rows that others add meanwhile.
    properties = "'commit.retry.num-retries'='200', 'commit.retry.max-wait-ms'='500', "
    properties += "'write.merge.isolation-level'='snapshot'"
    spark_sql(
        f"create table {table} (id bigint, marked boolean) using iceberg tblproperties ({properties}); "
        f"insert into {table} select id, false from range(100)"
    )
    halves = {"airflow-scheduler": ["1", "2", "3", "4", "5", "merge"], "dbt": ["6", "7", "8", "9", "10"]}
    with ThreadPoolExecutor(len(halves)) as pool:
        list(pool.map(lambda service: write_concurrently(service, table, halves[service]), halves))
    found = lake.table("raw", "concurrent")
    rows = found.scan().to_arrow().to_pydict()
    wanted = dict.fromkeys(range(101), True)
    wanted.update((1000 * writer + row, False) for writer in range(1, 11) for row in range(10))
    assert len(rows["id"]) == len(wanted)
    assert dict(zip(rows["id"], rows["marked"], strict=True)) == wanted
    # One for the first rows, one for each commit of an appender, one for the merge.
    assert len(found.snapshots()) == 1 + 10 * 10 + 1
    spark_sql(f"drop table {table} purge")


def spark_sql(text: str) -> None:
    """Run statements in dbt's container, which is a driver."""
    docker.execute("dbt", "spark-sql", "--master", "local[1]", "-e", text)


def write_concurrently(service: str, table: str, writers: list[str]) -> None:
    """Run some of the writers in a container."""
    run(
        ["docker", "exec", "--interactive", docker.name(service), "sh", "-c", SUBMIT, "sh", table, *writers],
        timeout=600,
        input_text=WRITERS.read_text(encoding="utf-8"),
    )
