"""Frequencies against those of pandas, with and without gaps."""

from __future__ import annotations

import warnings
from datetime import date
from itertools import combinations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_core.calendar import (
    FREQUENCIES,
    FREQUENCY_NAMES,
    PERIOD_NAMES,
    SEASON_LENGTHS,
    infer_frequency,
    is_finer,
    missing_periods,
    own_frequency,
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


@pytest.mark.parametrize(
    ("days", "message"),
    [
        ([], "its frequency does not show from 0 of its dates"),
        (months(0), "its frequency does not show from 1 of its dates"),
        (months(0, 2, 1), "its dates do not rise; give one row per period, in order"),
        (months(0, 1, 1), "its dates do not rise; give one row per period, in order"),
    ],
)
def test_dates_that_tell_nothing_are_refused(days: list[date], message: str) -> None:
    with pytest.raises(ValueError, match="its") as caught:
        infer_frequency(days)
    assert str(caught.value) == message
    assert own_frequency(days, "W") == "W"


def test_the_own_frequency_is_the_inferred_one_where_dates_tell() -> None:
    assert own_frequency(months(0, 3, 6, 9), "M") == "Q"
    assert own_frequency(months(*range(0, 40, 2)), "Q") == "Q"  # irregular


def test_frequencies_are_ordered_by_the_length_of_their_periods() -> None:
    finer = {(a, b) for a in FREQUENCIES for b in FREQUENCIES if is_finer(a, than=b)}
    assert finer == set(combinations("DBWMQY", 2))


def test_names_cannot_be_changed() -> None:
    for names in (FREQUENCY_NAMES, PERIOD_NAMES, SEASON_LENGTHS):
        with pytest.raises(TypeError):
            names["Q"] = "x"  # type: ignore[index]
