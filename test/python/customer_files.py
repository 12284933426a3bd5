"""Small customers files for the tests, above all one with every trap that CSV has."""

from pathlib import Path

HEADER = "Index,Customer Id,First Name,Last Name,Company,City,Country,Phone 1,Phone 2,Email,Subscription Date,Website"


def line(index, customer_id, *, date="2021-05-06", first="Ana", company="Acme", country="Chile"):
    """Make one line of the file; the values come in as they stand there, quotes included."""
    return f"{index},{customer_id},{first},Díaz,{company},Lima,{country},1,2,a@b.c,{date},http://x"


def write(path: Path, lines, header=HEADER, end="\n") -> Path:
    """Write a file of a header and lines."""
    path.write_bytes((end.join([header, *lines]) + end).encode())
    return path


def good(count, start=1000):
    """Make lines without a flaw: enough of them keep a test below the share of rejected rows that fails a run."""
    return [line(index, f"G{index}") for index in range(start, start + count)]


TRICKY_LINES = [
    line(1, "A1", company='"Quoted, Inc."'),
    line(2, "A2", company='"Two\nlines, ""Ltd"""'),
    line(3, "A3", first="Zoë Łukasz 李"),
    "",
    line(4, "A4", date="2023-02-30"),
    line(6, "A1"),
    line(5, "A3"),
    "7,A7,short",
    line(8, "A8") + ",x",
    line(9, "A9") + ",",
    line(10, "A10") + ",,",
    line(11, ""),
    line(12, '"  "'),
    line(13, "   "),
    line(14, "", date="2023-02-30"),
    "",
    line(15, "A15", date="2020-02-29"),
    line(16, "A16", date="2021-2-3"),
    line(17, "A17", date=""),
    line(18, "A18", date="31/12/2020"),
    line("x", "A19"),
    # The other A4 is rejected for its date, so this one is the first.
    line(20, "A4"),
    line(21, "A21", date="2021-01-01 "),
    line(22, "A22", date='"2021-01-01\n"'),
    # A smaller index further down.
    line(0, "A15"),
    line(23, "A23", country=""),
    line(24, "A24", country='""'),
    line(25, "A25", first="O'Neil"),
    line(26, "A26", company="\ufffdx"),
    line(27, "A27").rsplit(",", 1)[0],
    line(28, "A28").rsplit(",", 1)[0] + ",",
    line(29, "A29", date="2100-02-29"),
    line(30, "A30", date="0000-01-01"),
    *good(600),
]
TRICKY_REJECTED = {
    "malformed_row": 7,
    "missing_customer_id": 4,
    "invalid_subscription_date": 8,
    "duplicate_customer_id": 3,
}
# Index of what stays, without the good() ones.
TRICKY_KEPT = [0, 1, 2, 3, 20, 23, 24, 25, 28]
