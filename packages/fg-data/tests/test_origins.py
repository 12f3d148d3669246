from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_core import ConfigError, DataError
from fg_core.calendar import next_period
from fg_data.origins import OriginClock
from fg_data.vintages import Print, VintageHistory

FREQUENCIES = ["Y", "Q", "M", "B", "D"]
MOMENTS = st.datetimes(datetime(1950, 1, 1), datetime(2050, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


def history(frequency: str, *prints: tuple[datetime, datetime]) -> VintageHistory:
    rows = tuple(Print(period, 1.0, published) for period, published in prints)
    return VintageHistory("x", frequency, "", rows)


CPI = history("M", (utc(2024, 1, 1), utc(2024, 2, 14)), (utc(2024, 2, 1), utc(2024, 3, 13)))


@pytest.mark.parametrize(
    ("now", "last", "known", "is_out", "target", "waiting"),
    [
        # In the middle of March: February is over and out, so March is next.
        (utc(2024, 3, 20), utc(2024, 2, 1), utc(2024, 2, 1), True, utc(2024, 3, 1), 0),
        # Two weeks earlier: February is over and not out, so February itself is to be forecast.
        (utc(2024, 3, 5), utc(2024, 2, 1), utc(2024, 1, 1), False, utc(2024, 2, 1), 1),
        # In May, when nothing came out for two months.
        (utc(2024, 5, 5), utc(2024, 4, 1), utc(2024, 2, 1), False, utc(2024, 3, 1), 2),
        # Before the first figure.
        (utc(2024, 2, 1), utc(2024, 1, 1), None, False, utc(2024, 1, 1), 1),
    ],
)
def test_the_three_things_a_forecast_says(
    now: datetime,
    last: datetime,
    known: datetime | None,
    is_out: bool,
    target: datetime,
    waiting: int,
) -> None:
    origin = OriginClock("M").at(now, CPI)
    assert (origin.last_period, origin.last_known) == (last, known)
    assert (origin.last_is_out, origin.target, origin.n_waiting) == (is_out, target, waiting)
    assert origin.steps_to(target) == 1
    assert origin.steps_to(next_period(target, "M")) == 2


def test_the_moment_of_release_decides_to_the_second() -> None:
    clock, release = OriginClock("M"), utc(2024, 3, 13)
    assert not clock.at(release - timedelta(microseconds=1), CPI).last_is_out
    assert clock.at(release, CPI).last_is_out


def test_what_is_out_cannot_be_forecast() -> None:
    origin = OriginClock("M").at(utc(2024, 3, 20), CPI)
    with pytest.raises(DataError, match=r"month 2024-02-01 was out at .* first one .* 2024-03-01"):
        origin.steps_to(utc(2024, 2, 1))


def test_a_later_print_does_not_move_an_earlier_origin() -> None:
    more = VintageHistory(
        "x", "M", "", (*CPI.prints, Print(utc(2024, 3, 1), 1.0, utc(2024, 4, 10)))
    )
    now = utc(2024, 4, 9)
    assert OriginClock("M").at(now, more) == OriginClock("M").at(now, CPI)


@given(MOMENTS, st.sampled_from(FREQUENCIES))
def test_the_last_period_over_is_over_and_the_next_is_not(now: datetime, frequency: str) -> None:
    clock = OriginClock(frequency)
    last = clock.last_over(now)
    assert clock.moment_of(last) <= now
    assert clock.moment_of(next_period(last, frequency)) > now
    assert clock.at(now).last_period == last


@given(MOMENTS)
def test_weeks_begin_at_their_anchor(now: datetime) -> None:
    anchor = utc(2024, 1, 3)
    clock = OriginClock("W", anchor=anchor)
    last = clock.last_over(now)
    assert (last - anchor) % timedelta(days=7) == timedelta(0)
    assert last + timedelta(days=7) <= now < last + timedelta(days=14)


def test_moments_of_a_span_and_a_lag() -> None:
    clock = OriginClock("Q", lag=timedelta(days=30))
    found = clock.moments(utc(2023, 11, 5), utc(2024, 4, 1))
    assert found == (utc(2024, 1, 31), utc(2024, 5, 1), utc(2024, 7, 31))[: len(found)]
    assert len(found) == 3


def test_a_moment_is_the_same_in_any_zone() -> None:
    # Still March 31 in New York, already April in UTC: the month is over.
    there = datetime(2024, 3, 31, 21, tzinfo=timezone(timedelta(hours=-4)))
    assert OriginClock("M").last_over(there) == utc(2024, 3, 1)


def test_what_a_clock_cannot_be_or_be_asked() -> None:
    with pytest.raises(ConfigError, match="frequency is one of Y, Q, M"):
        OriginClock("H")
    with pytest.raises(ConfigError, match="a clock of weeks needs an anchor"):
        OriginClock("W")
    with pytest.raises(ConfigError, match="not below zero"):
        OriginClock("M", lag=timedelta(days=-1))
    with pytest.raises(DataError, match="has no time zone"):
        OriginClock("M").at(datetime(2024, 1, 1))  # noqa: DTZ001
    with pytest.raises(ConfigError, match="series 'x' has frequency 'M', the clock 'Q'"):
        OriginClock("Q").at(utc(2024, 1, 1), CPI)
