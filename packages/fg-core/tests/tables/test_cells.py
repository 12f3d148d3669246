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


def column(*cells: Any) -> Column:
    return Column("y", cells, Labels("t.csv", range(2, 2 + len(cells))))


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_come_through_to_the_last_bit(number: float) -> None:
    cells = (number, np.float64(number), repr(number), f" {number!r} ", Decimal(number))
    for found in numbers_of(column(*cells)):
        assert found is not None
        assert found.hex() == number.hex() or found == number == 0.0
    with_comma = numbers_of(column(repr(number).replace(".", ","), "0,5"), ",")
    assert with_comma == [number, 0.5]


@pytest.mark.parametrize(
    "cell",
    [
        *("", "  ", "NA", "n/a", "NaN", "nan", "null", "None", "#N/A", "."),
        *(None, math.nan, np.nan, pd.NA, pd.NaT, np.datetime64("NaT", "ns")),
    ],
)
def test_missing_ones_are_none(cell: Any) -> None:
    assert is_missing(cell)
    assert numbers_of(column(cell, 1)) == [None, 1.0]


def test_a_series_may_be_called_na() -> None:
    assert not is_absent("NA")
    assert name_of("NA") == "NA"
    assert name_of(pd.NA) == name_of(" ") == ""
    assert name_of(7) == "7"


def test_kinds_of_numbers() -> None:
    cells = [1, np.int64(2), np.float32(0.5), Fraction(1, 4), Decimal("1.5"), "+3", "1e3", ".5"]
    assert numbers_of(column(*cells)) == [1.0, 2.0, 0.5, 0.25, 1.5, 3.0, 1000.0, 0.5]


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
        ("1,234", f"'1,234' {_NOT}"),
        ("1_000", f"'1_000' {_NOT}"),
        ("12 %", f"'12 %' {_NOT}"),
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
    assert numbers_of(column("1,5", "-2", "3,25e1"), ",") == [1.5, -2.0, 32.5]
    assert numbers_of(column("1.5", "2"), ",") == [1.5, 2.0]
    assert numbers_of(column("1.500", "2.25"), ",") == [1.5, 2.25]
    assert numbers_of(column("1", None), ",") == [1.0, None]


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (
            ("1,5", "1.234,5"),
            "row 2 (line 3), column 'y': '1.234,5' has a point in a column of decimal commas; use "
            "one of them alone",
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
    assert has_numbers(column("1,5"), ",")


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
