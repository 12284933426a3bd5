"""Spark on Kubernetes as the platform runs it: drivers in pods of tasks, executors in pods of their own.

The objects, the pods and the rights are the program's own; AWS is played by the stand-ins.
"""

from __future__ import annotations

import ast
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from pyiceberg.catalog import load_catalog

from project import ROOT
from support.cluster import Cluster
from support.manifests import NAMESPACE
from support.platform import Platform, until
from support.stand_ins import REGION, StandIns, stand_ins

DIRECTORY = Path(os.environ["LAKEHOUSE_MANIFESTS"]) / "default"
ROWS = 4000
JOB = ("spark_iceberg_dag", "customers_to_iceberg")


@pytest.fixture(scope="module")
def platform(own_node: Cluster) -> Iterator[Platform]:
    """The platform's objects."""
    made = Platform(own_node, DIRECTORY)
    yield made
    made.remove()


@pytest.fixture(scope="module")
def aws(own_node: Cluster, platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIns]:
    """The stand-ins for AWS, with the sample in them; and then the platform."""
    with stand_ins(own_node, platform.facts) as made:
        sample = tmp_path_factory.mktemp("sample") / "customers.csv"
        command = ["node", ROOT / "tools" / "sample-data.mjs", "--out", sample, "--rows", str(ROWS)]
        subprocess.run(command, check=True)
        uri = urlsplit(platform.data("spark-driver-env")["LAKEHOUSE_RAW_DATA_URI"])
        made.client("s3").upload_file(str(sample), uri.netloc, uri.path.removeprefix("/"))
        platform.apply()
        yield made


def rows_of(aws: StandIns, table: str) -> int:
    """Count a table's rows from outside: without Spark, the platform's configuration or its rights."""
    catalog = load_catalog(
        "outside",
        **{
            "type": "glue",
            "glue.endpoint": aws.glue,
            "s3.endpoint": aws.s3,
            **{f"{part}.region": REGION for part in ("glue", "s3")},
            **{f"{part}.access-key-id": aws.access_key for part in ("glue", "s3")},
            **{f"{part}.secret-access-key": aws.secret_key for part in ("glue", "s3")},
        },
    )
    return catalog.load_table(table).scan().to_arrow().num_rows


def reported(log: str) -> dict[str, Any]:
    """The report that the task's operator returned: its last line."""
    return ast.literal_eval(log.strip().splitlines()[-1])


def test_a_task_loads_the_customers_on_executors(platform: Platform, aws: StandIns) -> None:
    platform.task("load", *JOB)
    executor = platform.running_executor("load")
    phase, log = platform.finish("load")
    assert phase == "Succeeded", log
    report = reported(log)
    rejected = sum(report["rows_rejected"].values())
    schema = platform.data("spark-driver-env")["LAKEHOUSE_RAW_SCHEMA"]
    assert report["rows_written"] + rejected == ROWS
    assert rows_of(aws, f"{schema}.customers") == report["rows_written"]
    assert rows_of(aws, f"{schema}.quarantine_customers") == rejected > 0
    # The driver's end is the executors' end.
    until(lambda: None if executor in platform.executors() else True, 60, lambda: platform.describe(executor))


def test_a_killed_executor_does_not_fail_the_job(platform: Platform, aws: StandIns) -> None:
    platform.task("killed", *JOB)
    executor = platform.busy_executor("killed")
    platform.cluster.run("delete", "pod", executor, f"--namespace={NAMESPACE}", "--grace-period=0", "--force")
    # Another one takes its place.
    until(lambda: next((name for name in platform.executors() if name != executor), None), 120, platform.cluster.events)
    phase, log = platform.finish("killed")
    assert phase == "Succeeded", log
    schema = platform.data("spark-driver-env")["LAKEHOUSE_RAW_SCHEMA"]
    assert rows_of(aws, f"{schema}.customers") == reported(log)["rows_written"]


def test_a_task_runs_dbt_in_a_pod_from_the_template(platform: Platform, aws: StandIns) -> None:
    platform.task("dbt", "dbt_dag", "dbt_build")
    executor = platform.running_executor("dbt")
    # The driver is dbt's pod, not the task's.
    assert executor.startswith("dbt-")
    phase, log = platform.finish("dbt")
    assert phase == "Succeeded", log
    env = platform.data("spark-driver-env")
    raw, analytics = env["LAKEHOUSE_RAW_SCHEMA"], env["LAKEHOUSE_DBT_SCHEMA"]
    assert rows_of(aws, f"{analytics}.stg_customers") == reported(log)["rows_written"] > 0
    assert rows_of(aws, f"{analytics}.stg_customers") == rows_of(aws, f"{raw}.customers")
    assert rows_of(aws, f"{analytics}.quarantine_customers") == rows_of(aws, f"{raw}.quarantine_customers")
    assert 0 < rows_of(aws, f"{analytics}.customers_by_country") < rows_of(aws, f"{raw}.customers")
    # Its operator removes it.
    assert platform.pods_of("dbt") == []


def test_the_history_server_shows_what_ran(platform: Platform, aws: StandIns) -> None:
    platform.cluster.run("rollout", "status", "deployment/spark-history", f"--namespace={NAMESPACE}", "--timeout=180s")
    wanted = ["dbt", "spark_iceberg_dag.customers_to_iceberg", "spark_iceberg_dag.customers_to_iceberg"]

    def shown() -> list[dict[str, Any]] | None:
        found = platform.history("applications?status=completed")
        return found if sorted(each["name"] for each in found) == wanted else None

    # It looks for new event logs every 30 s.
    applications = until(shown, 90, lambda: str(platform.history("applications")))
    ended = [
        executor.get("removeReason")
        for each in applications
        if each["name"] != "dbt"
        for executor in platform.history(f"applications/{each['id']}/allexecutors")
        if not executor["isActive"]
    ]
    # The killed one, with the reason; the others were there to the end.
    assert any(ended), ended


@pytest.mark.parametrize(
    ("account", "granted"),
    [("dbt", ["warehouse/x"]), ("airflow-task", ["duck_db/x", "spark_job/x", "warehouse/x"]), ("spark-history", [])],
)
def test_a_pod_writes_only_where_its_role_may(
    platform: Platform, aws: StandIns, account: str, granted: list[str]
) -> None:
    name = f"writer-{account}"
    platform.run(name, account, "write_objects.py")
    phase, log = platform.finish(name)
    assert phase == "Succeeded", log
    assert ast.literal_eval(log.strip().splitlines()[-1]) == granted


def test_a_driver_without_rights_on_pods_says_so_and_makes_none(platform: Platform, aws: StandIns) -> None:
    platform.task("refused", *JOB, account="spark-executor")
    phase, log = platform.finish("refused")
    assert phase == "Failed"
    assert f'User "system:serviceaccount:{NAMESPACE}:spark-executor" cannot get resource "pods"' in log
    assert platform.executors() == {}


def test_executors_end_with_their_drivers_pod(platform: Platform, aws: StandIns) -> None:
    platform.task("ended", *JOB)
    executor = platform.running_executor("ended")
    platform.cluster.run("delete", "pod", "ended", f"--namespace={NAMESPACE}", "--grace-period=0", "--force")
    until(lambda: None if executor in platform.executors() else True, 180, lambda: platform.describe(executor))
    assert platform.executors() == {}
