"""Turns the environment of a Spark driver into checked settings, and those into what one run adds to Spark's defaults.

Pure: a mapping goes in, values come out. Master URL, object store, catalog and event log stand in spark-defaults.conf,
which the platform renders once for every Spark process; nothing here repeats them, and no secret ever enters a Spark
setting.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

CATALOG_TYPES = ("hadoop", "jdbc", "hive", "glue", "rest")
URI_SCHEMES = ("s3a", "s3", "file")

_IDENTIFIER = re.compile(r"[a-z_][a-z0-9_]*")
_MEMORY = re.compile(r"[1-9][0-9]*[mg]")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")
_MASTER = re.compile(r"spark://[^\s/:,]+:[0-9]+(,[^\s/:,]+:[0-9]+)*|local(\[([0-9]+|\*)\])?|k8s://\S+")


class ConfigError(ValueError):
    """The environment does not describe a platform; the message names every variable that is wrong."""


@dataclass(frozen=True)
class Settings:
    """What the environment says, checked.

    :param spark_master_url: where the cluster is
    :param driver_host: name under which executors reach the driver
    :param catalog_name: Iceberg catalog in Spark SQL
    :param catalog_type: kind of that catalog
    :param raw_data_uri: the customers file
    :param lake_uri: root of what the pipelines write outside of the catalog, without a slash at its end
    :param s3_endpoint: address of the object store; None means the cloud's own
    :param s3_path_style: whether the bucket stands in the path instead of the host name
    :param executor_cores: cores of one executor
    :param executor_memory: memory of one executor, as Spark writes it
    :param driver_memory: memory of the driver, as Spark writes it
    :param raw_schema: namespace of spark_iceberg_dag's table
    :param dbt_schema: namespace of dbt's tables
    :param snapshot_retention_days: age from which table_maintenance_dag expires snapshots
    :param snapshots_kept: number of snapshots that stay however old they are
    :param orphan_retention_days: age from which table_maintenance_dag removes files that no snapshot knows
    """

    spark_master_url: str
    driver_host: str
    catalog_name: str
    catalog_type: str
    raw_data_uri: str
    lake_uri: str
    s3_endpoint: str | None
    s3_path_style: bool
    executor_cores: int
    executor_memory: str
    driver_memory: str
    raw_schema: str
    dbt_schema: str
    snapshot_retention_days: int
    snapshots_kept: int
    orphan_retention_days: int

    @property
    def raw_table(self) -> str:
        """Full name of the Iceberg table that spark_iceberg_dag writes."""
        return f"{self.catalog_name}.{self.raw_schema}.customers"

    def lake_path(self, *parts: str) -> str:
        """Address of an object below the lake's root."""
        return "/".join((self.lake_uri, *parts))


