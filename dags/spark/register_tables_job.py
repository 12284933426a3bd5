"""make migrate-catalog's job: registers tables of another catalog in this one; their files stay where they are.

echo '[{"namespace": ["raw"], "name": "customers", "metadata": "s3://.../00003-....metadata.json"}]' >tables.json
spark-submit register_tables_job.py --catalog lakehouse --tables tables.json

The tables come from a file, as spark-submit has no standard input for its script, or with --hadoop from a warehouse of
the hadoop catalog, whose directories are its only registry. Prints what became of each as JSON on its last line.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from table_maintenance import first_line, list_tables, literal, load, quoted

HADOOP = "hadoop_source"


@dataclass(frozen=True)
class Pointer:
    """Where a catalog says that the current metadata of a table is."""

    namespace: tuple[str, ...]
    name: str
    metadata: str

    @property
    def identifier(self) -> str:
        """Namespace and name for SQL."""
        return ".".join(quoted(part) for part in (*self.namespace, self.name))


def register_all(spark: SparkSession, catalog: str, pointers: Iterable[Pointer]) -> list[dict[str, str]]:
    """Register tables one after another; what fails does not stop the others."""
    results = []
    for pointer in pointers:
        try:
            outcome, detail = register(spark, catalog, pointer)
        except (PySparkException, Py4JJavaError) as error:
            outcome, detail = "failed", first_line(error)
        results.append({"table": pointer.identifier, "outcome": outcome, "detail": detail})
    return results


def register(spark: SparkSession, catalog: str, pointer: Pointer) -> tuple[str, str]:
    """Register one table unless the catalog has it.

    :returns: `registered`, `same`, `newer` (this catalog's table was migrated before and has been written to since) or
        `differs` (it is another table, or both were written to), and what tells them apart
    """
    name = f"{catalog}.{pointer.identifier}"
    if not spark.catalog.tableExists(name):
        for depth in range(1, len(pointer.namespace) + 1):
            namespace = ".".join(quoted(part) for part in pointer.namespace[:depth])
            spark.sql(f"CREATE NAMESPACE IF NOT EXISTS {catalog}.{namespace}")
        arguments = f"table => {literal(pointer.identifier)}, metadata_file => {literal(pointer.metadata)}"
        spark.sql(f"CALL {catalog}.system.register_table({arguments})")
        return "registered", pointer.metadata
    current, earlier = metadata_of(spark, catalog, pointer.identifier)
    if current == pointer.metadata:
        return "same", current
    return ("newer" if pointer.metadata in earlier else "differs"), current


def metadata_of(spark: SparkSession, catalog: str, name: str) -> tuple[str, set[str]]:
    """Return the current metadata file of a table, and the earlier ones that it still lists."""
    metadata = load(spark, catalog, name).operations().current()
    return metadata.metadataFileLocation(), {entry.file() for entry in metadata.previousFiles()}


def read_warehouse(spark: SparkSession, warehouse: str) -> list[Pointer]:
    """Find the tables of a hadoop catalog, and the newest metadata of each."""
    spark.conf.set(f"spark.sql.catalog.{HADOOP}", "org.apache.iceberg.spark.SparkCatalog")
    spark.conf.set(f"spark.sql.catalog.{HADOOP}.type", "hadoop")
    spark.conf.set(f"spark.sql.catalog.{HADOOP}.warehouse", warehouse)
    jvm = spark._jvm
    pointers = []
    for listed in list_tables(spark, HADOOP):
        found = jvm.org.apache.iceberg.spark.Spark3Util.catalogAndIdentifier(spark._jsparkSession, f"{HADOOP}.{listed}")
        identifier = found.identifier()
        current, _ = metadata_of(spark, HADOOP, listed)
        pointers.append(Pointer(tuple(identifier.namespace()), identifier.name(), current))
    return pointers


def read_pointers(text: str) -> list[Pointer]:
    """Read pointers from JSON."""
    return [Pointer(tuple(each["namespace"]), each["name"], each["metadata"]) for each in json.loads(text)]


def main(arguments: list[str] | None = None) -> None:
    """Register what the arguments name and print the results."""
    parser = argparse.ArgumentParser(description="Register tables of another catalog in this one.")
    parser.add_argument("--catalog", required=True, help="the catalog's name in Spark")
    tables = parser.add_mutually_exclusive_group(required=True)
    tables.add_argument("--tables", type=Path, help="JSON file with the namespace, name and metadata of each table")
    tables.add_argument("--hadoop", help="warehouse of a hadoop catalog")
    options = parser.parse_args(arguments)
    spark = SparkSession.builder.getOrCreate()
    try:
        pointers = (
            read_warehouse(spark, options.hadoop) if options.hadoop else read_pointers(options.tables.read_text())
        )
        results: Any = register_all(spark, options.catalog, pointers)
    finally:
        spark.stop()
    print(json.dumps(results), flush=True)


if __name__ == "__main__":
    main()
