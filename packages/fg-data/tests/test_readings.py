from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_core import ConfigError, DataError
from fg_core.calendar import previous_period
from fg_data.readings import KnownValues, growth, level, log_growth, require_reading
from fg_data.vintages import Print, VintageHistory

MakeHistory = Callable[..., VintageHistory]


@given(seed=st.integers(0, 10**6), frequency=st.sampled_from("QMB"))
def test_moving_forward_tells_what_as_of_tells(
    make_history: MakeHistory, seed: int, frequency: str
) -> None:
    history = make_history(seed, frequency, 12)
    known = KnownValues(history)
    second = timedelta(seconds=1)
    moments = sorted({m + d for m in history.vintage_dates for d in (-second, 0 * second, second)})
    for moment in moments:
        known.advance(moment)
        assert tuple(known.value(period) for period in known.periods) == history.as_of(moment)


@given(seed=st.integers(0, 10**6))
def test_every_change_is_visited_and_named(make_history: MakeHistory, seed: int) -> None:
    history = make_history(seed, "M", 12)
    known, visited, before = KnownValues(history), [], dict[datetime, float]()
    for moment in known.moments():
        changed = known.advance(moment)
        visited.append(moment)
        now = {one.period: one.value for one in history.as_of(moment)}
        different = {p for p in now.keys() | before.keys() if now.get(p) != before.get(p)}
        assert different <= set(changed)
        before = now
    assert tuple(visited) == history.vintage_dates


@given(seed=st.integers(0, 10**6), frequency=st.sampled_from("YQM"))
def test_growth_is_taken_from_one_vintage(
    make_history: MakeHistory, seed: int, frequency: str
) -> None:
    history = make_history(seed, frequency, 10)
    known = KnownValues(history)
    n = {"Y": 1, "Q": 4, "M": 12}[frequency]
    for moment in known.moments():
        known.advance(moment)
        vintage = {one.period: one for one in history.as_of(moment)}
        for period in {one.period for one in history.prints}:
            now, then = vintage.get(period), vintage.get(previous_period(period, frequency))
            figure = growth(known, period)
            if now is None or then is None:
                assert figure is None
                continue
            assert figure is not None
            expected = 100 * n * math.log(now.value / then.value)
            assert math.isclose(figure.value, expected, rel_tol=1e-9, abs_tol=1e-9)
            assert figure.available_at == max(now.available_at, then.available_at) <= moment


def test_rebasing_is_no_growth() -> None:
    """An index that is divided by three from one vintage to the next did not fall."""
    january, february = (datetime(1988, month, 1, tzinfo=UTC) for month in (1, 2))
    first, rebased = datetime(1988, 2, 20, tzinfo=UTC), datetime(1988, 3, 20, tzinfo=UTC)
    prints = (
        Print(january, 345.0, first, rebased),
        Print(january, 115.0, rebased),
        Print(february, 116.15, rebased),
    )
    known = KnownValues(VintageHistory("CPI", "M", "index", prints))
    known.advance(rebased)
    figure = growth(known, february)
    assert figure is not None
    assert figure.value == pytest.approx(1200 * math.log(1.01), rel=1e-12)


@pytest.mark.parametrize("value", [0.0, -1.0])
def test_levels_must_be_positive(value: float) -> None:
    months = [datetime(2024, month, 1, tzinfo=UTC) for month in (1, 2)]
    out = datetime(2024, 4, 1, tzinfo=UTC)
    prints = (Print(months[0], 1.0, out), Print(months[1], value, out))
    known = KnownValues(VintageHistory("x", "M", "", prints))
    known.advance(out)
    with pytest.raises(DataError, match=r"series 'x': growth from 1.0 .* so read the level"):
        growth(known, months[1])
    assert level(known, months[1]) is not None


def test_growth_of_days_is_refused() -> None:
    known = KnownValues(VintageHistory("T10YIE", "B", "Percent", ()))
    with pytest.raises(DataError, match="'T10YIE' has frequency 'B': growth is read off series"):
        growth(known, datetime(2024, 1, 2, tzinfo=UTC))


@given(st.floats(1e-3, 1e6), st.floats(1e-3, 1e6))
def test_log_growth_is_antisymmetric_and_accurate(a: float, b: float) -> None:
    assert log_growth(a, b, 12) == pytest.approx(1200 * math.log(a / b), rel=1e-9, abs=1e-9)
    assert log_growth(a, b, 12) == pytest.approx(-log_growth(b, a, 12), rel=1e-12, abs=1e-12)
    assert log_growth(a, a, 4) == 0.0


def test_readings_by_name() -> None:
    assert require_reading("growth") is growth
    with pytest.raises(ConfigError, match="no reading 'log'; there are level, growth"):
        require_reading("log")