def load_settings(environment: Mapping[str, str]) -> Settings:
    """Read and check all settings.

    :param environment: usually ``os.environ``
    :raises ConfigError: at least one variable is missing or wrong; the message lists all of them
    """
    problems: list[str] = []

    def read(name: str, allowed: str, parse: Callable[[str], object | None], optional: bool = False) -> object | None:
        text = environment.get(name, "").strip()
        if not text:
            if not optional:
                problems.append(f"{name} is not set; it must be {allowed}")
            return None
        value = parse(text)
        if value is None:
            problems.append(f"{name} is '{text}'; it must be {allowed}")
        return value

    count = "a whole number above 0"
    identifier = "lower-case letters, digits and underscores"
    memory = "a whole number with the unit m or g, such as 512m or 2g"
    uri = f"an absolute path or an address with one of the schemes {', '.join(URI_SCHEMES)}"
    values = {
        "spark_master_url": read(
            "LAKEHOUSE_SPARK_MASTER_URL", "a Spark master, such as spark://spark-master:7077", _match(_MASTER)
        ),
        "driver_host": read("LAKEHOUSE_DRIVER_HOST", "a host name", _match(_HOST)),
        "catalog_name": read("LAKEHOUSE_CATALOG_NAME", identifier, _match(_IDENTIFIER)),
        "catalog_type": read(
            "LAKEHOUSE_CATALOG_TYPE",
            f"one of {', '.join(CATALOG_TYPES)}",
            lambda text: text if text in CATALOG_TYPES else None,
        ),
        "raw_data_uri": read("LAKEHOUSE_RAW_DATA_URI", uri, _parse_uri),
        "lake_uri": read("LAKEHOUSE_LAKE_URI", uri, _parse_uri),
        "s3_endpoint": read(
            "LAKEHOUSE_S3_ENDPOINT", "an http:// or https:// address without a path", _parse_endpoint, optional=True
        ),
        "s3_path_style": read(
            "LAKEHOUSE_S3_PATH_STYLE",
            "true or false",
            lambda text: {"true": True, "false": False}.get(text.lower()),
            optional=True,
        ),
        "executor_cores": read("LAKEHOUSE_EXECUTOR_CORES", count, _parse_count),
        "executor_memory": read("LAKEHOUSE_EXECUTOR_MEMORY", memory, _match(_MEMORY)),
        "driver_memory": read("LAKEHOUSE_DRIVER_MEMORY", memory, _match(_MEMORY)),
        "raw_schema": read("LAKEHOUSE_RAW_SCHEMA", identifier, _match(_IDENTIFIER)),
        "dbt_schema": read("LAKEHOUSE_DBT_SCHEMA", identifier, _match(_IDENTIFIER)),
        "snapshot_retention_days": read("LAKEHOUSE_SNAPSHOT_RETENTION_DAYS", count, _parse_count),
        "snapshots_kept": read("LAKEHOUSE_SNAPSHOTS_KEPT", count, _parse_count),
        "orphan_retention_days": read("LAKEHOUSE_ORPHAN_RETENTION_DAYS", count, _parse_count),
    }
    if problems:
        raise ConfigError("The environment of this service is not usable: " + "; ".join(problems) + ".")
    values["s3_path_style"] = bool(values["s3_path_style"])
    return Settings(**values)  # type: ignore[arg-type]


def spark_conf(settings: Settings) -> dict[str, str]:
    """Render what a run adds to spark-defaults.conf: who the driver is and how much it may use."""
    return {
        "spark.driver.host": settings.driver_host,
        "spark.driver.memory": settings.driver_memory,
        "spark.executor.cores": str(settings.executor_cores),
        "spark.executor.memory": settings.executor_memory,
        # The task log is for people: Spark's own chatter is in the history server.
        "spark.log.level": "WARN",
    }


def spark_job_arguments(settings: Settings) -> list[str]:
    """Arguments of dags/spark/spark_job.py."""
    return ["--source", settings.raw_data_uri, "--target", settings.lake_path("spark_job", "customers")]


def spark_iceberg_arguments(settings: Settings) -> list[str]:
    """Arguments of dags/spark/spark_iceberg_job.py."""
    return ["--source", settings.raw_data_uri, "--table", settings.raw_table]


def table_maintenance_arguments(settings: Settings) -> list[str]:
    """Arguments of dags/spark/table_maintenance_job.py."""
    return [
        *("--catalog", settings.catalog_name),
        *("--snapshot-retention-days", str(settings.snapshot_retention_days)),
        *("--snapshots-kept", str(settings.snapshots_kept)),
        *("--orphan-retention-days", str(settings.orphan_retention_days)),
    ]


def _match(pattern: re.Pattern[str]) -> Callable[[str], str | None]:
    return lambda text: text if pattern.fullmatch(text) else None


def _parse_count(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[1-9][0-9]*", text) else None


def _parse_uri(text: str) -> str | None:
    if text.startswith("/"):
        return text.rstrip("/") or None
    parts = urlsplit(text)
    if parts.scheme not in URI_SCHEMES or "@" in parts.netloc or (parts.scheme != "file" and not parts.netloc):
        return None
    return text.rstrip("/")


def _parse_endpoint(text: str) -> str | None:
    parts = urlsplit(text)
    bare = not (parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc)
    return text.rstrip("/") if parts.scheme in ("http", "https") and parts.netloc and bare else None
