"""Columns told by their content, where nobody names them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from fg_core import DataError, dataset_from_table
from fg_core.tables.content import looks_like_dates, looks_like_numbers

MONTHS = [f"{2001 + t // 12}-{t % 12 + 1:02}" for t in range(30)]
VALUES = [float(t % 5) for t in range(30)]


@pytest.mark.parametrize(
    ("cells", "dates", "numbers"),
    [
        (["2001-07", None, "2001-08"], True, False),
        ([date(2001, 7, 1)], True, False),
        (["2001-07-31T12:00", "2001-08-31 12:00"], True, False),
        (["Jan-16", "Feb-16"], True, False),
        (["20010131"], True, True),
        ([20010131, 20010228], False, True),
        (["2001", "2002"], False, True),
        (["3.5", "", "4"], False, True),
        ([True, False], False, False),
        (["north", "2001-07"], False, False),
        ([], False, False),
        ([None, ""], False, False),
    ],
)
def test_what_cells_look_like(cells: list[Any], dates: bool, numbers: bool) -> None:
    assert (looks_like_dates(cells), looks_like_numbers(cells)) == (dates, numbers)


def test_the_only_column_of_dates_and_the_only_one_of_numbers_are_taken_and_said() -> None:
    named = dataset_from_table({"ds": MONTHS, "y": VALUES})
    found = dataset_from_table({"month": MONTHS, "shop": ["north"] * 30, "sales": VALUES})
    assert [(row.timestamp, row.value) for row in found] == [
        (row.timestamp, row.value) for row in named
    ]
    assert found.series_ids == ("sales",)
    said = "table: columns of dates and values told by their content: month, sales."
    assert said in found.provenance.notices
    assert not any("told by their content" in text for text in named.provenance.notices)


def test_a_wide_table_of_numbers_is_all_series() -> None:
    found = dataset_from_table({"date": MONTHS, "a": VALUES, "b": VALUES[::-1]})
    assert found.series_ids == ("a", "b")


def test_a_long_table_needs_its_values_named_where_there_are_several() -> None:
    columns = {"unique_id": ["a"] * 30, "date": MONTHS, "sales": VALUES, "price": VALUES}
    with pytest.raises(DataError, match="no column 'y' for the values"):
        dataset_from_table(columns)
    found = dataset_from_table({**columns, "y": VALUES})
    assert found.series_ids == ("a",)


def test_two_columns_of_dates_are_not_chosen_from() -> None:
    with pytest.raises(DataError, match="no column 'ds' for the dates"):
        dataset_from_table({"from": MONTHS, "to": MONTHS, "y": VALUES})


def test_what_is_named_is_not_guessed() -> None:
    with pytest.raises(DataError, match="no column 'day' for the dates"):
        dataset_from_table({"month": MONTHS, "y": VALUES}, ds="day")
