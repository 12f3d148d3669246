"""Weeks off their day, two rows in a period, days of the week that never occur."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_core.calendar import closed_weekdays, infer_frequency, missing_periods, weekly_days
from fg_core.calendar.odd_days import odd_days

STARTS = st.dates(date(1950, 1, 1), date(2050, 1, 1))


def weeks(start: date, n: int) -> list[date]:
    return [start + timedelta(weeks=k) for k in range(n)]


@given(
    start=STARTS,
    n=st.integers(20, 80),
    odd=st.dictionaries(st.integers(0, 79), st.integers(-3, 3), max_size=4),
)
def test_weeks_off_their_day_are_moved_to_it(start: date, n: int, odd: dict[int, int]) -> None:
    days = weeks(start, n)
    moved = [day + timedelta(days=odd.get(k, 0)) for k, day in enumerate(days)]
    assert weekly_days(moved) == days


@pytest.mark.parametrize(
    "days",
    [
        [],
        [date(2021, 1, 1) + timedelta(days=k) for k in range(30)],
        [*weeks(date(2021, 1, 4), 10), date(2021, 3, 9)],  # a week with two rows
    ],
)
def test_what_is_not_weekly_is_left_alone(days: list[date]) -> None:
    assert weekly_days(days) is None


def test_two_rows_in_a_week_are_named() -> None:
    days = [*weeks(date(2021, 1, 4), 10), date(2021, 3, 9), *weeks(date(2021, 3, 15), 10)]
    assert odd_days(days) == ("W", date(2021, 3, 8), date(2021, 3, 9))
    with pytest.raises(ValueError, match="weekly, but 2021-03-08 and 2021-03-09 are in one week"):
        infer_frequency(days)


def test_two_rows_in_a_month_are_named_before_a_change_of_frequency() -> None:
    days = [date(2001 + m // 12, m % 12 + 1, 1) for m in range(40)]
    days[16] = date(2002, 4, 30)
    with pytest.raises(ValueError, match="monthly, but 2002-04-01 and 2002-04-30 are in one month"):
        infer_frequency(days)


@given(start=STARTS, n=st.integers(60, 200), closed=st.sets(st.integers(0, 6), max_size=4))
def test_closed_days_are_found_and_are_no_gaps(start: date, n: int, closed: set[int]) -> None:
    every = [start + timedelta(days=k) for k in range(n)]
    days = [day for day in every if day.weekday() not in closed]
    assert closed_weekdays(days) == tuple(sorted(closed))
    assert missing_periods(days, "D", closed=closed) == 0
    assert missing_periods([*days[:5], *days[8:]], "D", closed=closed) == 3


def test_sparse_days_are_not_closed_ones() -> None:
    days = [date(2021, 1, 4) + timedelta(days=k) for k in range(0, 200, 9)]
    assert closed_weekdays(days) == closed_weekdays(days[:3]) == ()


def test_rows_only_where_something_was_sold_are_gaps_and_no_second_frequency() -> None:
    steps = [3, 1, 1, 2, 4, 3, 3, 6, 2, 3, 2, 1, 1, 8, 4, 4, 4, 5, 2, 1, 5, 3, 1]
    days = [date(2021, 1, 4) + timedelta(weeks=sum(steps[:k])) for k in range(len(steps) + 1)]
    with pytest.raises(ValueError, match=r"^its rows are weekly, and 46 of 70 weeks have none"):
        infer_frequency(days)
    assert infer_frequency(days, gaps=True) == "W"
