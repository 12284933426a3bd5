"""One command brings the platform up; after it there is nothing more to do."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from support import docker, paths
from support.process import run
from support.pulumi import Pulumi, summary
from support.settings import settings


def git_status() -> str:
    """What git finds changed."""
    return run(["git", "status", "--porcelain"], cwd=str(paths.ROOT)).stdout


@pytest.fixture(scope="module")
def kept() -> dict[str, object]:
    """What is known before the first update."""
    return {"git status": git_status()}


@pytest.mark.gate
def test_up(pulumi: Pulumi, small_file: Path, kept: dict[str, object]) -> None:
    """From nothing, with the simplest catalog and a user's own file."""
    pulumi.configure(settings(samplePath=small_file))
    pulumi.up()
    found = docker.containers()
    assert set(found) == paths.SERVICES | paths.INIT_STEPS | paths.workers(1)


def test_everything_is_healthy(pulumi: Pulumi) -> None:
    """Healthy when the update ends, not some time later."""
    found = docker.containers()
    services = paths.SERVICES | paths.workers(1)
    assert {name: found[name]["State"]["Health"]["Status"] for name in services} == dict.fromkeys(services, "healthy")
    ended = {name: (found[name]["State"]["Status"], found[name]["State"]["ExitCode"]) for name in paths.INIT_STEPS}
    assert ended == dict.fromkeys(paths.INIT_STEPS, ("exited", 0))


def test_preview_shows_no_change(pulumi: Pulumi) -> None:
    done = pulumi.preview("--json", "--expect-no-changes")
    assert set(summary(done.stdout)) == {"same"}


def test_second_up_changes_nothing(pulumi: Pulumi) -> None:
    before = {name: each["Id"] for name, each in docker.containers().items()}
    pulumi.up("--expect-no-changes")
    assert {name: each["Id"] for name, each in docker.containers().items()} == before


def test_preview_after_refresh_shows_no_change(pulumi: Pulumi) -> None:
    """What the engine reports of running containers is no drift either."""
    done = pulumi.preview("--refresh", "--json", "--expect-no-changes")
    assert set(summary(done.stdout)) == {"same"}


def test_outputs(pulumi: Pulumi) -> None:
    shown = pulumi.outputs(show_secrets=False)
    assert shown["airflowUrl"] == f"http://localhost:{paths.PORTS['airflow'] + paths.PORT_OFFSET}"
    assert shown["airflowUser"] == "admin"
    assert shown["catalogType"] == "hadoop"
    assert shown["airflowPassword"] == shown["s3SecretKey"] == "[secret]"


@pytest.mark.parametrize("page", ["airflowUrl", "sparkMasterUrl", "sparkHistoryUrl", "s3ConsoleUrl"])
def test_web_page_answers(pulumi: Pulumi, page: str) -> None:
    answer = httpx.get(pulumi.outputs()[page], follow_redirects=True, timeout=30)
    assert answer.status_code == 200
    assert "text/html" in answer.headers["content-type"]


def test_work_tree_stays_as_it_was(kept: dict[str, object]) -> None:
    """No file of the project is changed or added by an update, as far as git can tell."""
    assert git_status() == kept["git status"]
