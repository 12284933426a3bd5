"""Compares answers of TPC-H's queries: Spark's from tools/bench/tpch_job.py, DuckDB's from tpch_data.py."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

# Of a double, as DuckDB adds and divides them.
RELATIVE_ERROR = Decimal("1e-12")


def differences(actual: list[list[Any]], wanted: list[dict[str, Any]]) -> list[str]:
    """Rows that differ, in the queries' own order: none of them leaves it open with this data."""
    if len(actual) != len(wanted):
        return [f"{len(actual)} rows instead of {len(wanted)}"]
    return [
        f"row {number}: {left} instead of {list(right.values())}"
        for number, (left, right) in enumerate(zip(actual, wanted, strict=True), start=1)
        if not all(same(*pair) for pair in zip(left, right.values(), strict=True))
    ]


def same(actual: Any, wanted: Any) -> bool:
    """Compare a value of the report with DuckDB's: exactly, but for averages and quotients.

    Those are doubles in DuckDB and in Spark decimals, rounded at their last place.
    """
    if isinstance(wanted, float):
        rounded = Decimal(str(actual))
        last_place = Decimal((0, (1,), int(rounded.as_tuple().exponent)))
        return abs(rounded - Decimal(wanted)) <= last_place / 2 + abs(rounded) * RELATIVE_ERROR
    if isinstance(wanted, Decimal):
        return Decimal(actual) == wanted
    return str(actual) == str(wanted)
