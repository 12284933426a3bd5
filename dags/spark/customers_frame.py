"""Reads the customers file as a Spark DataFrame and says of each row whether, and why, it is rejected."""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from py4j.protocol import Py4JJavaError
from pyspark import StorageLevel
from pyspark.sql import Column, DataFrame, SparkSession, Window
from pyspark.sql import functions as F
from pyspark.sql.types import StringType, StructField, StructType

# spark-submit puts only this directory on the path; the contract that is shared with DuckDB stands beside it.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

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

log = logging.getLogger("lakehouse")

# For short jobs. Adaptive execution merges the partitions of a shuffle down to what the data needs, but below a cache
# only when told so; else every one of them would become a small file.
SESSION_CONF = {
    "spark.sql.shuffle.partitions": "32",
    "spark.sql.optimizer.canChangeCachedPlanOutputPartitioning": "true",
    "spark.sql.inMemoryColumnarStorage.compressed": "false",
}

_CORRUPT = "_corrupt_record"
# What a row was in the file, where the columns of the tables do not say it.
_RAW_ROW = "raw_row"
_RAW = "raw_{}"
_FILE_MODIFIED_AT = "file_modified_at"
_REASON = "rejection_reason"
_ROW_LINES = "row_lines"


def read_header(spark: SparkSession, uri: str) -> list[str]:
    """Read the file's column names on the driver, without a Spark job.

    :raises CustomersFileError: there is no such file, or its header is not usable
    """
    jvm = spark._jvm
    path = jvm.org.apache.hadoop.fs.Path(uri)
    try:
        stream = path.getFileSystem(spark._jsc.hadoopConfiguration()).open(path)
    except Py4JJavaError as error:
        if "FileNotFoundException" not in str(error.java_exception.toString()):
            raise
        raise CustomersFileError(f"{uri} does not exist.") from None
    try:
        beginning = bytes(stream.readNBytes(HEADER_BYTES))
    finally:
        with suppress(Py4JJavaError):
            stream.close()
    # The last character may be cut in two.
    return parse_header(beginning.decode("utf-8", errors="ignore"), uri)


def read_rows(spark: SparkSession, uri: str, header: Sequence[str]) -> DataFrame:
    """Read all rows as text, named as in the file; a row with another number of fields has ``_corrupt_record`` set."""
    fields = [StructField(name, StringType()) for name in (*header, _CORRUPT)]
    return spark.read.csv(
        uri,
        schema=StructType(fields),
        header=True,
        # Quotes are doubled, as spreadsheets and RFC 4180 do, and may hold line breaks.
        escape='"',
        multiLine=True,
        mode="PERMISSIVE",
        columnNameOfCorruptRecord=_CORRUPT,
    )


def classify(rows: DataFrame) -> DataFrame:
    """Rename and type the columns; add ``rejection_reason`` (null for a good row), ``row_lines`` and the raw values.

    Of the good rows with one customer id, the one with the smallest index stays.
    """
    typed = rows.select(
        *(F.col(f"`{source}`").alias(target) for source, target in COLUMNS.items()),
        F.col(_CORRUPT).alias(_RAW_ROW),
        F.col("_metadata.file_modification_time").alias(_FILE_MODIFIED_AT),
    ).withColumns(
        {
            **{_RAW.format(name): F.col(name) for name in _TYPED},
            "index": _when_matches("index", INDEX_PATTERN, "bigint"),
            "subscription_date": _when_matches("subscription_date", DATE_PATTERN, "date"),
        }
    )
    text = F.concat_ws("", *(name for name in COLUMNS.values() if name not in _TYPED))
    # What was not UTF-8 in the file.
    garbled = text.contains("\ufffd")
    checked = typed.select(
        *typed.columns,
        F.when(F.col(_RAW_ROW).isNotNull() | F.col("index").isNull() | garbled, F.lit(MALFORMED_ROW))
        .when(~F.coalesce(F.col("customer_id").rlike(NOT_BLANK_PATTERN), F.lit(False)), F.lit(MISSING_CUSTOMER_ID))
        .when(F.col("subscription_date").isNull(), F.lit(INVALID_SUBSCRIPTION_DATE))
        .alias(_REASON),
        (F.length(text) - F.length(F.replace(text, F.lit("\n"))) + 1).alias(_ROW_LINES),
    )
    good = F.col(_REASON).isNull()
    # Identical indexes are no contract, but the choice must still be the same in every run and engine.
    order = ("index", "subscription_date", *(name for name in COLUMNS.values() if name not in _TYPED))
    same_id = Window.partitionBy("customer_id", good).orderBy(*(F.col(name).asc_nulls_first() for name in order))
    return checked.withColumn(
        _REASON,
        F.when(good & (F.row_number().over(same_id) > 1), F.lit(DUPLICATE_CUSTOMER_ID)).otherwise(F.col(_REASON)),
    )


