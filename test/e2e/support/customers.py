"""What the tables must hold, worked out from the customers file without any code of the pipelines.

Python's own CSV reader splits the rows; DuckDB's SQL judges and counts them.
"""

from __future__ import annotations

import csv
import datetime
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb
import pyarrow as pa

COLUMNS = {
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
REASONS = ("malformed_row", "missing_customer_id", "invalid_subscription_date", "duplicate_customer_id")

_JUDGE = """
    create table judged as
    with checked as (
        select *,
            case
                when trim(customer_id, e' \\t') = '' then 'missing_customer_id'
                when not regexp_full_match(subscription_date, '[0-9]{4}-[0-9]{2}-[0-9]{2}')
                    or try_cast(subscription_date as date) is null then 'invalid_subscription_date'
            end as fault
        from whole_rows
    ),
    firsts as (
        select customer_id, min(index) as first_index from checked where fault is null group by customer_id
    )
    select checked.* exclude (fault),
        coalesce(fault, case when index > first_index then 'duplicate_customer_id' end) as reason
    from checked left join firsts using (customer_id)
"""
_GOOD = """
    select index, customer_id, first_name, last_name, company, city, country, phone_1, phone_2, email,
        subscription_date::date as subscription_date, website
    from judged where reason is null
"""
_BAD = "select * replace (index::varchar as index) from judged where reason is not null"
_BY_COUNTRY = """
    select country, count(*) as customer_count, min(subscription_date) as first_subscription_date,
        max(subscription_date) as last_subscription_date
    from good group by country
"""


@dataclass(frozen=True)
class Expected:
    """What a run over one file must lead to."""

    customers: pa.Table
    countries: pa.Table
    rejected: Mapping[str, int]
    # The rejected rows, as text and with their reason, but for those with another number of fields.
    quarantine: Counter[tuple[str | None, ...]]

    @property
    def written(self) -> int:
        """Number of good rows."""
        return self.customers.num_rows


@cache
def expected(file: Path) -> Expected:
    """Work out what a file's tables must hold."""
    with file.open(encoding="utf-8", newline="") as text:
        header, *rows = (row for row in csv.reader(text) if row)
    whole = [row for row in rows if len(row) == len(header)]
    places = {name: header.index(source) for source, name in COLUMNS.items()}
    strings = pa.table({name: [row[place] for row in whole] for name, place in places.items()})
    with duckdb.connect() as duck:
        duck.register("strings", strings)
        duck.execute("create table whole_rows as select * replace (index::bigint as index) from strings")
        duck.execute(_JUDGE)
        rejected = dict(
            duck.execute("select reason, count(*) from judged where reason is not null group by 1").fetchall()
        )
        duck.execute(f"create table good as {_GOOD}")
        customers = duck.execute("from good").to_arrow_table()
        countries = duck.execute(_BY_COUNTRY).to_arrow_table()
        # An empty field is no value.
        bad = Counter(tuple(value or None for value in row) for row in duck.execute(_BAD).fetchall())
    rejected["malformed_row"] = len(rows) - len(whole)
    return Expected(customers, countries, {reason: rejected.get(reason, 0) for reason in REASONS}, bad)


def assert_same(actual: pa.Table, wanted: pa.Table, what: str) -> None:
    """Compare two tables as multisets of rows: sums first, since they make a readable difference.

    :raises AssertionError: with the difference
    """
    assert set(actual.column_names) == set(wanted.column_names), f"{what} has the columns {actual.column_names}"
    dates = {name for name in wanted.column_names if pa.types.is_date(wanted.schema.field(name).type)}
    assert {n for n in actual.column_names if pa.types.is_date(actual.schema.field(n).type)} == dates, actual.schema
    columns = ", ".join(f'"{name}"' for name in wanted.column_names)
    with duckdb.connect() as duck:
        duck.register("actual", actual)
        duck.register("wanted", wanted)
        if "index" in wanted.column_names:
            sums = """count(*), sum("index")::bigint, count(distinct customer_id), sum(length(company))::bigint,
                min(subscription_date), max(subscription_date)"""
        else:
            sums = "count(*), sum(customer_count)::bigint, count(distinct country)"
        assert _one(duck, f"select {sums} from actual") == _one(duck, f"select {sums} from wanted"), what
        groups = "select country, count(*) from {} group by country order by country"
        assert duck.execute(groups.format("actual")).fetchall() == duck.execute(groups.format("wanted")).fetchall(), (
            what
        )
        for left, right in (("actual", "wanted"), ("wanted", "actual")):
            rows = duck.execute(
                f"(select {columns} from {left}) except all (select {columns} from {right}) limit 5"
            ).fetchall()
            assert not rows, f"{what}: rows that are only in the {left} table: {rows}"


def assert_quarantined(actual: pa.Table, wanted: Expected, what: str) -> None:
    """Compare a quarantine table with the rejected rows: all by reason, and word for word where the fields are known.

    :raises AssertionError: with the difference
    """
    rows = actual.select([*wanted.customers.column_names, "rejection_reason"]).to_pylist()
    counts = Counter(row["rejection_reason"] for row in rows)
    assert counts == {reason: count for reason, count in wanted.rejected.items() if count}, what
    found = Counter(tuple(row.values()) for row in rows if row["rejection_reason"] != "malformed_row")
    assert found == wanted.quarantine, f"{what}: {found - wanted.quarantine} instead of {wanted.quarantine - found}"
    assert actual["file_modified_at"].null_count == 0, what


def _one(duck: duckdb.DuckDBPyConnection, sql: str) -> tuple:
    return duck.execute(sql).fetchone()


def write_small_file(path: Path, rows: int = 2_000) -> None:
    """Write a customers file as a user could bring it: other order of columns, one more column, flaws of every kind."""
    rng = random.Random(7)
    header = ["Customer Id", "Index", *list(COLUMNS)[2:], "Remarks"]
    countries = ["Curaçao", "Côte d'Ivoire", "Norway", "Viet Nam", "Bonaire, Sint Eustatius and Saba"]
    companies = ["Müller & Söhne", 'The "Best" Ltd', "Roe, Doe and Partners", "Zażółć S.A.", "Two\nLines plc"]
    first = datetime.date(2020, 1, 1)
    lines = []
    for index in range(1, rows + 1):
        date = first + datetime.timedelta(days=rng.randrange(1800))
        lines.append(
            [
                f"{rng.getrandbits(60):015x}",
                str(index),
                rng.choice(["Zoë", "Łukasz", "Mary Ann", "李", "O'Neil"]),
                rng.choice(["Nuñez", "Smith, Jr.", "Ødegård", "Wang"]),
                rng.choice(companies),
                rng.choice(["São Paulo", "Malmö", "Port-au-Prince"]),
                rng.choice(countries),
                f"+{rng.randrange(10**10)}",
                f"001-{rng.randrange(1000):03}x{rng.randrange(100)}",
                f"user{index}@example.com",
                date.isoformat(),
                "https://www.example.org/",
                rng.choice(["", "vip", "calls, often"]),
            ]
        )
    flaws = iter(rng.sample(range(10, rows - 1), 60))
    date_at, id_at = header.index("Subscription Date"), header.index("Customer Id")
    for _ in range(5):
        del lines[next(flaws)][9:]
    for _ in range(5):
        lines[next(flaws)].append("one too many")
    for blank in ("", "   ", "", " "):
        lines[next(flaws)][id_at] = blank
    for bad in ("2021-02-30", "2023-13-01", "31/12/2020", "", "2020-1-5", "yesterday"):
        lines[next(flaws)][date_at] = bad
    for _ in range(20):
        lines[next(flaws)][id_at] = lines[rng.randrange(9)][id_at]
    # The first holder of this id is flawed itself, so the next one is no duplicate; the third one is.
    a, b, c = sorted(next(flaws) for _ in range(3))
    lines[b][id_at] = lines[c][id_at] = lines[a][id_at]
    lines[a][date_at] = "2022-02-29"
    # Of one id the smallest index stays, wherever in the file it stands.
    d, e = sorted(next(flaws) for _ in range(2))
    lines[e][id_at] = lines[d][id_at]
    lines[d][1], lines[e][1] = lines[e][1], lines[d][1]
    with path.open("w", encoding="utf-8", newline="") as text:
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(lines[: rows // 2])
        text.write("\n")
        writer.writerows(lines[rows // 2 :])
