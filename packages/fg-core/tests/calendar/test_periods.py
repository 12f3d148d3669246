"""Periods against those of pandas, and steps from period to period."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_core.calendar import (
    FREQUENCIES,
    add_months,
    first_business_day,
    next_period,
    parse_period,
    parse_period_end,
    period_end,
    period_label,
    period_number,
    period_start,
    previous_period,
)

FIRST, LAST = datetime(1900, 1, 1), datetime(2200, 1, 1)  # noqa: DTZ001 - days, no moments
MOMENTS = st.datetimes(FIRST, LAST)
PERIODS = {"Y": "Y-DEC", "Q": "Q-DEC", "M": "M", "W": "W-SUN", "D": "D"}


@pytest.mark.parametrize(("frequency", "alias"), PERIODS.items())
@given(moment=MOMENTS)
def test_periods_are_those_of_pandas(frequency: str, alias: str, moment: datetime) -> None:
    theirs = pd.Timestamp(moment).to_period(alias)
    if frequency == "W":  # ours begins with the day
        theirs = pd.Timestamp(moment).to_period("D")
        last = theirs + 6
    else:
        last = theirs
    start = period_start(moment, frequency)
    assert start == theirs.start_time.to_pydatetime()
    assert period_end(start, frequency) == (last + 1).start_time.to_pydatetime()
    following = period_end(start, frequency).date()
    assert period_number(following, frequency) == period_number(start.date(), frequency) + 1


@given(day=st.dates(date(1900, 1, 1), date(2200, 1, 1)), n=st.integers(1, 400))
def test_business_days_are_counted_as_pandas_counts_them(day: date, n: int) -> None:
    first, *_, last = [stamp.date() for stamp in pd.date_range(day, periods=n + 1, freq="B")]
    assert period_number(last, "B") - period_number(first, "B") == n


def test_the_calendar_ends() -> None:
    for frequency in FREQUENCIES:
        with pytest.raises(OverflowError):
            period_end(LAST.replace(year=9999, month=12, day=31), frequency)
        with pytest.raises(OverflowError):
            previous_period(datetime(1, 1, 1), frequency)  # noqa: DTZ001 - the first of all


@given(MOMENTS, st.sampled_from(FREQUENCIES))
def test_before_and_after_undo_each_other(moment: datetime, frequency: str) -> None:
    period = period_start(moment, frequency)
    if frequency == "B":
        period = first_business_day(period)
        assert period.weekday() < 5
        assert timedelta(0) <= period - moment.replace(hour=0, minute=0, second=0, microsecond=0)
    later, earlier = next_period(period, frequency), previous_period(period, frequency)
    assert previous_period(later, frequency) == period == next_period(earlier, frequency)
    number = period_number(period.date(), frequency)
    assert period_number(later.date(), frequency) == number + 1
    assert period_number(earlier.date(), frequency) == number - 1


@given(
    st.builds(
        lambda y, m: datetime(y, m, 1, tzinfo=UTC), st.integers(1950, 2100), st.integers(1, 12)
    ),
    st.sampled_from([1, 3, 12, 25]),
)
def test_months_later_is_a_first_in_the_same_zone(start: datetime, months: int) -> None:
    end = add_months(start, months)
    assert (end.day, end.tzinfo) == (1, UTC)
    assert (end.year - start.year) * 12 + end.month - start.month == months


@given(MOMENTS, st.sampled_from(FREQUENCIES))
def test_labels_are_read_back(moment: datetime, frequency: str) -> None:
    start = period_start(moment.replace(tzinfo=UTC), frequency)
    label = period_label(start, frequency)
    assert parse_period(label) == start
    if frequency != "W":  # a date is written, and a date is a day
        last = parse_period_end(label)
        assert last + timedelta(microseconds=1) == period_end(start, frequency)
