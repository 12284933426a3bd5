"""The rules that Spark and DuckDB must read alike: every test runs on both."""

import json
from collections import Counter

import duckdb
import pytest

import customers_frame
from customer_files import HEADER, TRICKY_KEPT, TRICKY_LINES, TRICKY_REJECTED, good, line, write
from utils import duck_db
from utils.config_manager import load_settings
from utils.customers import COLUMNS, CustomersFileError


@pytest.fixture(params=["spark", "duckdb"])
def load(request, environment, tmp_path):
    """Return a function that loads a file: total, rejected by reason, and the good rows in the order of their index."""
    columns = list(COLUMNS.values())
    if request.param == "spark":
        spark = request.getfixturevalue("spark")

        def by_spark(path):
            customers, _, facts = customers_frame.load(spark, str(path))
            rows = [tuple(row) for row in customers.orderBy("index").collect()]
            assert customers.columns == columns
            spark.catalog.clearCache()
            return facts["rows_written"], facts["rows_rejected"], rows

        return by_spark

    def by_duckdb(path):
        with duck_db.connect(load_settings(environment), environment, str(tmp_path)) as duck:
            total, rejected = duck_db.load(duck, str(path))
            rows = duck.execute(
                f"SELECT {', '.join(columns)} FROM classified WHERE rejection_reason IS NULL ORDER BY index"
            ).fetchall()
        return total - sum(rejected.values()), rejected, rows

    return by_duckdb


def test_tricky_file(load, tmp_path):
    written, rejected, rows = load(write(tmp_path / "c.csv", TRICKY_LINES))
    assert rejected == TRICKY_REJECTED
    assert [row[0] for row in rows if row[0] < 1000] == TRICKY_KEPT
    assert written == len(rows) == len(TRICKY_KEPT) + 600
    by_index = {row[0]: row for row in rows}
    assert by_index[1][4] == "Quoted, Inc."
    assert by_index[2][4] == 'Two\nlines, "Ltd"'
    assert by_index[3][2:4] == ("Zoë Łukasz 李", "Díaz")
    # Empty is no value, quoted or not.
    assert by_index[23][6] is by_index[24][6] is by_index[28][11] is None
    assert by_index[20][1] == "A4"


def test_both_engines_keep_the_same_rows(spark, environment, tmp_path):
    path = str(write(tmp_path / "c.csv", TRICKY_LINES))
    customers, _, facts = customers_frame.load(spark, path)
    from_spark = sorted(tuple(row) for row in customers.collect() if row[0] < 1000)
    with duck_db.connect(load_settings(environment), environment, str(tmp_path)) as duck:
        _, rejected = duck_db.load(duck, path)
        from_duckdb = duck.execute("SELECT * FROM classified WHERE rejection_reason IS NULL")
        columns = [column[0] for column in from_duckdb.description]
        rows = [dict(zip(columns, row, strict=True)) for row in from_duckdb.fetchall()]
    assert sorted(tuple(row[name] for name in COLUMNS.values()) for row in rows if row["index"] < 1000) == from_spark
    assert rejected == facts["rows_rejected"]


@pytest.fixture(params=["spark", "duckdb"])
def quarantine(request, environment, tmp_path):
    """Return a function that loads a file and returns the rejected rows, each as a dictionary."""
    if request.param == "spark":
        spark = request.getfixturevalue("spark")

        def by_spark(path):
            _, rejected, _ = customers_frame.load(spark, str(path))
            rows = [row.asDict() for row in rejected.collect()]
            spark.catalog.clearCache()
            return rows

        return by_spark

    def by_duckdb(path):
        target = str(tmp_path / "quarantine.parquet")
        with duck_db.connect(load_settings(environment), environment, str(tmp_path)) as duck:
            duck_db.load(duck, str(path))
            duck_db.write_quarantine(duck, target, str(path))
            rows = duck.execute(f"SELECT * FROM '{target}'")
            names = [column[0] for column in rows.description]
            return [dict(zip(names, row, strict=True)) for row in rows.fetchall()]

    return by_duckdb


def test_quarantine_has_every_rejected_row_as_it_was(quarantine, tmp_path):
    path = write(tmp_path / "c.csv", TRICKY_LINES)
    rows = quarantine(path)
    assert list(rows[0]) == [*COLUMNS.values(), "raw_row", "rejection_reason", "file_modified_at"]
    assert Counter(row["rejection_reason"] for row in rows) == TRICKY_REJECTED
    by_index = {row["index"]: row for row in rows if row["index"]}
    assert by_index["4"]["subscription_date"] == "2023-02-30"
    assert by_index["16"]["subscription_date"] == "2021-2-3"
    assert by_index["x"]["customer_id"] == "A19"
    assert by_index["12"]["customer_id"] == "  "
    assert by_index["6"]["rejection_reason"] == "duplicate_customer_id"
    # One field too many, three too few: what can be told apart is, or else the line is there.
    texts = [str(row) for row in rows if row["rejection_reason"] == "malformed_row"]
    assert any("A10" in text for text in texts)
    assert any("short" in text for text in texts)
    (modified,) = {row["file_modified_at"].timestamp() for row in rows}
    assert modified == pytest.approx(path.stat().st_mtime, abs=1)


def test_windows_line_ends_and_a_byte_order_mark(load, tmp_path):
    path = write(tmp_path / "c.csv", ["", *good(3)], header="\ufeff" + HEADER, end="\r\n")
    written, rejected, rows = load(path)
    assert (written, sum(rejected.values())) == (3, 0)
    assert rows[0][11] == "http://x"


