"""TPC-H at scale factor 1: Spark, on Iceberg tables, answers each of the 22 queries as DuckDB does on the same data."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import pytest

from support import docker, paths
from support.lake import Lake
from support.process import run
from support.pulumi import Pulumi
from support.tpch import differences

BENCH = paths.ROOT / "tools" / "bench"
BUCKET_PREFIX = "lakehouse/tpch"
NAMESPACE = "tpch"
SUBMIT = (
    'cat >/tmp/tpch.py && exec spark-submit --driver-memory "$LAKEHOUSE_DRIVER_MEMORY"'
    ' --conf spark.driver.host="$LAKEHOUSE_DRIVER_HOST" /tmp/tpch.py "$@"'
)


@pytest.fixture(scope="module")
def answers(pulumi: Pulumi) -> dict[str, dict[str, Any]]:
    """Spark's rows of each query, from one session on the cluster."""
    outputs = pulumi.outputs()
    store = {
        "S3_ENDPOINT": outputs["s3Endpoint"],
        "AWS_ACCESS_KEY_ID": outputs["s3AccessKey"],
        "AWS_SECRET_ACCESS_KEY": outputs["s3SecretKey"],
    }
    generate = [sys.executable, str(BENCH / "tpch_data.py"), f"s3://{BUCKET_PREFIX}"]
    run(generate, env={**os.environ, **store}, timeout=300)
    return submit("load", "query")["query"]


def submit(*steps: str) -> dict[str, Any]:
    """Run steps of the job in dbt's container, which is a driver; its report."""
    command = ["docker", "exec", "--interactive", docker.name("dbt"), "sh", "-c", SUBMIT, "sh"]
    job = (BENCH / "tpch_job.py").read_text(encoding="utf-8")
    done = run([*command, f"s3a://{BUCKET_PREFIX}", f"lakehouse.{NAMESPACE}", *steps], timeout=800, input_text=job)
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("number", range(1, 23))
def test_answer(answers: dict[str, dict[str, Any]], lake: Lake, number: int) -> None:
    wanted = lake.parquet(f"{BUCKET_PREFIX}/answers/{number}.parquet").to_pylist()
    assert differences(answers[str(number)]["rows"], wanted) == []


def test_nothing_is_left(answers: dict[str, dict[str, Any]], lake: Lake) -> None:
    tables = f"lakehouse/warehouse/{lake.catalog_type}/{NAMESPACE}"
    assert lake.objects(tables)
    submit("drop")
    assert lake.objects(tables) == lake.objects(BUCKET_PREFIX) == []
    assert (NAMESPACE,) not in lake.catalog().list_namespaces()
