"""Tables without Spark, as a task uses them, for the scheduler's container: python - NAMESPACE.TABLE NEW.

Counts the rows of a table with PyIceberg and with DuckDB. Then PyIceberg makes the table NEW with three rows, which
DuckDB counts; not in a catalog that PyIceberg only reads.
"""

import json
import os
import sys

import pyarrow as pa
from pyiceberg.catalog import load_catalog
from utils import tables

name, new = sys.argv[1:]


def count_with_duckdb(table: str) -> int:
    """Count under the name that Spark uses."""
    with tables.connect_duckdb(table) as duck:
        return duck.sql(f"select count(*) from lakehouse.{table}").fetchone()[0]


found = {"pyiceberg": len(tables.open_table(name).scan().to_arrow()), "duckdb": count_with_duckdb(name)}
if os.environ["LAKEHOUSE_CATALOG_TYPE"] not in ("hadoop", "hive"):
    rows = pa.table({"id": [1, 2, 3]})
    load_catalog("lakehouse").create_table(new, schema=rows.schema).append(rows)
    found["new"] = count_with_duckdb(new)
print(json.dumps(found))
