"""The customers file to parquet, its rejected rows beside it, and a count by country, by DuckDB.

Runs inside duck_db_dag's task. By hand, in a service with the platform's environment: ``python -m utils.duck_db``,
started in the DAGs' directory.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from utils.config_manager import ConfigError, Settings, load_settings
from utils.customers import (
    COLUMNS,
    DATE_PATTERN,
    DUPLICATE_CUSTOMER_ID,
    HEADER_BYTES,
    INDEX_PATTERN,
    INVALID_SUBSCRIPTION_DATE,
    MALFORMED_ROW,
    MAX_ROW_LINES,
    MISSING_CUSTOMER_ID,
    NOT_BLANK_PATTERN,
    REASONS,
    CustomersFileError,
    check_rejected,
    parse_header,
    report,
    unbalanced_quote_error,
)
from utils.store_keys import find_keys

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

log = logging.getLogger(__name__)

# In no file, so that an empty field is not taken for a missing one.
_NO_NULL = "\x01"
_EXTRA = "\x01extra"
_REPLACEMENT = "\ufffd"
# The file as plain lines.
_LINES = (
    "read_csv($source, auto_detect = false, header = false, columns = {'line': 'VARCHAR'}, delim = '\x01', quote = '',"
    " escape = '', ignore_errors = true, parallel = false)"
)


def run(environment: Mapping[str, str]) -> dict[str, Any]:
    """Write the parquet files.

    :param environment: usually ``os.environ``
    :returns: the report
    """
    settings = load_settings(environment)
    source = duckdb_uri(settings.raw_data_uri)
    customers = duckdb_uri(settings.lake_path("duck_db", "customers.parquet"))
    countries = duckdb_uri(settings.lake_path("duck_db", "customers_by_country.parquet"))
    with tempfile.TemporaryDirectory(prefix="duck-db-") as directory, connect(settings, environment, directory) as duck:
        total, rejected = load(duck, source)
        log.info("Read %d rows of %s, rejected %s", total, source, rejected)
        write_quarantine(duck, duckdb_uri(settings.lake_path("duck_db", "quarantine_customers.parquet")), source)
        write_customers(duck, customers)
        rows = write_countries(duck, customers, countries)
        log.info("Wrote %s and %s", customers, countries)
    return report(total, rejected, source=source, target=customers, countries=rows, countries_target=countries)


def connect(settings: Settings, environment: Mapping[str, str], temp_directory: str) -> DuckDBPyConnection:
    """Open a database in memory that reaches the object store, if the settings name one.

    Downloads nothing: the extension comes with a Python package. The credentials go to a secret of this connection
    only, as parameters, so that no SQL text holds them.
    """
    import duckdb

    duck = duckdb.connect(
        ":memory:",
        config={
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "memory_limit": f"{settings.driver_memory.upper()}iB",
            "preserve_insertion_order": "false",
            "temp_directory": temp_directory,
        },
    )
    if any(urlsplit(uri).scheme in ("s3", "s3a") for uri in (settings.raw_data_uri, settings.lake_uri)):
        duck.load_extension(str(extension_file("httpfs")))
        _create_s3_secret(duck, settings, environment)
    return duck


def extension_file(name: str) -> Path:
    """Find an extension of DuckDB in its Python package, duckdb-extension-NAME.

    :raises RuntimeError: the package is of another version than DuckDB
    """
    import duckdb

    package = Path(import_module(f"duckdb_extension_{name}").__file__).parent
    path = package / "extensions" / f"v{duckdb.__version__}" / f"{name}.duckdb_extension"
    if not path.is_file():
        raise RuntimeError(
            f"duckdb-extension-{name} has no extension for DuckDB {duckdb.__version__}: install the same version."
        )
    return path


def duckdb_uri(uri: str) -> str:
    """Rename Spark's schemes to DuckDB's."""
    if uri.startswith("file:"):
        return urlsplit(uri).path
    return "s3://" + uri.removeprefix("s3a://") if uri.startswith("s3a://") else uri


def load(duck: DuckDBPyConnection, source: str) -> tuple[int, dict[str, int]]:
    """Read and check the file into the table ``classified``; count all rows, and the rejected ones by reason.

    :raises CustomersFileError: the file cannot be used
    """
    header = read_header(duck, source)
    duck.execute(classify_sql(header), {"source": source})
    rows = duck.execute(
        "SELECT rejection_reason, count(*), max(row_lines), sum(row_lines) FROM classified GROUP BY ALL"
    ).fetchall()
    counts = {reason: count for reason, count, _, _ in rows}
    # What DuckDB could not read at all; one row can have several errors.
    (unreadable,) = duck.execute("SELECT count(DISTINCT line_byte_position) FROM reject_errors").fetchone()
    counts[MALFORMED_ROW] = counts.get(MALFORMED_ROW, 0) + unreadable
    # A quote that is open at the file's end takes everything after it out of the result without an error.
    (file_lines,) = duck.execute(f"SELECT count(*) FROM {_LINES} WHERE line <> ''", {"source": source}).fetchone()
    lost_lines = file_lines - unreadable - sum(lines for _, _, _, lines in rows)
    row_lines = max([lost_lines, *(longest for _, _, longest, _ in rows)])
    if row_lines > MAX_ROW_LINES:
        raise unbalanced_quote_error(source, row_lines)
    rejected = {reason: counts.get(reason, 0) for reason in REASONS}
    total = sum(counts.values())
    check_rejected(total, rejected, source)
    return total, rejected


def read_header(duck: DuckDBPyConnection, source: str) -> list[str]:
    """Read the file's column names.

    :raises CustomersFileError: there is no such file, or its header is not usable
    """
    import duckdb

    try:
        # As many lines as a header with line breaks in quotes can have; DuckDB fetches only the file's beginning.
        lines = duck.execute(
            f"SELECT line FROM {_LINES} LIMIT $lines", {"source": source, "lines": MAX_ROW_LINES}
        ).fetchall()
    except duckdb.Error as error:
        if _is_missing(error):
            raise CustomersFileError(f"{source} does not exist.") from None
        raise
    return parse_header("\n".join(line for (line,) in lines if line)[:HEADER_BYTES], source)


def classify_sql(header: Sequence[str]) -> str:
    """Render the statement that reads, types and judges all rows; parameter ``source``.

    Of the good rows with one customer id, the one with the smallest index stays.
    """
    # One column more than the header has, because DuckDB forgives a single separator too many; missing fields are NULL,
    # empty ones are not.
    types = ", ".join(f"{_literal(name)}: 'VARCHAR'" for name in (*header, _EXTRA))
    complete = f"{_name(header[-1])} IS NOT NULL AND {_name(_EXTRA)} IS NULL"
    renamed = ",\n            ".join(f"nullif({_name(old)}, '') AS {new}" for old, new in COLUMNS.items())
    texts = ", ".join(COLUMNS.values())
    others = ", ".join(f"{name} NULLS FIRST" for name in COLUMNS.values() if name not in ("index", "subscription_date"))
    return f"""
    CREATE OR REPLACE TEMP TABLE classified AS
    WITH source AS (
        SELECT * FROM read_csv(
            $source, auto_detect = false, header = true, columns = {{{types}}}, delim = ',', quote = '"', escape = '"',
            nullstr = '{_NO_NULL}', null_padding = true, parallel = false, store_rejects = true, rejects_limit = 0
        )
    ),
    renamed AS (
        SELECT
            {renamed},
            {complete} AS complete
        FROM source
    ),
    typed AS (
        SELECT
            * REPLACE (
                CASE WHEN regexp_matches(index, '{INDEX_PATTERN}') THEN try_cast(index AS BIGINT) END AS index,
                CASE WHEN regexp_matches(subscription_date, '{DATE_PATTERN}')
                    THEN try_cast(subscription_date AS DATE) END AS subscription_date
            ),
            index AS raw_index,
            subscription_date AS raw_subscription_date,
            concat({texts}) AS row_text
        FROM renamed
    ),
    checked AS (
        SELECT
            * EXCLUDE (complete, row_text),
            len(row_text) - len(replace(row_text, chr(10), '')) + 1 AS row_lines,
            CASE
                WHEN NOT complete OR index IS NULL OR contains(row_text, '{_REPLACEMENT}') THEN '{MALFORMED_ROW}'
                WHEN NOT coalesce(regexp_matches(customer_id, '{NOT_BLANK_PATTERN}'), false)
                    THEN '{MISSING_CUSTOMER_ID}'
                WHEN subscription_date IS NULL THEN '{INVALID_SUBSCRIPTION_DATE}'
            END AS rejection_reason
        FROM typed
    )
    SELECT
        * EXCLUDE (rejection_reason),
        CASE
            WHEN rejection_reason IS NULL AND row_number() OVER same_id > 1 THEN '{DUPLICATE_CUSTOMER_ID}'
            ELSE rejection_reason
        END AS rejection_reason
    FROM checked
    WINDOW same_id AS (
        PARTITION BY customer_id, rejection_reason IS NULL
        ORDER BY index, subscription_date, {others}
    )
    """


def write_customers(duck: DuckDBPyConnection, target: str) -> None:
    """Replace the customers at the target by the good rows."""
    _copy(duck, f"SELECT {', '.join(COLUMNS.values())} FROM classified WHERE rejection_reason IS NULL", target)


def write_quarantine(duck: DuckDBPyConnection, target: str, source: str) -> None:
    """Replace the quarantine at the target by the rejected rows, all columns as text, with the reason.

    Of what DuckDB could not read at all there is the line, in ``raw_row``, and nothing else.
    """
    columns = ", ".join(
        f"raw_{name} AS {name}" if name in ("index", "subscription_date") else name for name in COLUMNS.values()
    )
    query = f"""
        SELECT *, (SELECT last_modified FROM read_blob({_literal(source)})) AS file_modified_at
        FROM (
            SELECT {columns}, NULL::VARCHAR AS raw_row, rejection_reason
            FROM classified
            WHERE rejection_reason IS NOT NULL
            UNION ALL BY NAME
            SELECT any_value(csv_line) AS raw_row, '{MALFORMED_ROW}' AS rejection_reason
            FROM reject_errors
            GROUP BY line_byte_position
        )
    """
    _copy(duck, query, target)


def write_countries(duck: DuckDBPyConnection, customers: str, target: str) -> int:
    """Replace the count by country at the target, computed from the written customers; return its rows."""
    query = f"""
        SELECT
            country,
            count(*) AS customer_count,
            min(subscription_date) AS first_subscription_date,
            max(subscription_date) AS last_subscription_date
        FROM read_parquet({_literal(customers)})
        GROUP BY country
        ORDER BY country
    """
    return _copy(duck, query, target)


def _copy(duck: DuckDBPyConnection, query: str, target: str) -> int:
    if target.startswith("/"):
        Path(target).parent.mkdir(parents=True, exist_ok=True)
    return duck.execute(f"COPY ({query}) TO {_literal(target)} (FORMAT parquet)").fetchone()[0]


def _create_s3_secret(duck: DuckDBPyConnection, settings: Settings, environment: Mapping[str, str]) -> None:
    keys = find_keys(environment)
    options = {
        "KEY_ID": keys.access_key,
        "SECRET": keys.secret_key,
        "REGION": environment.get("AWS_REGION") or "us-east-1",
        "URL_STYLE": "path" if settings.s3_path_style else "vhost",
    }
    if keys.token:
        options["SESSION_TOKEN"] = keys.token
    if settings.s3_endpoint:
        endpoint = urlsplit(settings.s3_endpoint)
        options["ENDPOINT"] = endpoint.netloc
        options["USE_SSL"] = str(endpoint.scheme == "https").lower()
    rendered = ", ".join(f"{name} ${name}" for name in options)
    duck.execute(f"CREATE TEMPORARY SECRET lakehouse (TYPE s3, {rendered})", options)


def _is_missing(error: Exception) -> bool:
    return "No files found" in str(error) or "404" in str(error) or "NoSuchKey" in str(error)


def _name(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        print(json.dumps(run(os.environ)))
    except (ConfigError, CustomersFileError) as problem:
        sys.exit(f"error: {problem}")
