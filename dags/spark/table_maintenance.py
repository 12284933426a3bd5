"""Maintains Iceberg tables: small data files and manifests rewritten, old snapshots expired, orphan files removed.

All of it by Iceberg's own procedures (https://iceberg.apache.org/docs/latest/spark-procedures/).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import Row, SparkSession

log = logging.getLogger("lakehouse")

# Table properties. The first is Iceberg's own: whether files may be deleted, or belong to another table too.
GC = "gc.enabled"
MAX_SNAPSHOT_AGE = "history.expire.max-snapshot-age-ms"
MIN_SNAPSHOTS = "history.expire.min-snapshots-to-keep"
ENABLED = "lakehouse.maintenance.enabled"
ORPHAN_DAYS = "lakehouse.maintenance.orphan-retention-days"

# Files of a commit that is under way are orphans until it is done. Iceberg's procedure refuses less than this too.
MIN_ORPHAN_DAYS = 1
# A metadata file is written just before the catalog learns of it.
COMMIT_TAKES = timedelta(minutes=1)

_METADATA_FILE = re.compile(r"(\d+)-[^/]*\.metadata\.json")


class MaintenanceError(Exception):
    """A table, or the whole catalog, cannot be maintained; the message says why and what to do."""


@dataclass(frozen=True)
class Policy:
    """What is kept, where a table's own properties say nothing else.

    :param snapshot_days: age from which snapshots expire
    :param snapshots_kept: number of snapshots that stay however old they are
    :param orphan_days: age from which files that no snapshot knows are removed
    :param dry_run: change nothing and report what would be done
    """

    snapshot_days: int
    snapshots_kept: int
    orphan_days: int
    dry_run: bool = False


def list_tables(spark: SparkSession, catalog: str) -> list[str]:
    """Names of all tables of all namespaces, quoted where SQL needs it, without the catalog's."""

    def namespaces(parent: str) -> Iterator[str]:
        for (name,) in spark.sql(f"SHOW NAMESPACES IN {parent}").collect():
            yield name
            yield from namespaces(f"{catalog}.{name}")

    return sorted(
        f"{namespace}.{quoted(row.tableName)}"
        for namespace in namespaces(catalog)
        for row in spark.sql(f"SHOW TABLES IN {catalog}.{namespace}").collect()
    )


def maintain(spark: SparkSession, catalog: str, name: str, policy: Policy, shared: str = "") -> dict[str, Any]:
    """Maintain one table.

    :param name: namespace and name, as `list_tables` returns them
    :param shared: says which other table's files lie in the table's location, if any: then no file is removed
    :returns: files, bytes, manifests, metadata files and snapshots before and after, and what was done or would be
    :raises MaintenanceError: a property is wrong, or another catalog writes to the table as well
    """
    table = load(spark, catalog, name)
    properties = dict(table.properties())
    if not _flag(properties, ENABLED):
        return {"status": "skipped", "reason": f"{ENABLED} is false"}
    orphans_before = datetime.now(UTC) - timedelta(days=_orphan_days(properties, policy))
    kept_because = shared if _flag(properties, GC) else f"{GC} is false"
    refuse_foreign_commits(table)

    call = _Procedures(spark, catalog, name)
    before = measure(spark, catalog, name)
    report: dict[str, Any] = {"status": "planned" if policy.dry_run else "done", "before": before}
    if policy.dry_run:
        report |= {"files_to_rewrite": _files_to_rewrite(spark, table), "manifests_to_rewrite": before["manifests"]}
        report["snapshots_to_expire"] = 0 if kept_because else _snapshots_to_expire(table, properties, policy)
    else:
        report["files_rewritten"] = call("rewrite_data_files").rewritten_data_files_count
        report["manifests_rewritten"] = call("rewrite_manifests").rewritten_manifests_count
    if kept_because:
        report["reason"] = f"{kept_because}: no file is removed"
    else:
        if not policy.dry_run:
            call("expire_snapshots", **_expiry(properties, policy))
        # Listed by the table's own file client: the same addresses as in its metadata, whatever their scheme.
        orphans = call.rows(
            "remove_orphan_files", older_than=orphans_before, prefix_listing=True, dry_run=policy.dry_run
        )
        report["orphans_to_remove" if policy.dry_run else "orphans_removed"] = len(orphans)
    return report | {"after": before if policy.dry_run else measure(spark, catalog, name)}


