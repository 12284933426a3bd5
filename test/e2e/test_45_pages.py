"""The web pages, as a person and a browser see them."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect, sync_playwright

from support import paths
from support.airflow import PIPELINES
from support.process import wait_until

DAG = "duck_db_dag"
RUN = "sample"
SCREENSHOTS = paths.ROOT / "test" / "artefacts"


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    """A page of a headless browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("google-chrome"),
            # Its own sandbox does not work for root, and containers have little shared memory.
            args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
        )
        tab = browser.new_page(viewport={"width": 1440, "height": 900})
        tab.set_default_timeout(60_000)
        yield tab
        browser.close()


def test_wrong_password_is_refused(page: Page, outputs: dict[str, Any]) -> None:
    log_in(page, outputs, "wrong")
    expect(page.locator("body")).to_contain_text("Invalid login")
    assert "/login" in page.url


def test_finished_run_and_its_log(page: Page, outputs: dict[str, Any]) -> None:
    """Log in with the generated password, open a finished run, then its task's log."""
    log_in(page, outputs, outputs["airflowPassword"])
    page.wait_for_url(lambda url: "/login" not in url)

    page.goto(f"{outputs['airflowUrl']}/dags/{DAG}/runs/{RUN}")
    expect(page.locator("body")).to_contain_text(re.compile("success", re.IGNORECASE), timeout=60_000)
    expect(page.locator("body")).to_contain_text(PIPELINES[DAG])
    page.screenshot(path=SCREENSHOTS / "airflow-run.png")

    page.goto(f"{outputs['airflowUrl']}/dags/{DAG}/runs/{RUN}/tasks/{PIPELINES[DAG]}")
    expect(page.locator("body")).to_contain_text("Read 100000 rows of s3://examples/", timeout=60_000)
    page.screenshot(path=SCREENSHOTS / "airflow-task-log.png")


def log_in(page: Page, outputs: dict[str, Any], password: str) -> None:
    """Fill in the login page and send it."""
    page.goto(outputs["airflowUrl"])
    page.locator("input[name=username]").fill(outputs["airflowUser"])
    page.locator("input[name=password]").fill(password)
    page.locator("input[type=submit], button[type=submit]").first.click()


@pytest.mark.services("spark-history")
def test_history_server_lists_the_applications(outputs: dict[str, Any]) -> None:
    """Every Spark run so far, finished."""

    def finished() -> bool:
        listed = httpx.get(f"{outputs['sparkHistoryUrl']}/api/v1/applications", timeout=30).json()
        completed = [each["name"] for each in listed if each["attempts"][-1]["completed"]]
        # With the user's file, then with the sample, spark_job_dag twice.
        loads = [completed.count(f"{dag}.{PIPELINES[dag]}") for dag in ("spark_job_dag", "spark_iceberg_dag")]
        return loads == [3, 2] and completed.count("dbt") >= 2

    wait_until("the history server to list the finished applications", finished, 60)


def test_master_lists_the_workers(outputs: dict[str, Any]) -> None:
    state = httpx.get(f"{outputs['sparkMasterUrl']}/json/", timeout=30).json()
    assert [(worker["host"], worker["state"]) for worker in state["workers"]] == [("spark-worker-1", "ALIVE")]
    assert state["activeapps"] == []


def test_master_takes_no_submissions_over_rest(outputs: dict[str, Any]) -> None:
    state = httpx.get(f"{outputs['sparkMasterUrl']}/json/", timeout=30).json()
    assert not state.get("resturl"), state
