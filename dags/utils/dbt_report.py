"""The report that the dbt project prints at the end of a run (dbt/macros/report_results.sql)."""

from __future__ import annotations

import json
from typing import Any

REPORT_MARK = "LAKEHOUSE_REPORT "


def parse_report(line: str) -> dict[str, Any] | None:
    """Read the report from a line of dbt's output; None when the line holds none.

    :raises RuntimeError: the line announces a report but holds no JSON object
    """
    _, mark, text = line.partition(REPORT_MARK)
    if not mark:
        return None
    try:
        report = json.loads(text)
    except ValueError as error:
        raise RuntimeError(f"dbt's report is not JSON: {error}") from None
    if not isinstance(report, dict):
        raise RuntimeError("dbt's report is not a JSON object.")
    return report


def require_report(report: dict[str, Any] | None, command: str) -> dict[str, Any]:
    """Return the report of a command that ended well.

    :raises RuntimeError: there is none
    """
    if report is None:
        raise RuntimeError(f"'{command}' printed no report: is report_results among the on-run-end hooks?")
    return report