def load(spark: SparkSession, catalog: str, name: str) -> Any:
    """Open a table as Iceberg's own object."""
    return spark._jvm.org.apache.iceberg.spark.Spark3Util.loadIcebergTable(spark._jsparkSession, f"{catalog}.{name}")


def find_shared(locations: Mapping[str, str]) -> dict[str, str]:
    """Find tables whose location is, or holds, another table's: its files would look like orphans.

    :param locations: location of each table
    :returns: for each such table, which other one it is
    """
    places = {name: location.partition("://")[2].rstrip("/") + "/" for name, location in locations.items()}
    return {
        name: f"{other} lies within its location"
        for name, place in places.items()
        for other, others_place in places.items()
        if other != name and others_place.startswith(place)
    }


def measure(spark: SparkSession, catalog: str, name: str) -> dict[str, int]:
    """Count what a reader of the table opens (files and their bytes, manifests), and what its history holds."""
    table = f"{catalog}.{name}"
    selected = {
        "files": f"count(*) FROM {table}.files",
        "bytes": f"coalesce(sum(file_size_in_bytes), 0) FROM {table}.files",
        "manifests": f"count(*) FROM {table}.manifests",
        "metadata_files": f"count(*) FROM {table}.metadata_log_entries",
        "snapshots": f"count(*) FROM {table}.snapshots",
    }
    # One query instead of five, each of which would have to be planned and started.
    return (
        spark.sql("SELECT " + ", ".join(f"(SELECT {sql}) AS {key}" for key, sql in selected.items())).first().asDict()
    )


def refuse_foreign_commits(table: Any) -> None:
    """Find metadata that is newer than what the catalog knows: its files must not be taken for orphans.

    :raises MaintenanceError: there is such metadata; tables in two catalogs come from a migration between them
    """
    current = table.operations().current().metadataFileLocation()
    directory, _, own = current.rpartition("/")
    if not _METADATA_FILE.fullmatch(own):
        # The hadoop catalog's: there the newest file is the table.
        return
    files = {file.location(): file.createdAtMillis() for file in table.io().listPrefix(f"{directory}/").iterator()}
    # Read after the listing, so that what was committed meanwhile is known.
    table.refresh()
    metadata = table.operations().current()
    known = {metadata.metadataFileLocation(), *(entry.file() for entry in metadata.previousFiles())}
    version = _version(metadata.metadataFileLocation())
    latest = (datetime.now(UTC) - COMMIT_TAKES).timestamp() * 1000
    foreign = [
        path
        for path, created in files.items()
        if path not in known and created < latest and (_version(path) or -1) >= (version or 0)
    ]
    if foreign:
        raise MaintenanceError(
            f"{min(foreign)} is newer than the metadata that this catalog knows: another catalog writes to the table, "
            "and its files must not be removed. Use that catalog, and drop the table here without PURGE"
        )


def maintain_all(spark: SparkSession, catalog: str, policy: Policy, only: str = "") -> dict[str, dict[str, Any]]:
    """Maintain tables one after another; what fails is reported and does not stop the others.

    :param only: one table, as `list_tables` returns it; without it all
    :raises MaintenanceError: there is no such table
    """
    names = list_tables(spark, catalog)
    if only and only not in names:
        raise MaintenanceError(f"there is no table {only}. Known: {', '.join(names) or 'none'}")
    reports: dict[str, dict[str, Any]] = {}

    def attempt(name: str, action: Callable[[], Any]) -> Any:
        try:
            return action()
        except (MaintenanceError, PySparkException, Py4JJavaError) as error:
            log.exception("%s", name)
            reports[name] = {"status": "failed", "reason": first_line(error)}

    locations = {name: attempt(name, lambda name=name: load(spark, catalog, name).location()) for name in names}
    shared = find_shared({name: location for name, location in locations.items() if location})
    for name in [only] if only else names:
        if locations[name]:
            done = attempt(name, lambda name=name: maintain(spark, catalog, name, policy, shared.get(name, "")))
            reports[name] = done or reports[name]
    return {name: reports[name] for name in sorted(reports) if not only or name == only}


