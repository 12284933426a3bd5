"""The stack under test, shared by all files in the order of their names, and what to show when a test fails."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support import docker, paths
from support.airflow import Airflow
from support.customers import write_small_file
from support.lake import Lake
from support.pulumi import Pulumi

_failed_gate: list[str] = []


def pytest_configure() -> None:
    """End in order, with a summary, when the run is told to stop."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the order of the files' names, however they were given: each builds on the ones before."""
    items.sort(key=lambda item: item.path.name)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what stands on a step that failed."""
    if _failed_gate:
        pytest.skip(f"'{_failed_gate[0]}' failed before")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Remember a failed gate; add the logs of the containers that a failure is about."""
    report = yield
    if report.failed:
        if item.get_closest_marker("gate"):
            _failed_gate.append(item.name)
        for service, text in _concerned_logs(item, str(report.longrepr)):
            report.sections.append((f"last log lines of {service}", text))
    return report


def _concerned_logs(item: pytest.Item, failure: str) -> list[tuple[str, str]]:
    """Logs of the containers that are not well, that the failure names or that the test is marked with."""
    try:
        found = docker.containers()
    except (AssertionError, OSError, ValueError):
        return []
    marked = {name for marker in item.iter_markers("services") for name in marker.args}
    concerned = []
    for service, each in sorted(found.items()):
        state = each["State"]
        well = state.get("Health", {}).get("Status", "healthy") == "healthy" and state["ExitCode"] == 0
        if not well or service in marked or re.search(rf"{docker.name(service)}(?![\w-])", failure):
            concerned.append((service, docker.logs(service, tail=40)))
    return concerned


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Keep all containers' logs when something failed."""
    if session.testsfailed:
        target = paths.OUT / "containers"
        target.mkdir(parents=True, exist_ok=True)
        for service in docker.containers():
            (target / f"{service}.log").write_text(docker.logs(service), encoding="utf-8")


@pytest.fixture(scope="session")
def pulumi() -> Pulumi:
    """The stack under test, not necessarily up."""
    stack = Pulumi(paths.STACK)
    stack.init()
    return stack


@pytest.fixture
def outputs(pulumi: Pulumi) -> dict[str, Any]:
    """The stack's outputs as they are now, secrets included."""
    return pulumi.outputs()


@pytest.fixture
def airflow(outputs: dict[str, Any]) -> Airflow:
    """Airflow's API, as the administrator."""
    return Airflow(outputs["airflowUrl"], outputs["airflowUser"], outputs["airflowPassword"])


@pytest.fixture
def lake(outputs: dict[str, Any]) -> Lake:
    """What the pipelines wrote."""
    return Lake(outputs)


@pytest.fixture(scope="session")
def small_file() -> Path:
    """A user's own customers file."""
    file = paths.OUT / "my-customers.csv"
    if not file.exists():
        write_small_file(file)
    return file
