"""Spark Connect: plain PySpark on this machine, outside of every container, works on the tables; with the token."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import Any

import httpx
import pytest

from support import docker, paths
from support.customers import expected
from support.process import Done, run, wait_until

# What clients share: the README's example, which takes the address and the token from this variable.
EXAMPLE = re.search(r"```python\n(from pyspark.*?)```", (paths.ROOT / "README.md").read_text("utf-8"), re.DOTALL)


def client(remote: str, program: str) -> Done:
    """Run a program as a user does, in a Python of its own, without a Spark of this machine."""
    env = {key: value for key, value in os.environ.items() if not key.startswith(("SPARK_", "PYSPARK_"))}
    return run([sys.executable, "-c", program], env={**env, "SPARK_REMOTE": remote}, check=False, timeout=180)


def remote(outputs: dict[str, Any]) -> str:
    """The address with the token."""
    return f"{outputs['sparkConnectUrl']}/;token={outputs['sparkConnectToken']}"


def application(outputs: dict[str, Any]) -> dict[str, Any]:
    """What the master tells of the server's application."""
    state = httpx.get(f"{outputs['sparkMasterUrl']}/json/", timeout=30).json()
    (found,) = [each for each in state["activeapps"] if each["name"] == paths.CONNECT]
    return found


def test_listens_on_this_machine_only() -> None:
    ports = docker.inspect(paths.CONNECT)["NetworkSettings"]["Ports"]
    port = str(paths.PORTS["sparkConnect"] + paths.PORT_OFFSET)
    assert {inside: bound for inside, bound in ports.items() if bound} == {
        "15002/tcp": [{"HostIp": "127.0.0.1", "HostPort": port}]
    }


@pytest.mark.services(paths.CONNECT)
def test_example_of_the_documentation(outputs: dict[str, Any]) -> None:
    assert EXAMPLE, "The README has no example of a client."
    done = client(remote(outputs), EXAMPLE[1])
    assert done.code == 0, done.text[-3000:]
    for row in expected(paths.SAMPLE).countries.sort_by([("customer_count", "descending")]).slice(0, 3).to_pylist():
        assert re.search(rf"\|\s*{re.escape(row['country'])}\s*\|\s*{row['customer_count']}\s*\|", done.stdout), (
            done.stdout
        )


@pytest.mark.services(paths.CONNECT)
def test_client_writes_a_table(outputs: dict[str, Any]) -> None:
    """What one client creates, another finds: the table is in the catalog, the rows are in the store."""
    write = "spark.range(1000).writeTo('raw.of_client').create()"
    read = "print('ROWS', spark.table('lakehouse.raw.of_client').count()); spark.sql('drop table raw.of_client purge')"
    for statement in (write, read):
        done = client(remote(outputs), f"{SESSION}\n{statement}")
        assert done.code == 0, done.text[-3000:]
    assert "ROWS 1000" in done.stdout


SESSION = "from pyspark.sql import SparkSession\nspark = SparkSession.builder.getOrCreate()"


@pytest.mark.parametrize(
    ("token", "message"),
    [("", "No authentication token provided"), ("/;token=wrong", "Invalid authentication token")],
)
def test_strangers_are_refused(outputs: dict[str, Any], token: str, message: str) -> None:
    done = client(f"{outputs['sparkConnectUrl']}{token}", f"{SESSION}\nprint(spark.range(1).count())")
    assert done.code != 0
    assert message in done.text, done.text[-3000:]


@pytest.mark.services(paths.CONNECT)
def test_idle_server_holds_no_cores(outputs: dict[str, Any]) -> None:
    """Soon after the last query, which had some, the workers are free for the pipelines."""
    program = (
        f"{SESSION}\nimport sys\nspark.range(1000).repartition(2).count(); print('READY', flush=True); sys.stdin.read()"
    )
    env = {**os.environ, "SPARK_REMOTE": remote(outputs)}
    with subprocess.Popen(
        [sys.executable, "-c", program], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as session:
        assert session.stdout.readline() == "READY\n"
        assert application(outputs)["cores"] > 0
        wait_until("the server to give its cores back", lambda: application(outputs)["cores"] == 0, 120, every=1)
        session.communicate("")


@pytest.mark.services(paths.CONNECT, "spark-master")
def test_is_there_again_after_a_crash_of_the_master(outputs: dict[str, Any]) -> None:
    """A new master does not know the old one's applications; the server notices and starts anew."""
    before = {service: docker.restarts(service) for service in ("spark-master", paths.CONNECT)}
    docker.crash("spark-master")
    for service, count in before.items():
        wait_until(f"the restart of {service}", lambda one=service, old=count: docker.restarts(one) > old, 120)
    docker.wait_healthy({"spark-master", paths.CONNECT, *paths.workers(2)}, 180)
    done = client(remote(outputs), f"{SESSION}\nprint('ROWS', spark.table('raw.customers').count())")
    assert f"ROWS {expected(paths.SAMPLE).written}" in done.stdout, done.text[-3000:]
