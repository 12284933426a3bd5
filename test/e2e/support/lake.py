"""Reads what the pipelines wrote, from this machine, with the credentials that the stack gives its user."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa
import pyarrow.dataset as ds
from pyarrow import fs
from pyiceberg.catalog import Catalog, load_catalog
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

    def objects(self, prefix: str) -> list[str]:
        """Paths of all objects below a prefix, which begins with the bucket."""
        found = self.store.get_file_info(fs.FileSelector(prefix, recursive=True, allow_not_found=True))
        return [info.path for info in found if info.is_file]

    def table(self, namespace: str, name: str) -> Table:
        """Open an Iceberg table through the stack's catalog."""
        if self.catalog_type == "hadoop":
            return StaticTable.from_metadata(f"s3a://{self._newest_metadata(namespace, name)}", self._iceberg)
        catalog = self.catalog()
        try:
            return catalog.load_table((namespace, name))
        finally:
            catalog.close()

    def catalog(self) -> Catalog:
        """Open the stack's catalog."""
        return load_catalog("lakehouse", **self.properties())

    def properties(self) -> dict[str, str]:
        """How PyIceberg reaches the stack's catalog: at its container's address, as the port is not published."""
        properties = {
            "jdbc": lambda: {
                "type": "sql",
                "uri": f"postgresql+psycopg2://iceberg:{docker.environment('postgres')['DB_PASSWORD_ICEBERG']}"
                f"@{_address('postgres')}:5432/iceberg",
                "init_catalog_tables": "false",
            },
            "hive": lambda: {"type": "hive", "uri": f"thrift://{_address('hive-metastore')}:9083"},
            "glue": lambda: {
                "type": "glue",
                "glue.endpoint": f"http://{_address('glue')}:5000",
                "glue.region": "us-east-1",
                "glue.access-key-id": self._iceberg["s3.access-key-id"],
                "glue.secret-access-key": self._iceberg["s3.secret-access-key"],
            },
            "rest": lambda: {
                "type": "rest",
                "uri": f"http://{_address('rest-catalog')}:8181",
                "token": docker.environment("rest-catalog")["REST_CATALOG_TOKEN"],
            },
        }[self.catalog_type]()
        return {**properties, **self._iceberg}

    def _newest_metadata(self, namespace: str, name: str) -> str:
        directory = f"lakehouse/warehouse/hadoop/{namespace}/{name}/metadata"
        versions = {
            int(match[1]): info.path
            for info in self.store.get_file_info(fs.FileSelector(directory))
            if (match := re.fullmatch(r"v(\d+)\.metadata\.json", info.base_name))
        }
        assert versions, f"There is no metadata in {directory}"
        return versions[max(versions)]


def _address(service: str) -> str:
    """A container's address, which the machine that it runs on can reach."""
    return docker.inspect(service)["NetworkSettings"]["Networks"][docker.PREFIX]["IPAddress"]
