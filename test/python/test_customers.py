"""The contract of the customers file."""

import pytest

from customer_files import HEADER
from utils.customers import CustomersFileError, check_rejected, parse_header, report


def test_header_may_have_more_columns_in_any_order_quotes_and_a_byte_order_mark():
    names = ["Extra", *reversed(HEADER.split(","))]
    text = "\ufeff" + ",".join(f'"{name}"' for name in names) + "\r\n1,2\r\n"
    assert parse_header(text, "f.csv") == names


def test_header_may_hold_a_quoted_line_break():
    assert parse_header(f'{HEADER},"two\nlines"\n1', "f.csv")[-1] == "two\nlines"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "f.csv is empty; it needs a header and rows."),
        ("\n\n", "f.csv is empty; it needs a header and rows."),
        (HEADER + ",Email\n", "f.csv has the column 'Email' more than once."),
        (HEADER.replace("Email", "E-mail"), "f.csv has no column 'Email'; its header has 'Index', "),
    ],
)
def test_unusable_header(text, message):
    with pytest.raises(CustomersFileError) as error:
        parse_header(text, "f.csv")
    assert str(error.value).startswith(message)


def test_five_percent_may_be_rejected_and_not_one_row_more():
    check_rejected(100, {"malformed_row": 5, "duplicate_customer_id": 0}, "f.csv")
    with pytest.raises(CustomersFileError) as error:
        check_rejected(100, {"malformed_row": 5, "missing_customer_id": 0, "duplicate_customer_id": 1}, "f.csv")
    assert str(error.value) == (
        "f.csv: 6 of 100 rows are rejected (malformed_row 5, duplicate_customer_id 1), more than the allowed 5%. "
        "Nothing was written."
    )


def test_a_header_alone_is_not_enough():
    with pytest.raises(CustomersFileError, match=r"^f\.csv has a header but no rows\.$"):
        check_rejected(0, {}, "f.csv")


def test_report():
    assert report(10, {"malformed_row": 1}, source="f") == {
        "rows_written": 9,
        "rows_rejected": {"malformed_row": 1},
        "source": "f",
    }
