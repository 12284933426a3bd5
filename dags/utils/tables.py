"""Opens the lakehouse's Iceberg tables without Spark, through whichever catalog the stack has.

In a task, by PyIceberg or by DuckDB::

    from utils import tables

    customers = tables.open_table("raw.customers").scan().to_arrow()
    with tables.connect_duckdb("raw.customers") as duck:
        chileans = duck.sql("SELECT * FROM lakehouse.raw.customers WHERE country = 'Chile'").fetchall()
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from utils import duck_db
from utils.config_manager import load_settings
from utils.store_keys import CONTAINER_CREDENTIALS, find_keys

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from pyiceberg.io import FileIO
    from pyiceberg.table import Table

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\.[A-Za-z_][A-Za-z0-9_]*")


def open_table(name: str) -> Table:
    """Open a table with PyIceberg, as it is now.

    :param name: ``namespace.table``
    :returns: for reading and writing; of a hadoop or hive catalog for reading only
    :raises pyiceberg.exceptions.NoSuchTableError: there is no such table
    """
    settings = load_settings(os.environ)
    if settings.catalog_type == "hadoop":
        return _open_directory(settings.catalog_name, _checked(name))
    from pyiceberg.catalog import load_catalog

    # Its other properties are in the environment: PYICEBERG_CATALOG__LAKEHOUSE__...
    return load_catalog(settings.catalog_name, **_store_keys()).load_table(_checked(name))


@contextmanager
def connect_duckdb(*names: str) -> Iterator[DuckDBPyConnection]:
    """Connect DuckDB to tables, which have the same full name as in Spark: ``lakehouse.namespace.table``.

    A REST catalog is attached as a whole. Of the others, DuckDB sees the tables that are named, as they are now.

    :param names: each as ``namespace.table``
    :raises pyiceberg.exceptions.NoSuchTableError: there is no such table
    """
    settings = load_settings(os.environ)
    with (
        tempfile.TemporaryDirectory(prefix="duckdb-") as directory,
        duck_db.connect(settings, os.environ, directory) as duck,
    ):
        for extension in ("httpfs", "avro", "iceberg"):
            duck.load_extension(str(duck_db.extension_file(extension)))
        for statement in os.environ["LAKEHOUSE_DUCKDB_STATEMENTS"].split(";\n"):
            # A parameter is named like the variable with its value.
            parameters = {variable: os.environ[variable] for variable in re.findall(r"\$(\w+)", statement)}
            duck.execute(statement, parameters)
        (kind,) = duck.execute(
            "SELECT type FROM duckdb_databases() WHERE database_name = $name", {"name": settings.catalog_name}
        ).fetchone()
        if kind != "iceberg":
            for name in names:
                _create_view(duck, settings.catalog_name, name)
        yield duck


def _create_view(duck: DuckDBPyConnection, catalog: str, name: str) -> None:
    location = open_table(name).metadata_location.replace("'", "''")
    schema = f"{catalog}.{name.partition('.')[0]}"
    duck.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    # A view has no parameters; the name is checked and the location quoted.
    duck.execute(f"CREATE VIEW {catalog}.{name} AS SELECT * FROM iceberg_scan('{location}')")  # noqa: S608


def _store_keys() -> dict[str, str]:
    """Give the pod's identity to PyIceberg, whose file systems do not all know how to ask for it; keys they find."""
    if os.environ.get(CONTAINER_CREDENTIALS):
        keys = find_keys(os.environ)
        properties = {
            "s3.access-key-id": keys.access_key,
            "s3.secret-access-key": keys.secret_key,
            "s3.session-token": keys.token,
        }
        return {name: value for name, value in properties.items() if value}
    return {}


def _open_directory(catalog: str, name: str) -> Table:
    """Open a table that is nothing but a directory."""
    from pyiceberg.exceptions import NoSuchTableError
    from pyiceberg.io import load_file_io
    from pyiceberg.table import StaticTable
    from pyiceberg.utils.config import Config

    properties = {**(Config().get_catalog_config(catalog) or {}), **_store_keys()}
    directory = f"{properties['warehouse']}/{name.replace('.', '/')}/metadata"
    try:
        location = _newest_metadata(directory, load_file_io(properties, directory))
    except FileNotFoundError:
        raise NoSuchTableError(f"Table does not exist: {name}") from None
    return StaticTable.from_metadata(location, properties)


def _newest_metadata(directory: str, io: FileIO) -> str:
    """Find a table's newest metadata as Spark does: the hint is written after a commit, so it may lag behind.

    :raises FileNotFoundError: there is no hint, so there is no table
    """
    with io.new_input(f"{directory}/version-hint.text").open() as hint:
        version = int(hint.read())
    while io.new_input(f"{directory}/v{version + 1}.metadata.json").exists():
        version += 1
    return f"{directory}/v{version}.metadata.json"


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"'{name}' is no name of a table; it must be namespace.table, such as raw.customers.")
    return name