class _Procedures:
    """Iceberg's procedures on one table."""

    def __init__(self, spark: SparkSession, catalog: str, table: str) -> None:
        self._spark, self._catalog, self._table = spark, catalog, table

    def rows(self, procedure: str, **arguments: object) -> list[Row]:
        rendered = ", ".join(f"{key} => {literal(value)}" for key, value in {"table": self._table, **arguments}.items())
        return self._spark.sql(f"CALL {self._catalog}.system.{procedure}({rendered})").collect()

    def __call__(self, procedure: str, **arguments: object) -> Row:
        (row,) = self.rows(procedure, **arguments)
        return row


def _expiry(properties: dict[str, str], policy: Policy) -> dict[str, object]:
    """Arguments of expire_snapshots; what a property of the table says is left to Iceberg, which reads it."""
    arguments: dict[str, object] = {}
    if MAX_SNAPSHOT_AGE not in properties:
        arguments["older_than"] = datetime.now(UTC) - timedelta(days=policy.snapshot_days)
    if MIN_SNAPSHOTS not in properties:
        arguments["retain_last"] = policy.snapshots_kept
    return arguments


def _snapshots_to_expire(table: Any, properties: dict[str, str], policy: Policy) -> int:
    """Ask Iceberg which snapshots would expire, without committing that."""
    expire, arguments = table.expireSnapshots(), _expiry(properties, policy)
    if "older_than" in arguments:
        expire = expire.expireOlderThan(int(arguments["older_than"].timestamp() * 1000))  # type: ignore[attr-defined]
    if "retain_last" in arguments:
        expire = expire.retainLast(arguments["retain_last"])
    return expire.apply().size()


def _files_to_rewrite(spark: SparkSession, table: Any) -> int:
    """Ask rewrite_data_files' own planner how many files it would take."""
    if table.currentSnapshot() is None:
        return 0
    planner = spark._jvm.org.apache.iceberg.actions.BinPackRewriteFilePlanner(table)
    planner.init({})
    return sum(group.inputFileNum() for group in planner.plan().groups().iterator())


def _orphan_days(properties: dict[str, str], policy: Policy) -> int:
    text = properties.get(ORPHAN_DAYS, str(policy.orphan_days))
    if not re.fullmatch(r"\d{1,5}", text) or int(text) < MIN_ORPHAN_DAYS:
        raise MaintenanceError(
            f"the table property {ORPHAN_DAYS} is '{text}'; it must be a whole number of days, {MIN_ORPHAN_DAYS} or "
            "more: the files of a write that is under way look like orphans"
        )
    return int(text)


def _flag(properties: dict[str, str], name: str) -> bool:
    text = properties.get(name, "true").lower()
    if text not in ("true", "false"):
        raise MaintenanceError(f"the table property {name} is '{text}'; it must be true or false")
    return text == "true"


def _version(path: str) -> int | None:
    match = _METADATA_FILE.fullmatch(path.rpartition("/")[2])
    return int(match[1]) if match else None


def quoted(name: str) -> str:
    """Write one part of a name as SQL wants it."""
    return name if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) else f"`{name.replace('`', '``')}`"


def literal(value: object) -> str:
    """Write a value as a SQL literal."""
    if isinstance(value, datetime):
        return f"TIMESTAMP '{value:%Y-%m-%d %H:%M:%S} UTC'"
    if isinstance(value, str):
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return str(value).lower()


def first_line(error: Exception) -> str:
    """Say in one line what went wrong."""
    cause = error.java_exception.toString() if isinstance(error, Py4JJavaError) else str(error)
    return cause.splitlines()[0]
