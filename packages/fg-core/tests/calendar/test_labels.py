from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_core import ConfigError
from fg_core.calendar import parse_period, parse_period_end, period_label, split_foreign_label


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("1985Q1", (1985, 1, 1), (1985, 3, 31)),
        ("1985q4", (1985, 10, 1), (1985, 12, 31)),
        ("1985-Q2", (1985, 4, 1), (1985, 6, 30)),
        ("1985-02", (1985, 2, 1), (1985, 2, 28)),
        ("1984-02", (1984, 2, 1), (1984, 2, 29)),
        ("1985-12", (1985, 12, 1), (1985, 12, 31)),
        ("1985-01-31", (1985, 1, 31), (1985, 1, 31)),
        (" 1985 ", (1985, 1, 1), (1985, 12, 31)),
    ],
)
def test_forms(text: str, first: tuple[int, int, int], last: tuple[int, int, int]) -> None:
    assert parse_period(text) == datetime(*first, tzinfo=UTC)
    end = parse_period_end(text)
    assert end.date() == datetime(*last, tzinfo=UTC).date()
    assert (end + timedelta(microseconds=1)).date() > end.date()


@pytest.mark.parametrize("text", ["1985Q0", "1985Q5", "1985-13", "1985-02-30", "0000"])
def test_no_such_period(text: str) -> None:
    with pytest.raises(ConfigError, match="no such quarter, month or day"):
        parse_period(text)


@pytest.mark.parametrize("text", ["", "85Q1", "1985:5", "1985-1", "1985/1", "١٩٨٥", "1985Q1x"])
def test_not_understood(text: str) -> None:
    with pytest.raises(ConfigError, match=r"is not understood; give a quarter \(1985Q1\)"):
        parse_period(text)


@pytest.mark.parametrize("text", ["9999", "9999Q4", "9999-12", "9999-12-31"])
def test_the_last_period_of_the_calendar_has_no_end(text: str) -> None:
    with pytest.raises(ConfigError):
        parse_period_end(text)


@given(
    st.dates(max_value=datetime(9000, 1, 1, tzinfo=UTC).date()),
    st.sampled_from(["Y", "Q", "M", "W", "D"]),
)
def test_a_label_reads_back_as_its_period(day: object, frequency: str) -> None:
    moment = datetime.fromisoformat(f"{day}T00:00:00+00:00")
    label = period_label(moment, frequency)
    assert parse_period(label) <= moment <= parse_period_end(label)
    assert period_label(parse_period(label), frequency) == label


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("1995:1", ("Q", (1995, 1))),
        ("1995:01", ("M", (1995, 1))),
        ("1995:12", ("M", (1995, 12))),
        ("2016M1", ("M", (2016, 1))),
        ("2016/1/31", ("D", (2016, 1, 31))),
        ("2016.01.31", ("D", (2016, 1, 31))),
        ("2016-1-31", ("D", (2016, 1, 31))),
        ("2020-01-06/2020-01-12", ("D", (2020, 1, 6))),
        ("1Q95", ("Q", (1995, 1))),
        ("Q1'16", ("Q", (2016, 1))),
        ("31-Jan-16", ("D", (2016, 1, 31))),
        ("31 January 2016", ("D", (2016, 1, 31))),
        ("Jan. 31, 2016", ("D", (2016, 1, 31))),
        ("2021W1", ("D", (2021, 1, 4))),
    ],
)
def test_forms_that_are_read_but_not_written(text: str, parts: tuple[str, tuple[int, ...]]) -> None:
    assert split_foreign_label(text) == parts


@pytest.mark.parametrize("text", ["2001", "2001Q3", "2001-q4", "2001-07", "2001-07-31"])
def test_own_forms_are_not_foreign(text: str) -> None:
    assert split_foreign_label(text) is None
