"""What a user sees who made a mistake: one clear message, no stack trace, and nothing that was half made."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from support import docker, paths
from support.customers import COLUMNS
from support.pulumi import Pulumi
from support.settings import settings

MISSING = "/nowhere/customers.csv"
REMEDY = "pulumi config set"

# Settings, and what the message must say: which one is wrong, its value, what is allowed, how to mend it.
CASES = {
    "unknown catalog type": (
        {"catalogType": "delta"},
        ["lakehouse:catalogType", "'delta' is unknown", "Allowed: hadoop, jdbc, hive, glue, rest", REMEDY],
    ),
    "Glue without a region": (
        {"catalogType": "glue", "region": ""},
        ["lakehouse:region", "'' is not allowed", "Allowed: an AWS region such as us-east-1"],
    ),
    "credentials for the platform's own catalog": (
        {"catalogType": "rest", "catalogOauthUri": "https://login.example/token"},
        ["lakehouse:catalogOauthUri is set", "catalogUri is not set", "pulumi config rm lakehouse:catalogOauthUri"],
    ),
    "address that no metastore has": (
        {"catalogType": "hive", "catalogUri": "metastore"},
        ["lakehouse:catalogUri", "'metastore' is not allowed", "thrift://", REMEDY],
    ),
    "token in clear": (
        {"catalogType": "rest", "catalogUri": "https://catalog.example", "catalogToken": "word"},
        ["lakehouse:catalogToken", "stands in clear", "pulumi config set --secret lakehouse:catalogToken"],
    ),
    "target that is not built yet": (
        {"target": "aws"},
        ["lakehouse:target", "'aws' is not built yet", "Allowed: local", REMEDY],
    ),
    "unknown target": ({"target": "moon"}, ["lakehouse:target", "'moon' is unknown", "Allowed: local", REMEDY]),
    "unknown key": (
        {"sparkWorker": 2},
        ["lakehouse:sparkWorker: unknown setting", "sparkWorkers", "pulumi config rm lakehouse:sparkWorker"],
    ),
    "no workers": (
        {"sparkWorkers": 0},
        ["lakehouse:sparkWorkers", "'0' is not allowed", "a whole number from 1", REMEDY],
    ),
    "more memory than there is": (
        {"sparkWorkerMemory": "4000g"},
        ["lakehouse:sparkWorkerMemory", "4000.0 GiB", "more than the container engine's", REMEDY],
    ),
    "memory without a unit": (
        {"sparkWorkerMemory": "2 gigs"},
        ["lakehouse:sparkWorkerMemory", "'2 gigs' is not allowed", "unit m or g", REMEDY],
    ),
    "sample that does not exist": (
        {"samplePath": MISSING},
        ["lakehouse:samplePath", MISSING, "does not exist", REMEDY],
    ),
    "two mistakes at once": (
        {"catalogType": "delta", "sparkWorkers": 0},
        ["2 settings are wrong", "lakehouse:catalogType", "lakehouse:sparkWorkers"],
    ),
}


@pytest.fixture(scope="module")
def bad() -> Iterator[Pulumi]:
    """A stack that never comes up; nothing of it exists afterwards."""
    stack = Pulumi(paths.BAD_STACK)
    stack.init()
    yield stack
    left = docker.leftovers(f"lakehouse.stack={paths.BAD_STACK}")
    assert not any(left.values()), left


def refused(stack: Pulumi, changes: dict[str, object]) -> str:
    """Preview with these settings and return the message, which must be for people."""
    stack.configure(settings(**{"portOffset": paths.BAD_PORT_OFFSET, **changes}))
    done = stack.preview(check=False)
    assert done.code != 0, f"the preview accepted {changes}:\n{done.text}"
    assert not re.search(r"^\s+at \S", done.text, re.MULTILINE), f"a stack trace:\n{done.text}"
    assert "node_modules" not in done.text, done.text
    assert not re.search(r"^\s*\+ +docker:", done.text, re.MULTILINE), f"something would be created:\n{done.text}"
    return done.text


@pytest.mark.parametrize("case", CASES)
def test_setting_is_refused(bad: Pulumi, case: str) -> None:
    changes, parts = CASES[case]
    text = refused(bad, changes)
    for part in parts:
        assert part in text, text


def test_stack_aws_is_not_built_yet(bad: Pulumi) -> None:
    """The committed settings of the stack aws, as `pulumi preview --stack aws` reads them."""
    lines = (paths.ROOT / "Pulumi.aws.yaml").read_text("utf-8").splitlines()
    committed = dict(line.strip().split(": ", 1) for line in lines if line.startswith("  lakehouse:"))
    text = refused(bad, {key.removeprefix("lakehouse:"): value for key, value in committed.items()})
    assert "lakehouse:target: 'aws' is not built yet. Allowed: local" in text


def test_setting_of_the_wrong_type(bad: Pulumi) -> None:
    """Pulumi itself checks types against the schema in Pulumi.yaml."""
    assert "lakehouse:sparkWorkers" in refused(bad, {"sparkWorkers": "many"})


def test_file_without_a_needed_column(bad: Pulumi, tmp_path: Path) -> None:
    file = tmp_path / "no-country.csv"
    file.write_text(",".join(name for name in COLUMNS if name != "Country") + "\n", encoding="utf-8")
    text = refused(bad, {"samplePath": file})
    assert f"lakehouse:samplePath: '{file}' lacks the column 'Country'" in text
    assert "Needed: Index, Customer Id" in text


def test_port_in_use(bad: Pulumi) -> None:
    port = paths.PORTS["airflow"] + paths.BAD_PORT_OFFSET
    with socket.create_server(("127.0.0.1", port)):
        text = refused(bad, {})
    assert f"port {port} (airflow) on 127.0.0.1 is in use" in text
    assert f"pulumi config set lakehouse:portOffset {paths.BAD_PORT_OFFSET + 100}" in text


def test_no_container_engine(bad: Pulumi, tmp_path: Path) -> None:
    nowhere = Pulumi(bad.stack, env={"DOCKER_HOST": f"unix://{tmp_path}/docker.sock"})
    text = refused(nowhere, {})
    assert "No container engine answers" in text
    assert "Start Docker" in text
