"""The pipelines on the generated sample of 100,000 rows, in the hadoop catalog; twice, as a second run adds nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from support import docker, paths
from support.airflow import Airflow
from support.customers import expected
from support.lake import Lake
from support.pulumi import Pulumi
from support.results import check_engines, check_reports, check_tables, run_all
from support.settings import settings


def test_failed_init_step_fails_the_update(pulumi: Pulumi, small_file: Path) -> None:
    """A file that the containers' user may not read: the update says which step failed, and why."""
    private = paths.OUT / "private.csv"
    private.write_bytes(small_file.read_bytes())
    private.chmod(0o600)
    pulumi.configure(settings(samplePath=private))
    done = pulumi.up(check=False)
    assert done.code != 0
    assert f"The step {docker.name('minio-init')} failed with exit code" in done.text
    assert "ermission denied" in done.text


@pytest.mark.gate
def test_back_to_the_sample(pulumi: Pulumi) -> None:
    """The mistake mended, the next update goes on."""
    pulumi.configure(settings())
    pulumi.up()
    pulumi.preview("--expect-no-changes")


def test_sample_is_what_it_should_be() -> None:
    """100,000 rows, a few hundred flaws of every kind, and names from everywhere."""
    wanted = expected(paths.SAMPLE)
    assert wanted.written + sum(wanted.rejected.values()) == 100_000
    assert 200 <= sum(wanted.rejected.values()) <= 900
    assert all(wanted.rejected.values()), wanted.rejected
    text = paths.SAMPLE.read_text("utf-8")
    assert not text.isascii()
    assert any(',"' in line and ", " in line for line in text.splitlines()[:2000]), "no quoted commas"


@pytest.mark.gate
@pytest.mark.services("airflow-scheduler", "spark-worker-1", "dbt")
def test_pipelines(airflow: Airflow) -> None:
    check_reports(run_all(airflow, "sample"), paths.SAMPLE)


def test_tables(lake: Lake, small_file: Path) -> None:
    check_tables(lake, paths.SAMPLE)
    check_engines(paths.SAMPLE, "hadoop")
    # Time travel: what the user's own file led to.
    customers = lake.table("raw", "customers")
    first = customers.scan(snapshot_id=customers.metadata.snapshots[0].snapshot_id).to_arrow()
    assert len(first) == expected(small_file).written


@pytest.mark.gate
@pytest.mark.services("airflow-scheduler", "spark-worker-1", "dbt")
def test_second_run_gives_the_same(airflow: Airflow, lake: Lake) -> None:
    """Without Iceberg; the pipelines with it run again in test_52_quality.py."""
    check_reports(airflow.run_all(("spark_job_dag", "duck_db_dag"), "sample-again"), paths.SAMPLE)
    check_tables(lake, paths.SAMPLE)
