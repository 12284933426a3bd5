"""Reads what the pipelines wrote, from this machine, with the credentials that the stack gives its user."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa
import pyarrow.dataset as ds
from pyarrow import fs
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.table import StaticTable, Table

from support import docker


class Lake:
    """The object store and the tables in it."""

    def __init__(self, outputs: dict[str, Any]) -> None:
        endpoint, key, secret = outputs["s3Endpoint"], outputs["s3AccessKey"], outputs["s3SecretKey"]
        self.catalog_type: str = outputs["catalogType"]
        self._client = {
            "access_key": key,
            "secret_key": secret,
            "endpoint_override": urlsplit(endpoint).netloc,
            "scheme": "http",
            "region": "us-east-1",
            "connect_timeout": 5,
            "request_timeout": 60,
        }
        self.store = self.client()
        self._iceberg = {
            "s3.endpoint": endpoint,
            "s3.access-key-id": key,
            "s3.secret-access-key": secret,
            "s3.region": "us-east-1",
        }

    def client(self, **options: Any) -> fs.S3FileSystem:
        """Connect as the platform's user."""
        return fs.S3FileSystem(**self._client, **options)

    def parquet(self, path: str) -> pa.Table:
        """Read a parquet file, or a directory of them."""
        return ds.dataset(path, filesystem=self.store, format="parquet").to_table()

    def table(self, namespace: str, name: str) -> Table:
        """Open an Iceberg table through the stack's catalog."""
        if self.catalog_type == "hadoop":
            return StaticTable.from_metadata(f"s3a://{self._newest_metadata(namespace, name)}", self._iceberg)
        postgres = docker.inspect("postgres")
        environment = dict(entry.split("=", 1) for entry in postgres["Config"]["Env"])
        # The port is not published; a container's address is reachable from the machine that it runs on.
        address = postgres["NetworkSettings"]["Networks"][docker.PREFIX]["IPAddress"]
        catalog = SqlCatalog(
            "lakehouse",
            uri=f"postgresql+psycopg2://iceberg:{environment['DB_PASSWORD_ICEBERG']}@{address}:5432/iceberg",
            init_catalog_tables="false",
            **self._iceberg,
        )
        try:
            return catalog.load_table((namespace, name))
        finally:
            catalog.engine.dispose()

    def _newest_metadata(self, namespace: str, name: str) -> str:
        directory = f"lakehouse/warehouse/hadoop/{namespace}/{name}/metadata"
        versions = {
            int(match[1]): info.path
            for info in self.store.get_file_info(fs.FileSelector(directory))
            if (match := re.fullmatch(r"v(\d+)\.metadata\.json", info.base_name))
        }
        assert versions, f"There is no metadata in {directory}"
        return versions[max(versions)]
