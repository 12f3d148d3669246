"""Tables as they come: mappings, frames, and things that are no tables."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from fg_core import DataError
from fg_core.tables.columns import columns_of, find


class Polarslike:
    """A frame of another make: a list of names, `to_list`, no index."""

    columns = ("ds", "y")

    class Series:
        def __init__(self, cells: list[Any]) -> None:
            self.cells = cells

        def to_list(self) -> list[Any]:
            return self.cells

    def __getitem__(self, name: str) -> Series:
        return self.Series({"ds": ["2001"], "y": [1.5]}[name])


def test_mappings_and_frames() -> None:
    expected = {"ds": ["2001"], "y": [1.5]}
    for table in (
        {"ds": ["2001"], "y": (1.5,)},
        {" ds ": ["2001"], "y": np.array([1.5])},
        pd.DataFrame(expected),
        Polarslike(),
    ):
        found = columns_of(table, "t")
        assert found == expected
        assert type(found["y"][0]) is float


def test_numpy_dates_stay_dates() -> None:
    days = np.array(["2001-01-01", "NaT"], dtype="datetime64[ns]")
    found = columns_of({"ds": days}, "t")["ds"]
    assert str(found[0]) == "2001-01-01 00:00:00"
    assert found[1] is None


def test_levels_of_an_index_are_columns_where_they_are_wanted() -> None:
    frame = pd.DataFrame({"unique_id": ["a"], "ds": ["2001"], "y": [1.0]})
    indexed = frame.set_index(["unique_id", "ds"])
    assert columns_of(indexed, "t", {"ds"}) == {"ds": ["2001"], "y": [1.0]}
    assert columns_of(indexed, "t", {"unique_id", "ds"}) == columns_of(frame, "t")
    dated = pd.DataFrame({"y": [1.0]}, index=pd.DatetimeIndex(["2001-01-01"]))
    assert list(columns_of(dated, "t", {"index"})) == ["index", "y"]
    assert list(columns_of(dated, "t", {"ds"})) == ["y"]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ([1, 2], "t: a list is no table; give columns by name, or a data frame"),
        (pd.Series([1.0]), "t: a Series is no table; give columns by name, or a data frame"),
        ({}, "t: there are no columns"),
        (pd.DataFrame(), "t: there are no columns"),
        ({"ds": [], "y": []}, "t: there are no rows below the header"),
        ({"ds": ["2001"], "y": [1, 2]}, "t: columns differ in length: ds 1, y 2"),
        ({"y": [1], " y": [2]}, "t: two columns are named 'y'; rename one of them"),
        (
            {"y\x1b[31m": [1]},
            "t: the name of column 'y\\x1b[31m' has control characters; rename it",
        ),
        ({"": [1]}, "t: column 1 has no name; give it one"),
        ({"y": "text"}, "t, column 'y': a str is no list of cells; give one value a row"),
        ({"y": 3}, "t, column 'y': a int is no list of cells; give one value a row"),
        (
            pd.DataFrame([[1, 2]], columns=["y", "y"]),
            "t: two columns are named 'y'; rename one of them",
        ),
    ],
)
def test_what_is_no_table(table: Any, message: str) -> None:
    with pytest.raises(DataError) as caught:
        columns_of(table, "t")
    assert str(caught.value) == message


def test_a_missing_column_lists_the_nearest_first() -> None:
    with pytest.raises(DataError) as caught:
        find({"date": [], "sales": [], "dss": []}, "ds", "the dates", "name it", "t")
    assert str(caught.value) == (
        "t: no column 'ds' for the dates; there are (nearest first) dss, date, sales; name it"
    )
