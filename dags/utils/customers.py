"""The contract of the customers file: its columns, the reasons to reject a row, and when a file is too bad to use.

Spark, DuckDB and dbt each apply it in their own language; this module is the part that Spark and DuckDB share. It
imports nothing but the standard library, because it runs inside Spark's driver as well as inside Airflow.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from typing import Any

# Column of the file -> column of the tables.
COLUMNS: Mapping[str, str] = {
    "Index": "index",
    "Customer Id": "customer_id",
    "First Name": "first_name",
    "Last Name": "last_name",
    "Company": "company",
    "City": "city",
    "Country": "country",
    "Phone 1": "phone_1",
    "Phone 2": "phone_2",
    "Email": "email",
    "Subscription Date": "subscription_date",
    "Website": "website",
}

MALFORMED_ROW = "malformed_row"
MISSING_CUSTOMER_ID = "missing_customer_id"
INVALID_SUBSCRIPTION_DATE = "invalid_subscription_date"
DUPLICATE_CUSTOMER_ID = "duplicate_customer_id"

# In this order: a row is counted under the first reason that holds.
REASONS: Sequence[str] = (
    MALFORMED_ROW,
    MISSING_CUSTOMER_ID,
    INVALID_SUBSCRIPTION_DATE,
    DUPLICATE_CUSTOMER_ID,
)

# Regular expressions that Java (Spark) and RE2 (DuckDB) read alike. Of a date the shape only: engines know the rest.
INDEX_PATTERN = r"^[0-9]{1,18}\z"
NOT_BLANK_PATTERN = r"[^ \t\r\n\f]"
DATE_PATTERN = r"^[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}\z"

MAX_REJECTED_SHARE = 0.05
# A row of more lines than this is no row but what follows an unbalanced quote.
MAX_ROW_LINES = 50
# More than any header; the header may hold quoted line breaks.
HEADER_BYTES = 64 * 1024


class CustomersFileError(ValueError):
    """The customers file cannot be used; the message says what to change in it."""


def parse_header(text: str, uri: str) -> list[str]:
    """Read the column names from the beginning of the file and check that none is missing.

    :param text: the file's first characters, at least its whole header
    :param uri: where the file is, for the messages
    :raises CustomersFileError: the file is empty, or a needed column is missing or there twice
    """
    lines = (line for line in text.removeprefix("\ufeff").splitlines(keepends=True))
    names = next((row for row in csv.reader(lines) if row), None)
    if names is None:
        raise CustomersFileError(f"{uri} is empty; it needs a header and rows.")
    missing = [column for column in COLUMNS if column not in names]
    if missing:
        raise CustomersFileError(
            f"{uri} has no column {_quoted(missing)}; its header has {_quoted(names)}, needed are {_quoted(COLUMNS)}."
        )
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise CustomersFileError(f"{uri} has the column {_quoted(repeated)} more than once.")
    return names


def check_rejected(rows_total: int, rejected: Mapping[str, int], uri: str) -> None:
    """Refuse a file without rows and one of which too many rows are rejected.

    :raises CustomersFileError: with the counts
    """
    if rows_total == 0:
        raise CustomersFileError(f"{uri} has a header but no rows.")
    rows_rejected = sum(rejected.values())
    if rows_rejected > MAX_REJECTED_SHARE * rows_total:
        counts = ", ".join(f"{reason} {count}" for reason, count in rejected.items() if count)
        raise CustomersFileError(
            f"{uri}: {rows_rejected} of {rows_total} rows are rejected ({counts}), more than the allowed "
            f"{MAX_REJECTED_SHARE:.0%}. Nothing was written."
        )


def unbalanced_quote_error(uri: str, row_lines: int) -> CustomersFileError:
    """Describe a quote that is not closed where it should be: all lines after it count as one row."""
    return CustomersFileError(
        f"{uri}: a row spans {row_lines} lines (at most {MAX_ROW_LINES} are allowed): "
        "a quote is not closed or not doubled somewhere in it. Nothing was written."
    )


def report(rows_total: int, rejected: Mapping[str, int], **facts: Any) -> dict[str, Any]:
    """Build what every load returns: rows written, rows rejected by reason, and further facts."""
    return {"rows_written": rows_total - sum(rejected.values()), "rows_rejected": dict(rejected), **facts}


def _quoted(names: Any) -> str:
    return ", ".join(f"'{name}'" for name in names)
