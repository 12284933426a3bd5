"""Several drivers on one table at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from support import docker
from support.lake import Lake
from support.process import run

WRITERS = Path(__file__).parent / "concurrent_writers.py"
SUBMIT = 'cat >/tmp/writers.py && exec spark-submit --master "local[2]" /tmp/writers.py "$@"'


def check_concurrent_writers(lake: Lake, also: str = "select 1") -> str:
    """Let ten appenders and a merge, half of them in another driver, write one table: nothing is lost or doubled.

    :param also: SQL to run in the last session of Spark; what it shows is returned
    """
    table = "lakehouse.raw.concurrent"
    # A conflict is to be tried again until it passes; the merge does not mind rows that others add meanwhile.
    properties = "'commit.retry.num-retries'='200', 'commit.retry.max-wait-ms'='500', "
    properties += "'write.merge.isolation-level'='snapshot'"
    spark_sql(
        f"create table {table} (id bigint, marked boolean) using iceberg tblproperties ({properties}); "
        f"insert into {table} select id, false from range(100)"
    )
    halves = {"airflow-scheduler": ["1", "2", "3", "4", "5", "merge"], "dbt": ["6", "7", "8", "9", "10"]}
    with ThreadPoolExecutor(len(halves)) as pool:
        list(pool.map(lambda service: write_concurrently(service, table, halves[service]), halves))
    found = lake.table("raw", "concurrent")
    rows = found.scan().to_arrow().to_pydict()
    wanted = dict.fromkeys(range(101), True)
    wanted.update((1000 * writer + row, False) for writer in range(1, 11) for row in range(10))
    assert len(rows["id"]) == len(wanted)
    assert dict(zip(rows["id"], rows["marked"], strict=True)) == wanted
    # One for the first rows, one for each commit of an appender, one for the merge.
    assert len(found.snapshots()) == 1 + 10 * 10 + 1
    # Time travel to the first of them, with PyIceberg and with Spark.
    first = found.snapshots()[0].snapshot_id
    assert sorted(found.scan(snapshot_id=first).to_arrow()["id"].to_pylist()) == list(range(100))
    travel = f"select 'first=' || count(*) || ',' || sum(id) from {table} version as of {first}"
    shown = spark_sql(f"{travel}; drop table {table} purge; {also}")
    assert f"first=100,{sum(range(100))}" in shown
    return shown


def spark_sql(text: str) -> str:
    """Run statements in dbt's container, which is a driver; what they show."""
    return docker.execute("dbt", "spark-sql", "--master", "local[1]", "-e", text)


def write_concurrently(service: str, table: str, writers: list[str]) -> None:
    """Run some of the writers in a container."""
    run(
        ["docker", "exec", "--interactive", docker.name(service), "sh", "-c", SUBMIT, "sh", table, *writers],
        timeout=600,
        input_text=WRITERS.read_text(encoding="utf-8"),
    )
