"""Makes the tables, queries and answers of TPC-H with DuckDB's extension, as parquet: tpch_data.py PREFIX [SCALE].

PREFIX is a directory or an s3:// address, whose server and credentials stand in S3_ENDPOINT, AWS_ACCESS_KEY_ID and
AWS_SECRET_ACCESS_KEY. Below it: ``tables/<name>.parquet``, ``queries.parquet`` (query_nr, query) and
``answers/<number>.parquet``, in the order that the query asks for. SCALE 1, the default, means 6 million line items.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from urllib.parse import urlsplit

import duckdb


def generate(prefix: str, scale: float, environment: Mapping[str, str]) -> None:
    """Write everything below the prefix, over what may be there."""
    with duckdb.connect() as duck:
        load_extension(duck, "tpch")
        if prefix.startswith("s3://"):
            load_extension(duck, "httpfs")
            connect_store(duck, environment)
        else:
            for directory in ("tables", "answers"):
                Path(prefix, directory).mkdir(parents=True, exist_ok=True)
        duck.execute("call dbgen(sf = $scale)", {"scale": scale})
        for (table,) in duck.execute("show tables").fetchall():
            duck.execute(f"copy {table} to '{prefix}/tables/{table}.parquet'")
        duck.execute(f"copy (from tpch_queries()) to '{prefix}/queries.parquet'")
        for number, query in duck.execute("from tpch_queries()").fetchall():
            duck.execute(f"copy ({query.rstrip().rstrip(';')}) to '{prefix}/answers/{number}.parquet'")


def load_extension(duck: duckdb.DuckDBPyConnection, name: str) -> None:
    """Load an extension from its Python package: nothing is downloaded."""
    package = Path(import_module(f"duckdb_extension_{name}").__file__).parent
    duck.load_extension(str(package / "extensions" / f"v{duckdb.__version__}" / f"{name}.duckdb_extension"))


def connect_store(duck: duckdb.DuckDBPyConnection, environment: Mapping[str, str]) -> None:
    """Give this connection the store's address and credentials."""
    endpoint = urlsplit(environment["S3_ENDPOINT"])
    duck.execute(
        "create temporary secret (type s3, url_style 'path', endpoint $endpoint, use_ssl $ssl, key_id $key,"
        " secret $secret)",
        {
            "endpoint": endpoint.netloc,
            "ssl": endpoint.scheme == "https",
            "key": environment["AWS_ACCESS_KEY_ID"],
            "secret": environment["AWS_SECRET_ACCESS_KEY"],
        },
    )


if __name__ == "__main__":
    generate(sys.argv[1].rstrip("/"), float(sys.argv[2]) if len(sys.argv) > 2 else 1, os.environ)