def test_columns_in_another_order_and_further_ones(load, tmp_path):
    names = HEADER.split(",")
    order = [*range(11, -1, -1)]
    lines = [",".join([*(text.split(",")[i] for i in order), "extra"]) for text in good(3)]
    _, rejected, rows = load(write(tmp_path / "c.csv", lines, header=",".join([*(names[i] for i in order), "Note"])))
    assert sum(rejected.values()) == 0
    assert rows[0][:3] == (1000, "G1000", "Ana")


def test_no_line_end_after_the_last_row(load, tmp_path):
    path = tmp_path / "c.csv"
    path.write_text("\n".join([HEADER, *good(2)]))
    assert load(path)[0] == 2


def test_text_that_is_not_utf_8_is_rejected(load, tmp_path):
    path = write(tmp_path / "c.csv", good(100))
    path.write_bytes(path.read_bytes() + line(1, "L1", first="Zoé").encode("latin-1") + b"\n")
    written, rejected, _ = load(path)
    assert (written, rejected["malformed_row"]) == (100, 1)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty; it needs a header and rows."),
        (HEADER.encode() + b"\n", "has a header but no rows."),
        (b"Index,Name\n1,x\n", "has no column 'Customer Id', 'First Name', "),
        ("\n".join([HEADER, *good(18), "x", "y"]), "2 of 20 rows are rejected (malformed_row 2)"),
        (
            # The quote swallows 200 rows: one malformed row by count, a ruined file in truth.
            "\n".join([HEADER, *good(200), line(1, "A1", company='"Acme'), *good(200, 5000)]),
            "a quote is not closed or not doubled",
        ),
    ],
)
def test_unusable_file_fails(load, tmp_path, content, message):
    path = tmp_path / "c.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(CustomersFileError) as error:
        load(path)
    assert message in str(error.value)
    assert str(path) in str(error.value)


def test_missing_file_fails(load, tmp_path):
    with pytest.raises(CustomersFileError, match=r"none\.csv does not exist\.$"):
        load(tmp_path / "none.csv")


def test_sample_has_the_documented_flaws(load, sample_data, tmp_path):
    assert sample_data("--out", str(tmp_path / "c.csv"), "--rows", "2000").returncode == 0
    written, rejected, _ = load(tmp_path / "c.csv")
    assert rejected == {
        "malformed_row": 2,
        "missing_customer_id": 1,
        "invalid_subscription_date": 3,
        "duplicate_customer_id": 3,
    }
    assert written == 1991


def test_spark_job_writes_parquet_and_a_report(spark, tmp_path, monkeypatch, capsys):
    import spark_job

    source, target, report = write(tmp_path / "c.csv", good(5)), tmp_path / "out", tmp_path / "report.json"
    monkeypatch.setattr(type(spark), "stop", lambda self: None)
    monkeypatch.setattr("sys.argv", ["job", "--source", str(source), "--target", str(target), "--report", str(report)])
    for _ in range(2):
        customers_frame.run_job("test", "--target", spark_job.write)
    facts = json.loads(report.read_text())
    assert facts["rows_written"] == 5
    assert facts["target"] == str(target)
    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == facts
    assert duckdb.sql(f"SELECT count(*), min(subscription_date) FROM '{target}/*.parquet'").fetchone()[0] == 5


def test_spark_job_ends_with_the_message_alone(spark, tmp_path, monkeypatch):
    monkeypatch.setattr(type(spark), "stop", lambda self: None)
    monkeypatch.setattr("sys.argv", ["job", "--source", str(tmp_path / "none.csv"), "--target", str(tmp_path)])
    with pytest.raises(SystemExit, match=r"^error: .*none\.csv does not exist\.$"):
        customers_frame.run_job("test", "--target", lambda *_: None)


def test_duckdb_run_writes_both_files_again_and_again(environment, tmp_path):
    write(tmp_path / "customers.csv", TRICKY_LINES)
    reports = [duck_db.run(environment) for _ in range(2)]
    assert reports[0] == reports[1]
    assert reports[0]["rows_written"] == 609
    assert reports[0]["rows_rejected"] == TRICKY_REJECTED
    assert reports[0]["countries"] == 2
    directory = tmp_path / "lake" / "duck_db"
    assert duckdb.sql(f"SELECT count(*) FROM '{directory}/customers.parquet'").fetchone() == (609,)
    countries = duckdb.sql(f"SELECT * FROM '{directory}/customers_by_country.parquet' WHERE country = 'Chile'")
    assert countries.columns == ["country", "customer_count", "first_subscription_date", "last_subscription_date"]
    assert [str(value) for value in countries.fetchone()] == ["Chile", "607", "2021-05-06", "2021-05-06"]
    assert json.dumps(reports[0])


def test_duckdb_keeps_the_credentials_in_a_secret(environment, tmp_path):
    environment |= {
        "LAKEHOUSE_RAW_DATA_URI": "s3a://examples/c.csv",
        "LAKEHOUSE_LAKE_URI": "s3a://lakehouse",
        "AWS_ACCESS_KEY_ID": "key'id",
        "AWS_SECRET_ACCESS_KEY": "it's hidden",
        "AWS_REGION": "eu-west-1",
    }
    with duck_db.connect(load_settings(environment), environment, str(tmp_path)) as duck:
        (secret,) = duck.execute("SELECT secret_string FROM duckdb_secrets()").fetchone()
    assert "endpoint=minio:9000" in secret
    assert "key_id=key'id" in secret
    assert "url_style=path" in secret
    assert "use_ssl=false" in secret
    assert "region=eu-west-1" in secret
    assert "hidden" not in secret


def test_duckdb_without_credentials_says_which_are_missing(environment, tmp_path):
    environment["LAKEHOUSE_LAKE_URI"] = "s3a://lakehouse"
    with pytest.raises(ValueError, match=r"^AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY must be set"):
        duck_db.connect(load_settings(environment), environment, str(tmp_path))
