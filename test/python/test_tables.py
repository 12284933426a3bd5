"""Tables through PyIceberg and DuckDB, as a DAG's author opens them; on the local file system."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from pyiceberg.catalog.sql import SqlCatalog

from project import ROOT

PROGRAM = """
import json, sys
from utils import tables
name = sys.argv[1]
table = tables.open_table(name)
with tables.connect_duckdb(name) as duck:
    (rows,) = duck.sql(f"SELECT count(*) FROM lakehouse.{name}").fetchone()
snapshots = len(table.metadata.snapshots)
print(json.dumps({"pyiceberg": len(table.scan().to_arrow()), "duckdb": rows, "snapshots": snapshots}))
"""


@pytest.fixture
def warehouse(tmp_path):
    """Return the properties of a catalog with a table of two snapshots, 3 and then 5 rows."""
    properties = {"uri": f"sqlite:///{tmp_path}/catalog.db", "warehouse": f"file://{tmp_path}/warehouse"}
    catalog = SqlCatalog("lakehouse", **properties)
    catalog.create_namespace("raw")
    table = catalog.create_table("raw.customers", schema=pa.schema([("index", pa.int64())]))
    for rows in (3, 2):
        table.append(pa.table({"index": range(rows)}))
    return properties


def count(environment, name, properties):
    """Count with both engines in a process of its own: PyIceberg reads its variables when it is imported."""
    variables = {f"PYICEBERG_CATALOG__LAKEHOUSE__{key.upper()}": value for key, value in properties.items()}
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, name],
        env={**os.environ, **environment, **variables, "LAKEHOUSE_DUCKDB_STATEMENTS": "ATTACH ':memory:' AS lakehouse"},
        cwd=ROOT / "dags",
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return json.loads(ended.stdout) if ended.returncode == 0 else ended.stderr


def test_both_engines_read_the_newest_snapshot(environment, warehouse):
    found = count(environment, "raw.customers", {"type": "sql", **warehouse})
    assert found == {"pyiceberg": 5, "duckdb": 5, "snapshots": 2}


def test_directory_is_read_although_its_hint_lags_behind(environment, warehouse, tmp_path):
    """As a writer leaves it that was killed between its commit and the hint."""
    table = SqlCatalog("lakehouse", **warehouse).load_table("raw.customers")
    files = [entry.metadata_file for entry in table.metadata.metadata_log] + [table.metadata_location]
    metadata = tmp_path / "hadoop" / "raw" / "customers" / "metadata"
    metadata.mkdir(parents=True)
    for version, file in enumerate(files, 1):
        shutil.copy(Path(file.removeprefix("file://")), metadata / f"v{version}.metadata.json")
    (metadata / "version-hint.text").write_text("2")
    environment["LAKEHOUSE_CATALOG_TYPE"] = "hadoop"
    found = count(environment, "raw.customers", {"warehouse": f"file://{tmp_path}/hadoop"})
    assert found == {"pyiceberg": 5, "duckdb": 5, "snapshots": 2}
    assert "NoSuchTableError: Table does not exist: raw.other" in count(
        environment, "raw.other", {"warehouse": f"file://{tmp_path}/hadoop"}
    )


def test_what_is_no_name_of_a_table_is_refused(environment, warehouse):
    message = "'x; drop' is no name of a table; it must be namespace.table, such as raw.customers."
    assert message in count(environment, "x; drop", {"type": "sql", **warehouse})
