"""No secret stands where somebody could read it who should not."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from support import docker, paths
from support.airflow import PIPELINES, Airflow
from support.pulumi import Pulumi
from support.secrets import found_in, generated, made_inside


@pytest.fixture(scope="module")
def secrets(pulumi: Pulumi) -> dict[str, str]:
    """Every secret of the stack."""
    found = {**generated(pulumi), **made_inside()}
    # Postgres twice, MinIO twice, Spark, Airflow three times; three keys.
    assert len(found) >= 11, sorted(found)
    assert all(len(value) >= 20 for value in found.values()), sorted(found)
    return found


def test_they_can_be_found_at_all(secrets: dict[str, str]) -> None:
    """The search itself works: the containers' environment is where the secrets are meant to be."""
    environment = json.dumps([each["Config"]["Env"] for each in docker.containers().values()])
    assert len(found_in(secrets, {"env": environment})) == len(secrets) - 3


def test_not_in_logs(secrets: dict[str, str]) -> None:
    assert found_in(secrets, {service: docker.logs(service) for service in docker.containers()}) == []


def test_not_in_images(secrets: dict[str, str]) -> None:
    images = {each["Image"] for each in docker.containers().values()}
    assert len(images) == 5
    texts = {}
    for image in images:
        texts[f"history of {image}"] = docker.docker("history", "--no-trunc", "--format", "{{json .}}", image)
        texts[f"settings of {image}"] = docker.docker("image", "inspect", image)
    assert found_in(secrets, texts) == []


def test_no_key_files_in_images() -> None:
    """Keys are made per stack: an image must not bring any."""
    for service in ("dbt", "airflow-scheduler", "postgres"):
        code, text = docker.run_once(
            docker.image_of(service),
            *("find", "/", "-xdev", "-type", "f"),
            *("(", "-name", "ssh_host_*_key", "-o", "-name", "id_*", "-path", "*ssh*"),
            *("-o", "-path", "/keys/*", "-o", "-path", "/opt/ca/*", "-o", "-name", "fernet.key", ")"),
            options=("--user", "0", "--cap-add", "DAC_READ_SEARCH"),
        )
        assert (code, text) == (0, ""), service


def test_not_on_command_lines(secrets: dict[str, str]) -> None:
    texts = {}
    for service, each in docker.containers().items():
        texts[f"command of {service}"] = json.dumps([each["Path"], each["Args"], each["Config"]["Labels"]])
        if each["State"]["Running"]:
            texts[f"processes of {service}"] = docker.docker("top", docker.name(service), "-eo", "pid,args")
    assert found_in(secrets, texts) == []


def test_not_in_rendered_files(secrets: dict[str, str]) -> None:
    services = [*paths.workers(2), paths.CONNECT, "spark-master", "spark-history", "dbt", "airflow-scheduler"]
    texts = {one: docker.execute(one, "cat", "/opt/spark/conf/spark-defaults.conf") for one in services}
    assert all("spark.master" in text for text in texts.values())
    assert found_in(secrets, texts) == []


def test_not_in_airflow(secrets: dict[str, str], airflow: Airflow) -> None:
    """Neither in XCom, nor in rendered fields, nor in the tasks' logs."""
    texts = {}
    for dag, task in PIPELINES.items():
        for run in airflow.runs(dag):
            where = f"{dag} {run}"
            texts[f"run {where}"] = json.dumps(airflow.get(f"/dags/{dag}/dagRuns/{quote(run)}"))
            texts[f"tasks of {where}"] = json.dumps(airflow.tasks(dag, run))
            texts[f"XCom of {where}"] = json.dumps(airflow.xcoms(dag, run, task))
            texts[f"log of {where}"] = airflow.log(dag, run, task)
    assert any("rendered_fields" in text for text in texts.values())
    assert found_in(secrets, texts) == []


def test_not_on_spark_pages(secrets: dict[str, str], outputs: dict[str, Any]) -> None:
    """The environment of an application, which its event log holds too, and the master's page."""
    history = f"{outputs['sparkHistoryUrl']}/api/v1/applications"
    texts = {"master": httpx.get(outputs["sparkMasterUrl"], timeout=30).text}
    applications = httpx.get(history, timeout=30).json()
    for each in applications:
        answer = httpx.get(f"{history}/{each['id']}/environment", timeout=60)
        texts[f"environment of {each['name']}"] = answer.text
    # What runs is not in the history.
    (live,) = httpx.get(f"{outputs['sparkMasterUrl']}/json/", timeout=30).json()["activeapps"]
    page = httpx.get(f"{outputs['sparkMasterUrl']}/proxy/{live['id']}/environment/", timeout=60)
    assert page.status_code == 200
    texts[f"environment of {live['name']}"] = page.text
    assert all("spark.authenticate" in text for name, text in texts.items() if name != "master")
    assert found_in(secrets, texts) == []


def test_not_in_pulumi_state(secrets: dict[str, str], pulumi: Pulumi) -> None:
    texts = {
        str(file.relative_to(paths.STATE)): file.read_text("utf-8", errors="replace")
        for file in paths.STATE.rglob("*")
        if file.is_file()
    }
    assert any(f"urn:pulumi:{paths.STACK}::" in text for text in texts.values())
    texts["settings"] = pulumi.settings_file.read_text("utf-8")
    texts["outputs"] = json.dumps(pulumi.outputs(show_secrets=False))
    texts["export"] = json.dumps(pulumi.export())
    for file in paths.OUT.glob("*/*.log"):
        texts[file.name] = file.read_text("utf-8")
    assert found_in(secrets, texts) == []
