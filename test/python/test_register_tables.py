"""Registering tables of one catalog in another, on the local file system."""

import json
from dataclasses import replace

import pytest

import register_tables_job
from register_tables_job import Pointer, metadata_of, read_warehouse, register_all

CATALOG = "target"
NAMES = (("a",), "t"), (("a", "inner"), "odd-name")


@pytest.fixture(scope="module")
def source(spark):
    """Make two catalogs in memory, and two tables in the one named source; return pointers to them."""
    for name in ("source", CATALOG):
        spark.conf.set(f"spark.sql.catalog.{name}", "org.apache.iceberg.spark.SparkCatalog")
        spark.conf.set(f"spark.sql.catalog.{name}.catalog-impl", "org.apache.iceberg.inmemory.InMemoryCatalog")
    return make_tables(spark, "source")


def make_tables(spark, catalog):
    """Make two tables with two snapshots each; return pointers to them."""
    pointers = [Pointer(namespace, name, "") for namespace, name in NAMES]
    for namespace in ("a", "a.inner"):
        spark.sql(f"CREATE NAMESPACE {catalog}.{namespace}")
    for pointer in pointers:
        spark.sql(f"CREATE TABLE {catalog}.{pointer.identifier} (id bigint) USING iceberg")
        for row in range(2):
            spark.range(row, row + 1).coalesce(1).writeTo(f"{catalog}.{pointer.identifier}").append()
    return point(spark, catalog)


def point(spark, catalog):
    """Point at the current metadata of the two tables."""
    pointers = [Pointer(namespace, name, "") for namespace, name in NAMES]
    return [replace(each, metadata=metadata_of(spark, catalog, each.identifier)[0]) for each in pointers]


def snapshots(spark, table):
    return [row.snapshot_id for row in spark.table(f"{table}.snapshots").orderBy("committed_at").collect()]


def test_all_tables_with_their_history(spark, source):
    results = register_all(spark, CATALOG, source)
    assert [(each["table"], each["outcome"]) for each in results] == [
        ("a.t", "registered"),
        ("a.inner.`odd-name`", "registered"),
    ]
    for table in ("a.t", "a.inner.`odd-name`"):
        assert [row.id for row in spark.table(f"{CATALOG}.{table}").orderBy("id").collect()] == [0, 1]
        assert snapshots(spark, f"{CATALOG}.{table}") == snapshots(spark, f"source.{table}")
    assert [each["outcome"] for each in register_all(spark, CATALOG, source)] == ["same", "same"]

    # The new catalog moves on; the old one stays where it was.
    spark.range(2, 3).coalesce(1).writeTo(f"{CATALOG}.a.t").append()
    assert [each["outcome"] for each in register_all(spark, CATALOG, source)] == ["newer", "same"]
    assert point(spark, "source") == source
    assert spark.table("source.a.t").count() == 2


def test_what_cannot_be_registered_does_not_stop_the_others(spark, source):
    spark.sql(f"CREATE NAMESPACE {CATALOG}.b")
    spark.sql(f"CREATE TABLE {CATALOG}.b.other (id bigint) USING iceberg")
    current = source[0].metadata
    pointers = [
        Pointer(("b",), "gone", current.replace("/00002-", "/00099-")),
        Pointer(("b",), "other", current),
        Pointer(("b",), "new", current),
    ]
    results = register_all(spark, CATALOG, pointers)
    assert [each["outcome"] for each in results] == ["failed", "differs", "registered"]
    assert "/00099-" in results[0]["detail"]
    assert results[1]["detail"] == metadata_of(spark, CATALOG, "b.other")[0]


def test_finds_the_tables_of_a_hadoop_catalog(spark, tmp_path):
    spark.conf.set("spark.sql.catalog.files", "org.apache.iceberg.spark.SparkCatalog")
    spark.conf.set("spark.sql.catalog.files.type", "hadoop")
    spark.conf.set("spark.sql.catalog.files.warehouse", str(tmp_path))
    made = make_tables(spark, "files")
    assert [each.metadata for each in made] == [
        f"{tmp_path}/a/t/metadata/v3.metadata.json",
        f"{tmp_path}/a/inner/odd-name/metadata/v3.metadata.json",
    ]
    assert sorted(read_warehouse(spark, str(tmp_path)), key=lambda each: each.namespace) == made


def test_job_reads_its_file_and_prints_the_results(spark, source, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(type(spark), "stop", lambda self: None)
    current = source[0].metadata
    tables = tmp_path / "tables.json"
    tables.write_text(json.dumps([{"namespace": ["c"], "name": "t", "metadata": current}]))
    register_tables_job.main(["--catalog", CATALOG, "--tables", str(tables)])
    assert json.loads(capsys.readouterr().out) == [{"table": "c.t", "outcome": "registered", "detail": current}]
