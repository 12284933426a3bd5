"""Maintenance of real Iceberg tables, on the local file system."""

import json
import os
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

import table_maintenance_job
from table_maintenance import (
    MaintenanceError,
    Policy,
    find_shared,
    list_tables,
    load,
    maintain,
    maintain_all,
    refuse_foreign_commits,
)

CATALOG = "maintained"
POLICY = Policy(snapshot_days=5, snapshots_kept=1, orphan_days=3)
DRY_RUN = Policy(snapshot_days=5, snapshots_kept=1, orphan_days=3, dry_run=True)
EXPIRE_ALL = "'history.expire.max-snapshot-age-ms' = '1'"


@pytest.fixture(scope="module")
def warehouse(spark, tmp_path_factory):
    """Return the directory of a catalog of files, the type that needs no server."""
    directory = tmp_path_factory.mktemp("iceberg")
    spark.conf.set(f"spark.sql.catalog.{CATALOG}", "org.apache.iceberg.spark.SparkCatalog")
    spark.conf.set(f"spark.sql.catalog.{CATALOG}.type", "hadoop")
    spark.conf.set(f"spark.sql.catalog.{CATALOG}.warehouse", str(directory))
    spark.sql(f"CREATE NAMESPACE {CATALOG}.a")
    return directory


@pytest.fixture
def table(spark, warehouse):
    """Return a function that makes the table a.t with properties and small appends; it is gone after the test."""

    def make(appends=0, properties=EXPIRE_ALL):
        spark.sql(f"CREATE TABLE {CATALOG}.a.t (id bigint) USING iceberg TBLPROPERTIES ({properties})")
        opened = load(spark, CATALOG, "a.t")
        for file in stage(spark, opened, 0, appends):
            opened.newFastAppend().appendFile(file).commit()
        return warehouse / "a" / "t"

    yield make
    spark.sql(f"DROP TABLE IF EXISTS {CATALOG}.a.t")


def stage(spark, table, first, count):
    """Write rows as data files of one row each, which belong to the table once somebody commits them."""
    if not count:
        return []
    path = f"{table.location()}/data/from-{first}"
    spark.range(first, first + count, numPartitions=count).write.parquet(path)
    jvm = spark._jvm
    config = jvm.org.apache.iceberg.MetricsConfig.forTable(table)
    staged = []
    for file in Path(path).glob("*.parquet"):
        metrics = jvm.org.apache.iceberg.parquet.ParquetUtil.fileMetrics(table.io().newInputFile(str(file)), config)
        builder = jvm.org.apache.iceberg.DataFiles.builder(table.spec()).withPath(str(file)).withFormat("parquet")
        staged.append(builder.withFileSizeInBytes(file.stat().st_size).withMetrics(metrics).build())
    return staged


def rows(spark):
    """Read the table anew."""
    spark.catalog.refreshTable(f"{CATALOG}.a.t")
    return sorted(row.id for row in spark.table(f"{CATALOG}.a.t").collect())


def files(directory):
    """Names of all files that are there, but for checksums."""
    return {path.name for path in directory.rglob("*") if path.is_file() and not path.name.endswith(".crc")}


def make_old(path, days):
    """Set a file's time back."""
    then = time.time() - days * 86_400
    os.utime(path, (then, then))


def test_many_small_appends_become_one_file_with_the_same_rows(spark, table):
    directory = table(50)
    planned = maintain(spark, CATALOG, "a.t", DRY_RUN)
    assert (planned["files_to_rewrite"], planned["manifests_to_rewrite"]) == (50, planned["before"]["manifests"])
    assert planned["snapshots_to_expire"] == 49
    assert planned["before"] == planned["after"]
    data = {name for name in files(directory) if name.endswith(".parquet")}
    assert len(data) == 50

    report = maintain(spark, CATALOG, "a.t", POLICY)
    assert report["status"] == "done"
    assert (report["before"]["files"], report["before"]["snapshots"]) == (50, 50)
    assert (report["after"]["files"], report["after"]["manifests"], report["after"]["snapshots"]) == (1, 1, 1)
    assert report["after"]["bytes"] < report["before"]["bytes"] / 20
    assert (report["files_rewritten"], report["orphans_removed"]) == (50, 0)
    assert rows(spark) == list(range(50))
    left = {name for name in files(directory) if name.endswith((".parquet", ".avro"))}
    # The data file, its manifest and the list of manifests.
    assert len(left) == 3
    assert not left & data

    again = maintain(spark, CATALOG, "a.t", POLICY)
    assert again["before"] == again["after"] == report["after"]


def test_snapshots_stay_as_long_as_the_policy_says(spark, table):
    table(6, "'commit.retry.num-retries' = '4'")
    report = maintain(spark, CATALOG, "a.t", POLICY)
    # Six appends, and maintenance's own two.
    assert (report["before"]["snapshots"], report["after"]["snapshots"]) == (6, 8)
    first = spark.sql(f"SELECT snapshot_id FROM {CATALOG}.a.t.snapshots ORDER BY committed_at").first()[0]
    assert spark.sql(f"SELECT count(*) FROM {CATALOG}.a.t VERSION AS OF {first}").first()[0] == 1


