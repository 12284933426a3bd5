"""Services that crash come back by themselves, and the platform works on."""

from __future__ import annotations

from support import docker, paths
from support.airflow import Airflow
from support.process import wait_until

# One of each kind; what depends on them has to cope.
VICTIMS = ("postgres", "minio", "spark-master", "spark-worker-1", "airflow-scheduler", "dbt")


def test_crashed_services_are_restarted(airflow: Airflow) -> None:
    before = {service: docker.restarts(service) for service in VICTIMS}
    for service in VICTIMS:
        docker.crash(service)
    for service in VICTIMS:
        wait_until(f"the restart of {service}", lambda one=service: docker.restarts(one) > before[one], 60)
    docker.wait_healthy(paths.SERVICES | paths.workers(1), 240)
    # All of it was needed for this.
    with airflow.paused("dbt_dag"):
        airflow.run("spark_iceberg_dag", "after-crash")
    airflow.run("empty_dag", "after-crash")
