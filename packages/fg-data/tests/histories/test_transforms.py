from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_core import ConfigError
from fg_data.histories.transforms import PERIODS_PER_YEAR, UNITS, transform, transform_history
from fg_data.vintages import Print, VintageHistory

POSITIVE = st.lists(st.floats(0.1, 1e4), min_size=2, max_size=40)
FREQUENCY = st.sampled_from(sorted(PERIODS_PER_YEAR))
CHANGES = [units for units in UNITS if units not in ("lin", "log")]


def by_numpy(values: list[float], units: str, n: int) -> np.ndarray:
    """FRED's table of formulas, over whole arrays."""
    x = np.array(values)
    lag = n if units in ("ch1", "pc1") else 1
    before = np.full(len(x), np.nan)
    before[lag:] = x[: max(0, len(x) - lag)]
    return {
        "lin": lambda: x,
        "chg": lambda: x - before,
        "ch1": lambda: x - before,
        "pch": lambda: (x / before - 1) * 100,
        "pc1": lambda: (x / before - 1) * 100,
        "pca": lambda: ((x / before) ** n - 1) * 100,
        "cch": lambda: (np.log(x) - np.log(before)) * 100,
        "cca": lambda: (np.log(x) - np.log(before)) * 100 * n,
        "log": lambda: np.log(x),
    }[units]()


@given(POSITIVE, st.sampled_from(sorted(UNITS)), FREQUENCY)
def test_formulas_are_those_of_the_documentation(
    values: list[float], units: str, frequency: str
) -> None:
    with np.errstate(over="ignore"):
        expected = by_numpy(values, units, PERIODS_PER_YEAR[frequency])
    found = transform(values, units, frequency)
    assert len(found) == len(values)
    for ours, theirs in zip(found, expected, strict=True):
        if ours is None:
            assert not math.isfinite(theirs)
        else:
            assert ours == pytest.approx(theirs, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(
    ("units", "expected"),
    [
        ("lin", [100.0, 110.0, 99.0, 120.0, 150.0]),
        ("chg", [None, 10.0, -11.0, 21.0, 30.0]),
        ("ch1", [None, None, None, None, 50.0]),
        ("pch", [None, 10.0, -10.0, 21.2121, 25.0]),
        ("pc1", [None, None, None, None, 50.0]),
        ("pca", [None, 46.41, -34.39, 115.866, 144.1406]),
        ("cch", [None, 9.5310, -10.5361, 19.2372, 22.3144]),
        ("cca", [None, 38.1241, -42.1442, 76.9488, 89.2574]),
        ("log", [4.6052, 4.7005, 4.5951, 4.7875, 5.0106]),
    ],
)
def test_a_table_by_hand(units: str, expected: list[float | None]) -> None:
    found = transform([100.0, 110.0, 99.0, 120.0, 150.0], units, "Q")
    assert [None if x is None else round(x, 4) for x in found] == expected


def test_what_has_no_value_is_missing() -> None:
    assert transform([0.0, 1.0], "pch", "M") == (None, None)
    assert transform([-1.0, 0.0], "log", "M") == (None, None)
    assert transform([1.0, None, 2.0], "chg", "M") == (None, None, None)
    assert transform([1e-300, 1e300], "pca", "B") == (None, None)


def test_unknown_units_name_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"units 'pcl' are not known; there are \(nearest"):
        transform([1.0], "pcl", "M")


# --------------------------------------------------------------------------------------- histories


def month(number: int) -> datetime:
    years, rest = divmod(number, 12)
    return datetime(2000 + years, rest + 1, 1, tzinfo=UTC)


@st.composite
def monthly_histories(draw: st.DrawFn) -> VintageHistory:
    """Levels with revisions, gaps, missing marks and withdrawn figures."""
    prints: list[Print] = []
    for number in range(draw(st.integers(1, 16))):
        if draw(st.integers(0, 9)) == 0:
            continue
        begin = month(number) + timedelta(days=45)
        days = sorted(draw(st.sets(st.integers(0, 60), min_size=1, max_size=4)))
        moments: list[datetime | None] = [begin + timedelta(days=day) for day in days]
        last = draw(st.sampled_from([None, begin + timedelta(days=70)]))
        for moment, after in zip(moments, [*moments[1:], last], strict=True):
            value = draw(st.one_of(st.none(), st.integers(1, 9).map(float)))
            assert moment is not None
            prints.append(Print(month(number), value, moment, after))
    return VintageHistory("X", "M", "index", tuple(prints))


@given(monthly_histories(), st.sampled_from([*CHANGES, "log"]))
def test_at_every_moment_a_history_is_transformed_as_it_stood(
    history: VintageHistory, units: str
) -> None:
    derived = transform_history(history, units)
    moments = [m + d for m in history.vintage_dates for d in (timedelta(0), timedelta(hours=7))]
    for moment in [*moments, month(0)]:
        known = {one.period: one.value for one in history.as_of(moment)}
        values = [known.get(month(number)) for number in range(40)]
        expected = transform(values, units, "M")
        found = {one.period: one.value for one in derived.as_of(moment)}
        assert found == {
            month(number): value for number, value in enumerate(expected) if value is not None
        }


@given(monthly_histories(), st.integers(0, 700))
def test_later_prints_change_nothing_before(history: VintageHistory, days: int) -> None:
    moment = month(0) + timedelta(days=days)
    derived = transform_history(history, "pch")
    assert transform_history(history.until(moment), "pch") == derived.until(moment)


def test_growth_is_not_mixed_from_vintages() -> None:
    """A benchmark revision doubles all levels; growth of first prints would show 110 percent."""
    first, second = month(0) + timedelta(days=40), month(0) + timedelta(days=70)
    levels = VintageHistory(
        "X",
        "M",
        "index",
        (
            Print(month(0), 100.0, first, second),
            Print(month(0), 200.0, second),
            Print(month(1), 210.0, second),
        ),
    )
    (growth,) = transform_history(levels, "pch").first_prints()
    assert (growth.period, growth.value) == (month(1), pytest.approx(5.0))
    assert growth.available_at == second


def test_levels_are_given_back_and_units_say_what_was_done() -> None:
    history = VintageHistory("X", "M", "index", (Print(month(0), 1.0, month(2)),))
    assert transform_history(history, "lin") is history
    assert transform_history(history, "pc1").units == "percent change from a year ago (index)"