def test_as_many_snapshots_stay_as_the_table_says(spark, table):
    table(6, f"{EXPIRE_ALL}, 'history.expire.min-snapshots-to-keep' = '3'")
    assert maintain(spark, CATALOG, "a.t", POLICY)["after"]["snapshots"] == 3


def test_as_many_snapshots_stay_as_the_policy_says(spark, table):
    table(6)
    assert maintain(spark, CATALOG, "a.t", Policy(5, 4, 3))["after"]["snapshots"] == 4


def test_removes_orphans_that_are_old_enough(spark, table):
    directory = table(2, f"{EXPIRE_ALL}, 'lakehouse.maintenance.orphan-retention-days' = '10'")
    for days in (2, 9, 11):
        orphan = directory / "data" / f"{days}-days.parquet"
        orphan.write_bytes(b"left by a writer that died")
        make_old(orphan, days)
    for path in directory.rglob("part-*.parquet"):
        make_old(path, 30)
    before = files(directory)
    assert maintain(spark, CATALOG, "a.t", DRY_RUN)["orphans_to_remove"] == 1
    assert files(directory) == before
    assert maintain(spark, CATALOG, "a.t", POLICY)["orphans_removed"] == 1
    assert {name for name in files(directory) if name.endswith("-days.parquet")} == {"2-days.parquet", "9-days.parquet"}
    assert rows(spark) == [0, 1]


def test_a_write_that_is_under_way_is_left_alone(spark, table):
    """Its files are orphans until it commits, which happens after the maintenance."""
    table(6)
    writer = load(spark, CATALOG, "a.t")
    (staged,) = stage(spark, writer, 100, 1)
    assert maintain(spark, CATALOG, "a.t", POLICY)["after"]["files"] == 1
    writer.newFastAppend().appendFile(staged).commit()
    assert rows(spark) == [0, 1, 2, 3, 4, 5, 100]


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ("'lakehouse.maintenance.enabled' = 'no'", "lakehouse.maintenance.enabled is 'no'; it must be true or false"),
        (
            "'lakehouse.maintenance.orphan-retention-days' = '0'",
            "lakehouse.maintenance.orphan-retention-days is '0'; it must be a whole number of days, 1 or more: "
            "the files of a write that is under way look like orphans",
        ),
    ],
)
def test_wrong_property_is_an_error_before_anything_changes(spark, table, properties, message):
    directory = table(6, properties)
    before = files(directory)
    with pytest.raises(MaintenanceError) as error:
        maintain(spark, CATALOG, "a.t", POLICY)
    assert str(error.value) == f"the table property {message}"
    assert files(directory) == before


def test_table_can_be_left_out(spark, table):
    directory = table(6, "'lakehouse.maintenance.enabled' = 'false'")
    before = files(directory)
    assert maintain(spark, CATALOG, "a.t", POLICY) == {
        "status": "skipped",
        "reason": "lakehouse.maintenance.enabled is false",
    }
    assert files(directory) == before


def test_shared_files_are_not_removed(spark, table):
    directory = table(6, f"{EXPIRE_ALL}, 'gc.enabled' = 'false'")
    before = files(directory)
    report = maintain(spark, CATALOG, "a.t", POLICY)
    assert report["reason"] == "gc.enabled is false: no file is removed"
    assert report["after"]["files"] == 1
    assert files(directory) >= before


def test_tables_within_another_ones_location_keep_their_files(spark, table):
    """As orphans of the outer one they would be removed."""
    directory = table(2)
    locations = {
        "outer": "s3://lake/a",
        "inner": "s3a://lake/a/b",
        "twin": "s3://lake/a/b/",
        "beside": "s3://lake/ab",
        "alone": "s3://lake/c",
    }
    assert find_shared(locations) == {
        "outer": "twin lies within its location",
        "inner": "twin lies within its location",
        "twin": "inner lies within its location",
    }
    orphan = directory / "data" / "old.parquet"
    orphan.write_bytes(b"")
    make_old(orphan, 9)
    report = maintain(spark, CATALOG, "a.t", POLICY, "a.inner lies within its location")
    assert report["reason"] == "a.inner lies within its location: no file is removed"
    assert orphan.exists()


