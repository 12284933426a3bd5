"""What a user sees who made a mistake: one clear message, no stack trace, and nothing that was half made."""

from __future__ import annotations

import os
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

# What the target aws needs to be told.
AWS = {
    "target": "aws",
    "catalogType": "glue",
    "region": "eu-central-1",
    "owner": "data-platform",
    "awsApiAccess": "private",
}

# Settings, and what the message must say: which one is wrong, its value, what is allowed, how to mend it.
CASES = {
    "unknown catalog type": (
        {"catalogType": "delta"},
        ["lakehouse:catalogType", "'delta' is unknown", "Allowed: hadoop, jdbc, hive, glue, rest", REMEDY],
    ),
    "Glue without a region": (
        {"catalogType": "glue", "region": ""},
        ["lakehouse:region", "'' is not allowed", "Allowed: a value such as us-east-1", REMEDY],
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
    "unknown target": ({"target": "moon"}, ["lakehouse:target", "'moon' is unknown", "Allowed: local, aws", REMEDY]),
    "setting of another target": (
        {"awsApiAccess": "private"},
        ["lakehouse:awsApiAccess is set", "the target is local", "pulumi config rm lakehouse:awsApiAccess"],
    ),
    "aws without a region": ({**AWS, "region": None}, ["lakehouse:region is not set", "an AWS region", REMEDY]),
    "aws without an owner": ({**AWS, "owner": None}, ["lakehouse:owner is not set", REMEDY]),
    "aws without saying who reaches its API": (
        {**AWS, "awsApiAccess": None},
        [
            "lakehouse:awsApiAccess is not set",
            "private, or the networks",
            f"{REMEDY} lakehouse:awsApiAccess 203.0.113.0/24",
        ],
    ),
    "API that is open to the internet": (
        {**AWS, "awsApiAccess": "203.0.113.0/24,0.0.0.0/0"},
        [
            "lakehouse:awsApiAccess: '0.0.0.0/0' lets the internet reach the Kubernetes API",
            "none wider than /8",
            REMEDY,
        ],
    ),
    "API that is open to the internet by IPv6": (
        {**AWS, "awsApiAccess": "::/0"},
        ["lakehouse:awsApiAccess: '::/0' is not allowed", REMEDY],
    ),
    "unknown size": (
        {**AWS, "size": "gigantic"},
        ["lakehouse:size: 'gigantic' is unknown", "Allowed: small, medium, large", REMEDY],
    ),
    "hive on aws, where no metastore runs": (
        {**AWS, "catalogType": "hive"},
        ["lakehouse:catalogType: 'hive' needs lakehouse:catalogUri on the target aws", "glue, jdbc, hadoop", REMEDY],
    ),
    "one subnet": (
        {**AWS, "awsVpcId": "vpc-0123456789abcdef0", "awsPrivateSubnetIds": "subnet-0123456789abcdef0"},
        ["lakehouse:awsPrivateSubnetIds", "is not enough for awsVpcId", "at least two private subnets", REMEDY],
    ),
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
    created = r"^\s*\+ +(docker|random|aws|kubernetes):"
    assert not re.search(created, done.text, re.MULTILINE), f"something would be created:\n{done.text}"
    return done.text


@pytest.mark.parametrize("case", CASES)
def test_setting_is_refused(bad: Pulumi, case: str) -> None:
    changes, parts = CASES[case]
    text = refused(bad, changes)
    for part in parts:
        assert part in text, text


def test_stack_aws_says_what_it_must_be_told(bad: Pulumi) -> None:
    """The committed settings of the stack aws, as `pulumi preview --stack aws` reads them."""
    lines = (paths.ROOT / "Pulumi.aws.yaml").read_text("utf-8").splitlines()
    committed = dict(line.strip().split(": ", 1) for line in lines if line.startswith("  lakehouse:"))
    text = refused(bad, {key.removeprefix("lakehouse:"): value for key, value in committed.items()})
    assert "3 settings are wrong" in text
    for key in ("region", "owner", "awsApiAccess"):
        assert f"lakehouse:{key} is not set" in text


def test_no_credentials_for_aws(bad: Pulumi, tmp_path: Path) -> None:
    """Nobody's keys, profile or role: as on a machine that never spoke to AWS, whatever the one of the run holds."""
    own = [name for name in os.environ if name.startswith("AWS_")]
    nobody = {
        **dict.fromkeys(own, ""),
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    text = refused(Pulumi(bad.stack, env=nobody), AWS)
    assert "No AWS credentials for the target aws" in text
    assert "AWS_PROFILE" in text


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
