"""Several drivers on one table at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from support.drivers import spark_sql, submit
from support.lake import Lake
from support.maintenance import EXPIRE_ALL, files, maintain

NAME = "raw.concurrent"
TABLE = f"lakehouse.{NAME}"
# Of each appender, in a commit each; concurrent_writers.py says so too.
ROWS = 5


def check_concurrent_writers(lake: Lake, also: str = "select 1") -> str:
    """Let ten appenders and a merge, half of them in another driver, write one table: nothing is lost or doubled.

    Then maintain the table that they leave.

    :param also: SQL to run in the last session of Spark; what it shows is returned
    """
    # A conflict is to be tried again until it passes; the merge does not mind rows that others add meanwhile.
    properties = f"{EXPIRE_ALL}, 'commit.retry.num-retries'='200', 'commit.retry.max-wait-ms'='500', "
    properties += "'write.merge.isolation-level'='snapshot'"
    spark_sql(
        f"create table {TABLE} (id bigint, marked boolean) using iceberg tblproperties ({properties}); "
        f"insert into {TABLE} select id, false from range(100)"
    )
    halves = {"airflow-scheduler": ["1", "2", "3", "4", "5", "merge"], "dbt": ["6", "7", "8", "9", "10"]}
    with ThreadPoolExecutor(len(halves)) as pool:
        list(pool.map(lambda service: submit(service, "concurrent_writers.py", TABLE, *halves[service]), halves))
    wanted = dict.fromkeys(range(101), True)
    wanted.update((1000 * writer + row, False) for writer in range(1, 11) for row in range(ROWS))
    assert rows(lake) == sorted(wanted.items())
    found = lake.table(*NAME.split("."))
    # One for the first rows, one for each commit of an appender, one for the merge.
    assert len(found.snapshots()) == 1 + 10 * ROWS + 1
    # Time travel to the first of them, with PyIceberg and with Spark.
    first = found.snapshots()[0].snapshot_id
    assert rows(lake, first) == [(number, False) for number in range(100)]
    shown = spark_sql(f"select 'first=' || count(*) || ',' || sum(id) from {TABLE} version as of {first}; {also}")
    assert f"first=100,{sum(range(100))}" in shown
    check_maintenance(lake, sorted(wanted.items()))
    return shown


def check_maintenance(lake: Lake, wanted: list[tuple[int, bool]]) -> None:
    """Maintain the table of the concurrent writers: one file, one snapshot, the same rows; then drop it."""
    report = maintain("--table", NAME)[NAME]
    assert report["before"]["files"] > 10 * ROWS
    assert (report["after"]["files"], report["after"]["manifests"], report["after"]["snapshots"]) == (1, 1, 1)
    assert rows(lake) == wanted
    assert len(files(lake, lake.table(*NAME.split(".")).location(), ".parquet")) == 1
    spark_sql(f"drop table {TABLE} purge")


def rows(lake: Lake, snapshot: int | None = None) -> list[tuple[int, bool]]:
    """All rows of the table, now or then."""
    found = lake.table(*NAME.split(".")).scan(snapshot_id=snapshot).to_arrow().to_pydict()
    return sorted(zip(found["id"], found["marked"], strict=True))
