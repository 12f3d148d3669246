"""Frequencies against those of pandas, with and without gaps."""

from __future__ import annotations

import warnings
from datetime import date, datetime

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_core.observation import FREQUENCIES
from fg_core.tables.frequency import (
    FREQUENCY_NAMES,
    PERIOD_NAMES,
    SEASON_LENGTHS,
    infer_frequency,
    missing_periods,
    period_end,
    period_number,
    period_start,
)

# Ours, and the aliases of pandas that are the same.
ALIASES = [
    *(("Y", alias) for alias in ("YS", "YE", "YE-JUN")),
    *(("Q", alias) for alias in ("QS", "QE", "QE-JAN")),
    *(("M", alias) for alias in ("MS", "ME", "BME", "BMS")),
    *(("W", f"W-{day}") for day in ("SUN", "MON", "FRI")),
    ("B", "B"),
    ("D", "D"),
]
FIRST, LAST = datetime(1900, 1, 1), datetime(2200, 1, 1)  # noqa: DTZ001 - days, no moments
PERIODS = {"Y": "Y-DEC", "Q": "Q-DEC", "M": "M", "W": "W-SUN", "D": "D"}


def days_of(alias: str, start: date, n: int) -> list[date]:
    return [stamp.date() for stamp in pd.date_range(start, periods=n, freq=alias)]


def test_every_frequency_has_names_and_a_season() -> None:
    assert set(FREQUENCIES) == set(FREQUENCY_NAMES) == set(PERIOD_NAMES) == set(SEASON_LENGTHS)
    assert [SEASON_LENGTHS[f] for f in "DBWMQY"] == [7, 5, 52, 12, 4, 1]


@pytest.mark.parametrize(("frequency", "alias"), ALIASES)
@given(start=st.dates(date(1950, 1, 1), date(2050, 1, 1)), n=st.integers(10, 60))
def test_without_gaps_it_is_what_pandas_infers(
    frequency: str, alias: str, start: date, n: int
) -> None:
    days = days_of(alias, start, n)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pandas is about to return another type
        inferred = str(pd.infer_freq(pd.DatetimeIndex(days)))
    assert inferred.strip("<")[0] == alias[0] or alias.startswith("B")
    assert infer_frequency(days) == frequency
    assert missing_periods(days, frequency) == 0


@pytest.mark.parametrize(("frequency", "alias"), ALIASES)
@given(
    start=st.dates(date(1950, 1, 1), date(2050, 1, 1)),
    n=st.integers(40, 80),
    gaps=st.sets(st.integers(1, 38), max_size=8),
)
def test_gaps_change_nothing_and_are_counted(
    frequency: str, alias: str, start: date, n: int, gaps: set[int]
) -> None:
    days = [day for at, day in enumerate(days_of(alias, start, n)) if at not in gaps]
    assert infer_frequency(days) == frequency
    assert missing_periods(days, frequency) == len(gaps)


@pytest.mark.parametrize(("frequency", "alias"), PERIODS.items())
@given(moment=st.datetimes(FIRST, LAST))
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
    first, *_, last = [*days_of("B", day, n + 1)]
    assert period_number(last, "B") - period_number(first, "B") == n


def test_the_calendar_ends() -> None:
    for frequency in FREQUENCY_NAMES:
        with pytest.raises(OverflowError):
            period_end(LAST.replace(year=9999, month=12, day=31), frequency)


def months(*numbers: int) -> list[date]:
    return [date(2000 + m // 12, m % 12 + 1, 1) for m in numbers]


@pytest.mark.parametrize(
    ("days", "message"),
    [
        (
            months(*range(0, 30, 3), *range(30, 60)),
            "its rows are monthly, but quarterly from 2000-01-01 on; give one frequency",
        ),
        (
            months(*range(40), *range(48, 120, 12)),
            "its rows are monthly, but annual from 2004-01-01 on; give one frequency",
        ),
        (
            [*days_of("D", date(2001, 1, 1), 60), *days_of("W-THU", date(2001, 3, 8), 30)],
            "its rows are daily, but weekly from 2001-03-01 on; give one frequency",
        ),
        (
            [*days_of("B", date(2001, 1, 1), 60), *days_of("BME", date(2001, 4, 1), 30)],
            "its rows are business-daily, but monthly from 2001-04-30 on; give one frequency",
        ),
        (
            months(*range(0, 40, 2)),
            "its dates are not regular (most often 2 months apart); rows are daily, "
            "business-daily, weekly, monthly, quarterly or annual, with gaps of less than half of "
            "the steps",
        ),
        (
            days_of("2W-MON", date(2001, 1, 1), 30),
            "its dates are not regular (most often 2 weeks apart); rows are daily, "
            "business-daily, weekly, monthly, quarterly or annual, with gaps of less than half of "
            "the steps",
        ),
    ],
)
def test_two_frequencies_or_none(days: list[date], message: str) -> None:
    with pytest.raises(ValueError, match=r"frequency|regular") as caught:
        infer_frequency(days)
    assert str(caught.value) == message