def accepted(classified: DataFrame) -> DataFrame:
    """Keep the good rows, with the columns of the tables."""
    return classified.where(F.col(_REASON).isNull()).select(*COLUMNS.values())


def quarantined(classified: DataFrame) -> DataFrame:
    """Keep the rejected rows as they stand in the file, all of its columns as text, with the reason.

    ``raw_row`` is the whole row when it has another number of fields than the header, ``file_modified_at`` the time at
    which the file was put where it is.
    """
    return classified.where(F.col(_REASON).isNotNull()).select(
        *(F.col(_RAW.format(name) if name in _TYPED else name).alias(name) for name in COLUMNS.values()),
        _RAW_ROW,
        _REASON,
        _FILE_MODIFIED_AT,
    )


def count_rows(classified: DataFrame, uri: str) -> tuple[int, dict[str, int]]:
    """Count all rows, and the rejected ones by reason, in one pass; refuse a file that is too bad.

    :raises CustomersFileError: the file has no rows, too many rejected ones, or a quote that is never closed
    """
    counts = classified.agg(
        F.count("*").alias("total"),
        F.max(_ROW_LINES).alias(_ROW_LINES),
        *(F.count_if(F.col(_REASON) == reason).alias(reason) for reason in REASONS),
    ).first()
    if (counts[_ROW_LINES] or 0) > MAX_ROW_LINES:
        raise unbalanced_quote_error(uri, counts[_ROW_LINES])
    rejected = {reason: counts[reason] for reason in REASONS}
    check_rejected(counts["total"], rejected, uri)
    return counts["total"], rejected


def load(spark: SparkSession, uri: str) -> tuple[DataFrame, DataFrame, dict[str, Any]]:
    """Read, check and count the file.

    The rows are kept in memory (or on disk), so that the file is parsed once and nothing is written before it is known
    to be good.

    :returns: the good rows, the rejected ones, and the report of what will have been written once they are
    """
    classified = classify(read_rows(spark, uri, read_header(spark, uri))).persist(StorageLevel.MEMORY_AND_DISK)
    total, rejected = count_rows(classified, uri)
    return accepted(classified), quarantined(classified), report(total, rejected, source=uri)


def run_job(description: str, target_option: str, write: Any) -> None:
    """Run a job from the command line: load the customers, write them, leave the report where the caller asked for it.

    :param description: shown by ``--help``
    :param target_option: name of the option that says where to write, such as ``--table``
    :param write: called with the session, the good rows, the rejected ones and the target
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--source", required=True, help="the customers file")
    parser.add_argument(target_option, required=True, dest="target", help="where to write")
    parser.add_argument("--report", type=Path, help="file for the JSON report; without it, the report is only printed")
    arguments = parser.parse_args()

    spark = SparkSession.builder.config(map=SESSION_CONF).getOrCreate()
    try:
        customers, rejected, facts = load(spark, arguments.source)
        write(spark, customers, rejected, arguments.target)
    except CustomersFileError as error:
        sys.exit(f"error: {error}")
    finally:
        spark.stop()
    text = json.dumps({**facts, "target": arguments.target})
    print(text, flush=True)
    if arguments.report:
        arguments.report.write_text(text, encoding="utf-8")


_TYPED = ("index", "subscription_date")


def _when_matches(name: str, pattern: str, spark_type: str) -> Column:
    return F.when(F.col(name).rlike(pattern), F.col(name).try_cast(spark_type))
