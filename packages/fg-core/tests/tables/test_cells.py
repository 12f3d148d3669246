"""What counts as a number, what as missing."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_core import DataError
from fg_core.tables.cells import has_numbers, is_absent, is_missing, name_of, numbers_of
from fg_core.tables.labels import Column, Labels, listed, shown
from fg_core.tables.missing_marks import Marks


def column(*cells: Any) -> Column:
    return Column("y", cells, Labels("t.csv", range(2, 2 + len(cells))))


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_come_through_to_the_last_bit(number: float) -> None:
    cells = (number, np.float64(number), repr(number), f" {number!r} ", Decimal(number))
    for found in numbers_of(column(*cells)).values:
        assert found is not None
        assert found.hex() == number.hex() or found == number == 0.0
    with_comma = numbers_of(column(repr(number).replace(".", ","), "0,5"), ",")
    assert with_comma.values == [number, 0.5]


@pytest.mark.parametrize(
    "cell",
    [
        *("", "  ", "NA", "n/a", "NaN", "nan", "null", "None", "#N/A", "."),
        *(None, math.nan, np.nan, pd.NA, pd.NaT, np.datetime64("NaT", "ns")),
    ],
)
def test_missing_ones_are_none(cell: Any) -> None:
    assert is_missing(cell)
    assert numbers_of(column(cell, 1)).values == [None, 1.0]


def test_a_series_may_be_called_na() -> None:
    assert not is_absent("NA")
    assert name_of("NA") == "NA"
    assert name_of(pd.NA) == name_of(" ") == ""
    assert name_of(7) == "7"


def test_kinds_of_numbers() -> None:
    cells = [1, np.int64(2), np.float32(0.5), Fraction(1, 4), Decimal("1.5"), "+3", "1e3", ".5"]
    assert numbers_of(column(*cells)).values == [1.0, 2.0, 0.5, 0.25, 1.5, 3.0, 1000.0, 0.5]


_NOT = (
    "is not a number; write numbers like 1234.5, without separators of thousands, units or "
    "currency signs, and leave missing ones empty"
)
_BOOL = (
    "is true or false, not a number; write numbers like 1234.5, without separators of thousands, "
    "units or currency signs"
)
_LARGE = "is infinite, or too large; leave the cell empty if the value is missing"


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("abc", f"'abc' {_NOT}"),
        ("1_000", f"'1_000' {_NOT}"),
        ("0x10", f"'0x10' {_NOT}"),
        ("١٢", f"'١٢' {_NOT}"),
        ([1], f"'[1]' {_NOT}"),
        (1j, f"'1j' {_NOT}"),
        (True, f"'True' {_BOOL}"),
        (np.False_, f"'False' {_BOOL}"),
        ("true", f"'true' {_NOT}"),
        ("inf", "'inf' is infinite; leave the cell empty if the value is missing"),
        ("-Infinity", "'-Infinity' is infinite; leave the cell empty if the value is missing"),
        (math.inf, f"'inf' {_LARGE}"),
        ("1e999", f"'1e999' {_LARGE}"),
        (10**400, f"'{'1' + '0' * 39}... {_LARGE}"),
    ],
)
def test_what_is_no_finite_number_is_named(cell: Any, message: str) -> None:
    with pytest.raises(DataError) as caught:
        numbers_of(column(1, cell))
    assert str(caught.value) == f"t.csv, row 2 (line 3), column 'y': {message}"


def test_decimal_commas() -> None:
    assert numbers_of(column("1,5", "-2", "3,25e1"), ",").values == [1.5, -2.0, 32.5]
    assert numbers_of(column("1.5", "2"), ",").values == [1.5, 2.0]
    assert numbers_of(column("1.500", "2.25"), ",").values == [1.5, 2.25]
    assert numbers_of(column("1", None), ",").values == [1.0, None]


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (
            ("1,5", "1.25"),
            "row 2 (line 3), column 'y': '1.25' is a number in another style than other cells; "
            "write numbers like 1234.5, without separators of thousands, units or currency signs",
        ),
        (
            ("12", "1.234", "5.678"),
            "row 2 (line 3), column 'y': '1.234' could be 1234 or 1.234; write numbers without "
            "separators of thousands",
        ),
    ],
)
def test_points_beside_decimal_commas(cells: tuple[str, ...], message: str) -> None:
    with pytest.raises(DataError) as caught:
        numbers_of(column(*cells), ",")
    assert str(caught.value) == f"t.csv, {message}"


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (("a", "b"), False),
        (("", None, "3"), True),
        ((None, math.nan), False),
        ((None, 3), True),
        ((True, False), False),
        (("x", "3"), True),
        (("2001-01-01",), False),
    ],
)
def test_which_columns_hold_numbers(cells: tuple[Any, ...], expected: bool) -> None:
    assert has_numbers(column(*cells)) is expected
    assert has_numbers(column("1,5"))


def test_names_in_messages_are_short() -> None:
    assert shown("x" * 100) == f"'{'x' * 40}..."
    assert listed("abcdefg") == "a, b, c, d, e and 2 more"
    assert listed({"a": 1}) == "a 1"
    assert "\n" not in shown("a\nb")


def test_labels_keep_the_rows_of_the_table() -> None:
    labels = Labels("t", (2, 3, 4, 5)).keep([1, 3])
    assert labels.row(1) == "row 4 (line 5)"
    assert labels.keep([1]).row(0) == "row 4 (line 5)"
    assert Labels("t").row(0) == "row 1"


@pytest.mark.parametrize(
    ("cells", "decimal", "expected"),
    [
        (("1,234.5", "987"), "", [1234.5, 987.0]),
        (("987", "1,234,567"), "", [987.0, 1234567.0]),
        (("1.234,5", "2"), "", [1234.5, 2.0]),
        (("1,5", "1.234"), ",", [1.5, 1234.0]),
        (("12,5", "3,25"), "", [12.5, 3.25]),
        (("1\u00a0234,5", "1\u202f000", "7"), "", [1234.5, 1000.0, 7.0]),
        (("1'234.50", "7"), "", [1234.5, 7.0]),
        (("1,234", "987"), ".", [1234.0, 987.0]),
        (("1,234", "987"), ",", [1.234, 987.0]),
        (("$1,200.50", "($3)", "-$4"), "", [1200.5, -3.0, -4.0]),
        (("12 %", "3.5%"), "", [12.0, 3.5]),
        (("5 €", "1.234,00 €"), "", [5.0, 1234.0]),
        (("7-", "\u22123", "(2.5)"), "", [-7.0, -3.0, -2.5]),
        (("1,234.5", 3, None, "NA"), "", [1234.5, 3.0, None, None]),
    ],
)
def test_numbers_as_people_write_them(
    cells: tuple[Any, ...], decimal: str, expected: list[float | None]
) -> None:
    assert numbers_of(column(*cells), decimal).values == expected


_STYLE_REMEDY = (
    "write numbers like 1234.5, without separators of thousands, units or currency signs"
)


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (
            ("987", "1,234"),
            "row 2 (line 3), column 'y': '1,234' could be 1.234 or 1234; say the decimal sign with "
            "decimal (--option decimal=.)",
        ),
        (
            ("$5", "€5"),
            "row 1 (line 2), column 'y': '$5' has another sign of a currency or of per cent than "
            f"other cells; {_STYLE_REMEDY}",
        ),
        (
            ("1,234.5", "1.234,5"),
            "row 1 (line 2), column 'y': '1,234.5' is a number in another style than other cells; "
            f"{_STYLE_REMEDY}",
        ),
        (
            ("1", "..", ":"),
            "row 2 (line 3), column 'y': '..' is not a number; if it marks a missing value, say so "
            "with na (--na '..,:')",
        ),
        (
            ("1", "1.5 p"),
            "row 2 (line 3), column 'y': '1.5 p' has a mark or a unit beside the number; move such "
            "marks to a column of their own, or leave them out",
        ),
        (
            ("1,234.5", "about 7"),
            "row 2 (line 3), column 'y': 'about 7' is not a number; "
            f"{_STYLE_REMEDY}, and leave missing ones empty",
        ),
    ],
)
def test_numbers_that_stay_open_are_refused(cells: tuple[str, ...], message: str) -> None:
    with pytest.raises(DataError) as caught:
        numbers_of(column(*cells))
    assert str(caught.value) == f"t.csv, {message}"


@given(
    number=st.integers(-(10**12), 10**12).map(lambda n: n / 100),
    others=st.lists(st.integers(1000, 10**9).map(lambda n: n / 100), max_size=4),
    style=st.sampled_from([(",", "."), (".", ","), (" ", ","), ("'", ".")]),
)
def test_a_style_that_shows_is_read_back(
    number: float, others: list[float], style: tuple[str, str]
) -> None:
    thousands, decimal = style
    shows = f"1{thousands}000{decimal}25"
    texts = [
        f"{one:,.2f}".replace(",", "t").replace(".", decimal).replace("t", thousands)
        for one in (number, *others)
    ]
    assert numbers_of(column(shows, *texts)).values == [1000.25, number, *others]


def test_marks_that_are_named_are_missing() -> None:
    marks = Marks.of("..,ND,-999")
    cells = ("..", "nd ", "-999", -999, -999.0, "-999.0", 1.5, "2")
    found = numbers_of(column(*cells), na=marks).values
    assert found == [None, None, None, None, None, None, 1.5, 2.0]
    with pytest.raises(DataError, match=r"'-' is not a number; .* \(--na '..,-'\)"):
        numbers_of(column("..", "-", "1"), na=Marks.of(".."))
