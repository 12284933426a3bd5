"""Every other catalog type by one setting: exactly what must change does, and the pipelines write the same tables."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from pyiceberg.catalog import load_catalog
from pyiceberg.exceptions import UnauthorizedError

from support import docker, paths
from support.airflow import Airflow
from support.concurrency import check_concurrent_writers
from support.drivers import spark_sql
from support.lake import Lake
from support.maintenance import maintain
from support.make import make
from support.pulumi import Pulumi
from support.restarts import check_restart
from support.results import (
    ICEBERG_TABLES,
    NEW_TABLE,
    READ_BY_PYICEBERG,
    check_engines,
    check_iceberg_tables,
    check_reports,
)

# The Spark drivers: what knows the catalog.
DRIVERS = {"Container airflow-airflow-scheduler", "Container dbt-dbt", "Container spark-spark-connect"}
# What each type adds to the platform, as the program names it.
ADDED = {
    "hive": {"Container catalog-hive-metastore", "RemoteImage catalog-hive-image"},
    "glue": {"Container catalog-glue", "RemoteImage catalog-glue-image"},
    "rest": {"Container catalog-rest-catalog", "RandomPassword catalog-rest-token", "RemoteImage catalog-rest-image"},
    "jdbc": set(),
}
SERVER = {"hive": "hive-metastore", "glue": "glue", "rest": "rest-catalog"}
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
    if old == SWITCHES[0][0]:
        spark_sql(
            "create namespace if not exists lakehouse.moved; "
            "create table lakehouse.moved.numbers using iceberg as select 0 as number"
        )
    pulumi("config", "set", "lakehouse:catalogType", new)
    plan = planned(pulumi.preview("--json").stdout)
    wanted = {"create": ADDED[new], "delete": ADDED[old], "replace": DRIVERS}
    assert plan == {operation: resources for operation, resources in wanted.items() if resources}
    before = {name: each["Id"] for name, each in docker.containers().items()}
    pulumi.up()
    after = {name: each["Id"] for name, each in docker.containers().items()}
    servers = {SERVER[type_] for type_ in (old, new) if type_ in SERVER}
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    assert changed == {"airflow-scheduler", "dbt", paths.CONNECT} | servers
    assert set(after) & set(SERVER.values()) == servers - {SERVER.get(old)}
    if new in SERVER:
        check_catalog(pulumi, new)
    else:
        # It was left with its tables, and is found with them.
        lake = Lake(pulumi.outputs())
        check_iceberg_tables(lake, paths.SAMPLE)
        check_concurrent_writers(lake)
    check_migration(pulumi, old, new)


def check_migration(pulumi: Pulumi, old: str, new: str) -> None:
    """Take a table along that every catalog before has written to; the pipelines' tables are in both and differ."""

    def migrate() -> dict[str, str]:
        done = make(pulumi, "migrate-catalog", check=False, FROM=old, TO=new)
        lines = {line.split()[0]: line for line in done.stdout.splitlines() if re.match(r" \w+\.\w+ ", line)}
        missing = [name for name, line in lines.items() if "NOT MIGRATED" in line]
        assert (done.code, f"{len(missing)} of {len(lines)} tables were not migrated" in done.text) == (1, True)
        assert f"Use {new} alone" in done.text
        assert {f"{namespace}.{name}" for namespace, name in ICEBERG_TABLES} <= set(missing)
        return lines

    outputs = pulumi.outputs()
    if new == SWITCHES[0][0]:
        # The first catalog still has the table, as it was before the others wrote to it.
        assert Lake(outputs).table("moved", "numbers").scan().to_arrow()["number"].to_pylist() == [0]
        with pytest.raises(AssertionError, match="is newer than the metadata that this catalog knows"):
            maintain("--table", "moved.numbers")
        assert "NOT MIGRATED" in migrate()["moved.numbers"]
        spark_sql("drop table lakehouse.moved.numbers")
    assert " registered " in migrate()["moved.numbers"]
    written = [type_ for type_, _ in SWITCHES].index(old) + 1
    assert sorted(Lake(outputs).table("moved", "numbers").scan().to_arrow()["number"].to_pylist()) == [*range(written)]
    spark_sql(f"insert into lakehouse.moved.numbers values ({written})")
    table = Lake(outputs).table("moved", "numbers")
    assert len(table.snapshots()) == written + 1
    if old == SWITCHES[0][0]:
        assert " already there, written to since " in migrate()["moved.numbers"]
        assert len(Lake({**outputs, "catalogType": old}).table("moved", "numbers").snapshots()) == 1
    first = table.scan(snapshot_id=table.history()[0].snapshot_id)
    assert first.to_arrow()["number"].to_pylist() == [0]


def check_catalog(pulumi: Pulumi, catalog_type: str) -> None:
    """Run the pipelines that write Iceberg tables, one of them also under a restart of the server."""
    outputs: dict[str, Any] = pulumi.outputs()
    airflow = Airflow(outputs["airflowUrl"], outputs["airflowUser"], outputs["airflowPassword"])
    lake = Lake(outputs)
    assert lake.catalog_type == catalog_type
    check_reports(airflow.run_all(ICEBERG_PIPELINES, f"{catalog_type}-first"), paths.SAMPLE)
    check_iceberg_tables(lake, paths.SAMPLE)
    location = lake.table("raw", "customers").location()
    assert location.startswith(f"s3://lakehouse/warehouse/{catalog_type}/"), location

    check_restart(outputs, SERVER[catalog_type])
    assert {tuple(name) for name in lake.catalog().list_tables("raw")} == {
        ("raw", "customers"),
        ("raw", "quarantine_customers"),
    }
    check_engines(paths.SAMPLE, catalog_type)
    check_writers(lake)
    if catalog_type == "rest":
        properties = {**lake.properties(), "token": "another"}
        with pytest.raises(UnauthorizedError):
            load_catalog("lakehouse", **properties).list_namespaces()


def check_writers(lake: Lake) -> None:
    """Many writers at once; and Spark reads the table that PyIceberg wrote, if it did."""
    if lake.catalog_type in READ_BY_PYICEBERG:
        check_concurrent_writers(lake)
        return
    table = f"lakehouse.{NEW_TABLE}"
    shown = check_concurrent_writers(lake, f"select 'new=' || sum(id) from {table}; drop table {table} purge")
    assert "new=6" in shown