def test_newer_metadata_of_another_catalog_stops_maintenance():
    """As after a migration, when both catalogs are written through."""

    def table_with(*others):
        old = time.time() * 1000 - 3_600_000
        own = "s3://lake/t/metadata/00007-own.metadata.json"
        listed = [(own, old), ("s3://lake/t/metadata/00006-a.metadata.json", old), *others]
        listed = [SimpleNamespace(location=lambda p=p: p, createdAtMillis=lambda t=t: t) for p, t in listed]
        entry = SimpleNamespace(file=lambda: "s3://lake/t/metadata/00006-a.metadata.json")
        metadata = SimpleNamespace(metadataFileLocation=lambda: own, previousFiles=lambda: [entry])
        return SimpleNamespace(
            refresh=lambda: None,
            operations=lambda: SimpleNamespace(current=lambda: metadata),
            io=lambda: SimpleNamespace(listPrefix=lambda _: SimpleNamespace(iterator=lambda: iter(listed))),
        )

    old, now = time.time() * 1000 - 120_000, time.time() * 1000
    refuse_foreign_commits(table_with())
    # A commit under way, the leftover of one that died long ago, and a manifest.
    refuse_foreign_commits(table_with(("s3://lake/t/metadata/00008-b.metadata.json", now)))
    refuse_foreign_commits(table_with(("s3://lake/t/metadata/00005-b.metadata.json", old)))
    refuse_foreign_commits(table_with(("s3://lake/t/metadata/x-m0.avro", old)))
    for foreign in ("00007-b", "00008-b", "00123-b"):
        path = f"s3://lake/t/metadata/{foreign}.metadata.json"
        with pytest.raises(MaintenanceError, match=f"^{path} is newer than the metadata that this catalog knows"):
            refuse_foreign_commits(table_with((path, old)))


def test_one_tables_failure_leaves_the_others_to_be_maintained(spark, table, warehouse):
    table(6)
    spark.sql(f"CREATE TABLE {CATALOG}.a.broken (id bigint) USING iceberg")
    for path in (warehouse / "a" / "broken" / "metadata").glob("*.json"):
        path.write_text("{}")
    try:
        reports = maintain_all(spark, CATALOG, POLICY)
    finally:
        for path in (warehouse / "a" / "broken" / "metadata").iterdir():
            path.unlink()
    assert reports["a.broken"]["status"] == "failed"
    assert reports["a.broken"]["reason"]
    assert reports["a.t"]["status"] == "done"
    assert reports["a.t"]["after"]["files"] == 1


def test_lists_tables_of_nested_namespaces_and_odd_names(spark, table):
    table()
    spark.sql(f"CREATE NAMESPACE {CATALOG}.a.inner")
    for name in ("a.inner.t", "a.`odd-name`"):
        spark.sql(f"CREATE TABLE {CATALOG}.{name} (id bigint) USING iceberg")
    try:
        assert list_tables(spark, CATALOG) == ["a.`odd-name`", "a.inner.t", "a.t"]
        assert maintain(spark, CATALOG, "a.`odd-name`", POLICY)["after"]["files"] == 0
    finally:
        for name in ("a.inner.t", "a.`odd-name`"):
            spark.sql(f"DROP TABLE {CATALOG}.{name} PURGE")
        spark.sql(f"DROP NAMESPACE {CATALOG}.a.inner")


@pytest.fixture
def job(spark, tmp_path, monkeypatch):
    """Return a function that runs the job from its command line and returns its report."""
    monkeypatch.setattr(type(spark), "stop", lambda self: None)

    def run(*arguments):
        report = tmp_path / "report.json"
        retention = ("--snapshot-retention-days=5", "--snapshots-kept=1", "--orphan-retention-days=3")
        monkeypatch.setattr(sys, "argv", ["job", "--catalog", CATALOG, *retention, *arguments, "--report", str(report)])
        table_maintenance_job.main()
        return json.loads(report.read_text())

    return run


def test_dry_run_of_the_job_changes_nothing(table, job):
    directory = table(6)
    before = files(directory)
    report = job("--dry-run=True")
    assert (report["dry_run"], report["tables"]["a.t"]["status"]) == (True, "planned")
    assert report["tables"]["a.t"]["files_to_rewrite"] == 6
    assert files(directory) == before


def test_job_maintains_and_prints_a_table(table, job, capsys):
    table(6)
    report = job("--table=a.t")
    assert (report["dry_run"], report["tables"]["a.t"]["after"]["files"]) == (False, 1)
    head, line = capsys.readouterr().out.splitlines()[-2:]
    assert head.split() == ["table", "status", "files", "bytes", "manifests", "metadata_files", "snapshots", "orphans"]
    assert line.startswith("a.t    done    6 -> 1  ")


def test_job_names_the_table_that_failed(table, job):
    table(6, "'lakehouse.maintenance.enabled' = 'maybe'")
    with pytest.raises(
        SystemExit, match=r"^error: 1 of 1 tables could not be maintained:\n  a\.t: the table property "
    ):
        job()


def test_job_refuses_an_unknown_table(table, job):
    table()
    with pytest.raises(SystemExit, match=r"^error: there is no table a\.other\. Known: a\.t$"):
        job("--table=a.other", "--dry-run=True")


@pytest.mark.parametrize("option", ["--snapshot-retention-days", "--snapshots-kept", "--orphan-retention-days"])
def test_job_refuses_a_silly_policy(job, option, capsys):
    with pytest.raises(SystemExit):
        job(option, "0")
    assert f"argument {option}: 0 is less than 1" in capsys.readouterr().err
