"""table_maintenance_dag's job: maintains all Iceberg tables of a catalog, or one.

spark-submit table_maintenance_job.py --catalog lakehouse --snapshot-retention-days 5 --snapshots-kept 1
    --orphan-retention-days 3

One table's failure leaves the others to be maintained; the job then fails at its end and names it.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from table_maintenance import MIN_ORPHAN_DAYS, MaintenanceError, Policy, maintain_all


def run(spark: SparkSession, arguments: argparse.Namespace) -> dict[str, Any]:
    """Maintain what the arguments say, print a table and return the report.

    :raises MaintenanceError: there is no such table
    """
    policy = Policy(
        *(arguments.snapshot_retention_days, arguments.snapshots_kept, arguments.orphan_retention_days),
        dry_run=arguments.dry_run,
    )
    reports = maintain_all(spark, arguments.catalog, policy, arguments.table)
    print(render(reports), flush=True)
    return {"dry_run": arguments.dry_run, "tables": reports}


def render(reports: dict[str, dict[str, Any]]) -> str:
    """Render the reports as a table for people."""
    measures = ("files", "bytes", "manifests", "metadata_files", "snapshots")
    lines = [("table", "status", *measures, "orphans", "")]
    for name, report in reports.items():
        before, after = report.get("before", {}), report.get("after", {})
        changes = (f"{before[key]} -> {after[key]}" if before else "" for key in measures)
        orphans = report.get("orphans_removed", report.get("orphans_to_remove", ""))
        lines.append((name, report["status"], *changes, str(orphans), report.get("reason", "")))
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    rows = ("  ".join(f"{text:{width}}" for text, width in zip(line, widths, strict=True)) for line in lines)
    return "\n".join(row.rstrip() for row in rows)


def main() -> None:
    """Maintain all tables, or one, and leave the report where the caller asked for it."""
    parser = argparse.ArgumentParser(description="Maintain the tables of an Iceberg catalog.")
    parser.add_argument("--catalog", required=True, help="the catalog's name in Spark")
    parser.add_argument("--snapshot-retention-days", required=True, type=_at_least(1))
    parser.add_argument("--snapshots-kept", required=True, type=_at_least(1))
    parser.add_argument("--orphan-retention-days", required=True, type=_at_least(MIN_ORPHAN_DAYS))
    parser.add_argument("--table", default="", help="one table, as namespace.name; all without it")
    parser.add_argument("--dry-run", type=_true_or_false, default=False, help="true: report what would be done")
    parser.add_argument("--report", type=Path, help="file for the JSON report; without it, the report is only printed")
    arguments = parser.parse_args()

    spark = SparkSession.builder.getOrCreate()
    try:
        report = run(spark, arguments)
    except MaintenanceError as error:
        sys.exit(f"error: {error}")
    finally:
        spark.stop()
    if arguments.report:
        arguments.report.write_text(json.dumps(report), encoding="utf-8")
    failed = {name: table["reason"] for name, table in report["tables"].items() if table["status"] == "failed"}
    if failed:
        reasons = "".join(f"\n  {name}: {reason}" for name, reason in failed.items())
        sys.exit(f"error: {len(failed)} of {len(report['tables'])} tables could not be maintained:{reasons}")


def _true_or_false(text: str) -> bool:
    # As Airflow renders a parameter.
    return {"true": True, "false": False}[text.lower()]


def _at_least(minimum: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if int(text) < minimum:
            raise argparse.ArgumentTypeError(f"{text} is less than {minimum}")
        return int(text)

    return number


if __name__ == "__main__":
    main()
