"""The maintenance job without Airflow, and what only a table's files in the store show."""

from __future__ import annotations

import json
from typing import Any

import boto3

from support import docker
from support.lake import Lake

RETENTION = ("--snapshot-retention-days", "5", "--snapshots-kept", "1", "--orphan-retention-days", "3")
# What makes a table's snapshots expire as soon as the next one is there.
EXPIRE_ALL = "'history.expire.max-snapshot-age-ms'='1'"


def maintain(*arguments: str, conf: dict[str, str] | None = None, catalog: str = "lakehouse") -> dict[str, Any]:
    """Run the job in the scheduler's container, with a Spark of its own; reports by table.

    :raises AssertionError: the job failed; with what it printed
    """
    settings = [word for key, value in (conf or {}).items() for word in ("--conf", f"{key}={value}")]
    printed = docker.docker(
        *("exec", docker.name("airflow-scheduler")),
        *("spark-submit", "--master", "local[2]", *settings, "/opt/airflow/dags/spark/table_maintenance_job.py"),
        *("--catalog", catalog, *RETENTION, *arguments, "--report", "/dev/stdout"),
        timeout=600,
    )
    return json.loads(printed.splitlines()[-1])["tables"]


def files(lake: Lake, location: str, suffix: str = "") -> set[str]:
    """All files below a table's location that end in a suffix."""
    return {path for path in lake.objects(location.split("://")[1]) if path.endswith(suffix)}


def plant(outputs: dict[str, Any], path: str, modified: str) -> None:
    """Put a file into the store as if it had been written at a time, such as 2026-01-31T12:00:00Z.

    Only MinIO's root user may name the time, as in a replication from another store.
    """
    environment = docker.environment("minio")
    client = boto3.client(
        "s3",
        endpoint_url=outputs["s3Endpoint"],
        aws_access_key_id=environment["MINIO_ROOT_USER"],
        aws_secret_access_key=environment["MINIO_ROOT_PASSWORD"],
        region_name="us-east-1",
    )

    def replicate(request: Any, **_: object) -> None:
        request.headers["X-Minio-Source-Replication-Request"] = "true"
        request.headers["X-Minio-Source-Mtime"] = modified

    client.meta.events.register("before-sign.s3.PutObject", replicate)
    bucket, _, key = path.partition("/")
    client.put_object(Bucket=bucket, Key=key, Body=b"left by a writer that died")
    shown = client.head_object(Bucket=bucket, Key=key)["LastModified"]
    assert shown.isoformat().startswith(modified[:10]), shown
