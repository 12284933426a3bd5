"""The generator of the sample file."""

import csv
import hashlib
import os

import pytest

from customer_files import HEADER

# Changes with the generator or with @faker-js/faker: then look at the new file and note its sum here.
SHA256_OF_1000_ROWS = "2d0d0a656c97b81de3e16911d117700b57e81ce4bd0300d3d782a2a87af21f20"


def test_the_same_bytes_everywhere(sample_data, tmp_path):
    out = tmp_path / "new" / "c.csv"
    result = sample_data("--out", str(out), "--rows", "1000", env={**os.environ, "TZ": "Asia/Tokyo"})
    assert result.returncode == 0, result.stderr
    assert "1000 rows, 0.2 MB, seed 1." in result.stdout
    assert (
        "Flawed rows: 6 (malformed_row 2, missing_customer_id 1, invalid_subscription_date 2, duplicate_customer_id 1)."
    ) in result.stdout
    assert hashlib.sha256(out.read_bytes()).hexdigest() == SHA256_OF_1000_ROWS
    assert [path.name for path in out.parent.iterdir()] == ["c.csv"]


def test_is_like_real_data(sample_data, tmp_path):
    out = tmp_path / "c.csv"
    sample_data("--out", str(out), "--rows", "999")
    with out.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert ",".join(header) == HEADER
    # Below 1,000 rows there are no flaws.
    assert {len(row) for row in rows} == {12}
    assert [int(row[0]) for row in rows] == list(range(1, 1000))
    assert len({row[1] for row in rows}) == 999
    assert all(all(row) for row in rows)
    assert any("," in row[4] for row in rows)
    assert any(not row[2].isascii() for row in rows)
    assert min(row[10] for row in rows) >= "2020-01-01"
    assert max(row[10] for row in rows) <= "2025-06-30"


def test_another_seed_gives_other_data(sample_data, tmp_path):
    for seed in ("1", "2"):
        sample_data("--out", str(tmp_path / f"{seed}.csv"), "--rows", "10", "--seed", seed)
    assert (tmp_path / "1.csv").read_text() != (tmp_path / "2.csv").read_text()


def test_keeps_an_existing_file_unless_forced(sample_data, tmp_path):
    out = tmp_path / "c.csv"
    out.write_text("mine")
    result = sample_data("--out", str(out), "--rows", "10")
    assert (result.returncode, out.read_text()) == (0, "mine")
    assert "exists already and is kept" in result.stdout
    assert sample_data("--out", str(out), "--rows", "10", "--force").returncode == 0
    assert out.read_text().startswith("Index,")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "error: --out is missing: say where to write the file."),
        (["--out", "x", "--rows", "0"], "error: --rows is '0'; it must be a whole number from 1 to 999999999."),
        (["--out", "x", "--seed", "-1"], "error: "),
        (["--out", "x", "--row", "5"], "error: Unknown option '--row'"),
    ],
)
def test_mistakes(sample_data, tmp_path, arguments, message):
    result = sample_data(*arguments, cwd=tmp_path)
    assert result.returncode == 1
    assert result.stderr.startswith(message)
    assert "    at " not in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written(sample_data, tmp_path):
    (tmp_path / "file").write_text("mine")
    result = sample_data("--out", str(tmp_path / "file" / "c.csv"), "--rows", "10")
    assert result.returncode == 1
    assert result.stderr.startswith(f"error: {tmp_path}/file/c.csv cannot be written: ")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_help(sample_data):
    result = sample_data("--help")
    assert result.returncode == 0
    assert result.stdout.startswith("Usage: node tools/sample-data.mjs --out FILE")
