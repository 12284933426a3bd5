"""Who is let in, and who is not: Spark's messages, the dbt server, the object store, Airflow's API."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from support import docker, paths
from support.lake import Lake

PROBE = """
import sys
from pyspark.sql import SparkSession
spark = SparkSession.builder.appName("probe").getOrCreate()
print("SUM", spark.sparkContext.parallelize(range(10), 1).sum())
spark.stop()
"""
# The platform's own settings without those that need the object store.
SUBMIT = f"""
cat >/tmp/probe.py <<'PY'{PROBE}PY
exec spark-submit --master spark://spark-master:7077 --conf spark.driver.host="$(hostname -i)" \
    --conf spark.executor.memory=512m --conf spark.cores.max=1 "$@" /tmp/probe.py
"""
AUTHENTICATED = ("--conf", "spark.authenticate=true", "--conf", "spark.network.crypto.enabled=true")


def submit(options: tuple[str, ...], env: dict[str, str]) -> tuple[int, str]:
    """Submit a small job from a container that is not part of the platform but on its network."""
    return docker.run_once(
        docker.image_of("spark-master"),
        # The image's own start, which hands the secret to the driver.
        *("/opt/lakehouse/entrypoint", "sh", "-c", SUBMIT, "sh", *options),
        env=env,
        options=("--network", paths.PREFIX, "--memory", "1g"),
        timeout=240,
    )


@pytest.mark.services("spark-master")
def test_spark_refuses_clients_without_the_secret() -> None:
    """One without any, one with another; a client gives up after a minute. With the secret, the same client works."""
    environment = docker.environment("spark-master")
    clients = {
        "none": ((), {}),
        "wrong": (AUTHENTICATED, {"_SPARK_AUTH_SECRET": "not-the-secret"}),
        "right": (AUTHENTICATED, {"_SPARK_AUTH_SECRET": environment["_SPARK_AUTH_SECRET"]}),
    }
    with ThreadPoolExecutor() as pool:
        ended = dict(zip(clients, pool.map(lambda client: submit(*client), clients.values()), strict=True))
    for client in ("none", "wrong"):
        code, text = ended[client]
        assert (code != 0, "SUM 45" in text) == (True, False), f"{client}: {text[-3000:]}"
        assert "All masters are unresponsive" in text, f"{client}: {text[-3000:]}"
    code, text = ended["right"]
    assert (code, "SUM 45" in text) == (0, True), text[-3000:]


def ssh(*arguments: str) -> tuple[int, str]:
    """Connect to the dbt server as Airflow does, with Airflow's key and what it knows of the server's."""
    return docker.run_once(
        docker.image_of("dbt"),
        *("ssh", "-p", "2222", "-i", "/client/id_ed25519", "-o", "IdentitiesOnly=yes"),
        *("-o", "UserKnownHostsFile=/client/known_hosts", "-o", "StrictHostKeyChecking=yes", "-o", "BatchMode=yes"),
        *arguments,
        options=("--network", paths.PREFIX, "--volume", f"{docker.name('airflow-keys')}:/client:ro"),
    )


def test_dbt_command_is_accepted() -> None:
    code, text = ssh("lakehouse@dbt", "dbt ls --resource-type model --quiet")
    assert code == 0, text
    assert "customers_by_country" in text


@pytest.mark.parametrize(
    "command",
    [
        "id",
        "cat /run/lakehouse/env",
        "dbt ls; id",
        "dbt run-operation anything",
        "/bin/sh -c id",
        "DBT=1 dbt ls",
        "dbt ls --profiles-dir /tmp",
        "dbt",
        "internal-sftp",
    ],
)
def test_other_commands_are_refused(command: str) -> None:
    code, text = ssh("lakehouse@dbt", command)
    assert code == 126, text
    assert "refused:" in text
    assert "uid=" not in text
    assert "AWS_" not in text


def test_no_shell_without_a_command() -> None:
    code, text = ssh("lakehouse@dbt")
    assert code == 126, text
    assert "refused:" in text


def test_nothing_after_a_dbt_command_is_run() -> None:
    _, text = ssh("lakehouse@dbt", "dbt ls && id && $(id) `id`")
    assert "uid=" not in text, text


def test_no_forwarding() -> None:
    code, text = ssh("-W", "minio:9000", "lakehouse@dbt")
    assert code != 0
    assert "prohibited" in text, text


@pytest.mark.parametrize("method", ["password", "keyboard-interactive"])
def test_password_login_is_off(method: str) -> None:
    code, text = ssh("-v", "-o", f"PreferredAuthentications={method}", "lakehouse@dbt", "dbt ls")
    assert code == 255
    assert "Authentications that can continue: publickey\n" in text.replace("\r", ""), text
    assert "Permission denied (publickey)" in text


@pytest.mark.parametrize("user", ["root", "nobody"])
def test_other_users_are_refused(user: str) -> None:
    code, text = ssh(f"{user}@dbt", "dbt ls")
    assert code == 255, text
    assert "Permission denied" in text


def test_other_keys_are_refused() -> None:
    script = """
        ssh-keygen -q -t ed25519 -N '' -f /tmp/key
        exec ssh -p 2222 -i /tmp/key -o IdentitiesOnly=yes -o UserKnownHostsFile=/client/known_hosts \
            -o BatchMode=yes lakehouse@dbt dbt ls
    """
    code, text = docker.run_once(
        docker.image_of("dbt"),
        *("sh", "-c", script),
        options=("--network", paths.PREFIX, "--volume", f"{docker.name('airflow-keys')}:/client:ro"),
    )
    assert code == 255, text
    assert "Permission denied" in text


def test_platform_user_may_do_no_more_than_needed(lake: Lake) -> None:
    """It reads the examples and works in the lake; it makes no bucket and changes no example."""
    assert lake.store.get_file_info("examples/customers-100000.csv").size > 0
    for attempt in (
        lambda: lake.store.open_output_stream("examples/stranger.csv").close(),
        lambda: lake.store.delete_file("examples/customers-100000.csv"),
        lambda: lake.client(allow_bucket_creation=True).create_dir("stranger"),
    ):
        with pytest.raises(OSError, match=r"(?i)access.?denied"):
            attempt()
    assert lake.store.get_file_info("examples/customers-100000.csv").size > 0


def test_object_store_refuses_strangers(outputs: dict[str, Any]) -> None:
    assert httpx.get(f"{outputs['s3Endpoint']}/lakehouse/", timeout=30).status_code == 403


def test_airflow_refuses_strangers(outputs: dict[str, Any]) -> None:
    url = outputs["airflowUrl"]
    assert httpx.get(f"{url}/api/v2/dags", timeout=30).status_code == 401
    wrong = {"username": outputs["airflowUser"], "password": "wrong"}
    assert httpx.post(f"{url}/auth/token", json=wrong, timeout=30).status_code == 401
