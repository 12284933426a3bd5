"""Spark drivers in the containers that are made for them."""

from __future__ import annotations

from pathlib import Path

from support import docker
from support.process import Done, run

SUPPORT = Path(__file__).parent


def spark_sql(text: str) -> str:
    """Run statements in dbt's container; what they show."""
    # Without Hive, which would start a database; the project's directory is read-only.
    inside = ("exec", "--workdir", "/tmp", docker.name("dbt"))
    conf = ("--conf", "spark.sql.catalogImplementation=in-memory", "--conf", "spark.eventLog.enabled=false")
    return docker.docker(*inside, "spark-sql", "--master", "local[1]", *conf, "-e", text)


def submit(service: str, script: str, *arguments: str) -> Done:
    """Run a script of this directory in a container, with a Spark of its own, to its end."""
    command = ["sh", "-c", 'cat >"/tmp/$0" && exec spark-submit --master "local[2]" "/tmp/$0" "$@"', script]
    return run(
        ["docker", "exec", "--interactive", docker.name(service), *command, *arguments],
        timeout=600,
        input_text=(SUPPORT / script).read_text(encoding="utf-8"),
    )
