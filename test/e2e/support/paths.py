"""Names and places that the tests agree on."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
OUT = ROOT / "test" / "artefacts" / "e2e"
# Pulumi's state and passphrase of the run: apart from the user's, and gone afterwards.
STATE = Path(os.environ.get("E2E_STATE", OUT / "state"))
SAMPLE = ROOT / "data" / "customers-100000.csv"

# Stacks of test/e2e/run: the one under test, and one that never comes up.
STACK = os.environ.get("E2E_STACK", "e2e")
BAD_STACK = f"{STACK}-bad"
# All ports stay below 32768: from there on Linux hands them out to outgoing connections, of any program.
PORT_OFFSET = int(os.environ.get("E2E_PORT_OFFSET", "12000"))
BAD_PORT_OFFSET = PORT_OFFSET + 20
PREFIX = f"lakehouse-{STACK}"
LABEL = f"lakehouse.stack={STACK}"

PORTS = {
    "airflow": 8080,
    "sparkMaster": 8081,
    "s3": 9000,
    "s3Console": 9001,
    "sparkConnect": 15002,
    "sparkHistory": 18080,
}
VOLUMES = {"postgres", "minio", "glue", "airflow-logs", "airflow-keys", "dbt-keys"}
INIT_STEPS = {"minio-init", "keys-init", "airflow-init"}
SERVICES = {
    "postgres",
    "minio",
    "spark-master",
    "spark-history",
    "dbt",
    "airflow-api-server",
    "airflow-scheduler",
    "airflow-dag-processor",
    "airflow-triggerer",
}
# Runs from test_60 on.
CONNECT = "spark-connect"


def workers(count: int) -> set[str]:
    """Names of the Spark workers of a stack."""
    return {f"spark-worker-{number}" for number in range(1, count + 1)}
