"""Data volumes survive a destroy when the settings say so, and a broken one makes no riddle."""

from __future__ import annotations

import json
import time

import pytest

from support import docker, paths
from support.airflow import PIPELINES, Airflow
from support.lake import Lake
from support.make import make
from support.pulumi import Pulumi
from support.results import check_tables

# The time between a container's first death and the end of the update that reports it.
SECONDS_TO_REPORT = 15


@pytest.fixture(scope="module")
def kept() -> dict[str, object]:
    """What is known before the destroy."""
    return {}


@pytest.mark.gate
def test_destroy_keeps_the_data_volumes(pulumi: Pulumi, airflow: Airflow, kept: dict[str, object]) -> None:
    kept["runs"] = {dag: airflow.runs(dag) for dag in PIPELINES}
    kept["postgres image"] = docker.image_of("postgres")
    make(pulumi, "down")
    volumes = sorted(docker.name(volume) for volume in paths.VOLUMES)
    left = docker.leftovers(docker.LABEL)
    assert (left["containers"], left["networks"], sorted(left["volumes"])) == ([], [], volumes)
    assert docker.named_like_the_stack() == volumes


def test_dead_container_is_reported_at_once(pulumi: Pulumi, kept: dict[str, object]) -> None:
    """A damaged volume: the update names the container and shows its last log lines, soon after its death."""
    version = "/data/17/PG_VERSION"
    on_volume(kept, f"cp {version} /data/saved && echo garbage >{version}")
    begun = time.time()
    try:
        done = pulumi.up(check=False)
    finally:
        ended = time.time()
        on_volume(kept, f"mv /data/saved {version}")
    assert done.code != 0
    assert f"The container {docker.name('postgres')} died with exit code" in done.text
    assert "Its last log lines:" in done.text
    assert "PG_VERSION" in done.text
    waited = ended - first_death(docker.name("postgres"), begun, ended)
    assert waited < SECONDS_TO_REPORT, f"the update ended {waited:.0f} s after the death"


def on_volume(kept: dict[str, object], script: str) -> None:
    """Run a script as the owner of the database's volume."""
    code, text = docker.run_once(
        str(kept["postgres image"]),
        *("sh", "-ec", script),
        options=("--volume", f"{docker.name('postgres')}:/data"),
    )
    assert code == 0, text


def first_death(container: str, begun: float, ended: float) -> float:
    """When a container died for the first time."""
    events = docker.docker(
        "events",
        *("--since", str(int(begun)), "--until", str(int(ended) + 1), "--format", "{{json .}}"),
        *("--filter", f"container={container}", "--filter", "event=die"),
    ).splitlines()
    assert events, f"{container} did not die"
    return json.loads(events[0])["timeNano"] / 1e9


@pytest.mark.gate
def test_up_again_after_the_mend(pulumi: Pulumi) -> None:
    pulumi.up()
    docker.wait_healthy(paths.SERVICES | paths.workers(2), 1)
    pulumi.preview("--expect-no-changes")


def test_tables_are_there(lake: Lake) -> None:
    check_tables(lake, paths.SAMPLE)


def test_history_is_there(airflow: Airflow, kept: dict[str, object]) -> None:
    assert {dag: airflow.runs(dag) for dag in PIPELINES} == kept["runs"]
    assert "Hello from the lakehouse." in airflow.log("empty_dag", "sample", PIPELINES["empty_dag"])


@pytest.mark.services("airflow-scheduler", "dbt")
def test_pipelines_work_on(airflow: Airflow, lake: Lake) -> None:
    """On what was kept: tables, keys, and the database, whose passwords were generated anew. Again nothing doubles."""
    snapshots = len(lake.table("raw", "customers").metadata.snapshots)
    airflow.run_all(("spark_iceberg_dag", "dbt_dag"), "after-destroy")
    check_tables(lake, paths.SAMPLE)
    assert len(lake.table("raw", "customers").metadata.snapshots) == snapshots + 1
