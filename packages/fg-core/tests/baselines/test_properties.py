"""What holds for every baseline forecaster, whatever the numbers."""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fg_core.baselines import (
    AutoRegression,
    Drift,
    EqualWeightPool,
    ForecastingAgent,
    RandomWalk,
    SeasonalNaive,
)
from fg_core.errors import ForecastUnavailable
from fg_core.protocols import Forecaster
from fg_core.state import ForecastState
from fg_core.window import TrainingWindow

BASELINES: dict[str, Callable[[], Any]] = {
    "random_walk": RandomWalk,
    "drift": Drift,
    "seasonal_naive": lambda: SeasonalNaive(4),
    "ar": AutoRegression,
    "ar4": lambda: AutoRegression(4),
    "forecaster": ForecastingAgent,
    "equal_weights": lambda: EqualWeightPool(
        (RandomWalk(), Drift(), SeasonalNaive(4), AutoRegression(2))
    ),
}
each = pytest.mark.parametrize("kind", list(BASELINES))
quick = settings(max_examples=settings.default.max_examples // 3, deadline=None)

# Nothing so small that a power of two makes it subnormal; zeros and repeated values welcome.
ordinary = st.one_of(
    st.floats(-1e6, 1e6).map(lambda x: x if abs(x) > 1e-30 else 0.0),
    st.integers(-5, 5).map(float),
)
dyadic = st.integers(-(2**20), 2**20).map(lambda i: i / 1024)
horizons = st.integers(1, 12)


def paths(element: st.SearchStrategy[float], least: int = 22) -> st.SearchStrategy[list[float]]:
    return st.lists(element, min_size=least, max_size=40)


def fit(forecaster: Any, values: Any) -> Any:
    """Fit where there is something to fit."""
    return (
        forecaster.fit(TrainingWindow(np.array(values)))
        if hasattr(forecaster, "fit")
        else forecaster
    )


def state_of(path: Any, lookback: int = 10) -> ForecastState:
    *history, value = (float(v) for v in path[-1 - lookback :])
    return ForecastState(len(path), value, 0.0, 0.0, history=tuple(history))


def noisy(seed: int, n: int = 60) -> Any:
    rng = np.random.default_rng(seed)
    return 5.0 + np.cumsum(rng.standard_normal(n)) * 0.4 + rng.standard_normal(n)


@each
def test_is_a_forecaster_and_a_value(kind: str) -> None:
    forecaster = fit(BASELINES[kind](), noisy(0))
    assert isinstance(forecaster, Forecaster)
    field = "name"
    assert pickle.loads(pickle.dumps(forecaster)) == forecaster
    assert hash(forecaster) == hash(fit(BASELINES[kind](), noisy(0)))
    with pytest.raises(AttributeError):
        setattr(forecaster, field, "other")


@each
@quick
@given(window=paths(ordinary), seen=paths(ordinary, 11), horizon=horizons)
@example(window=[0.0] * 30, seen=[1e6] * 11, horizon=12)
@example(window=[0.1] * 30, seen=[-3.0] * 11, horizon=3)
def test_finite_or_openly_absent(
    kind: str, window: list[float], seen: list[float], horizon: int
) -> None:
    forecaster = fit(BASELINES[kind](), window)
    try:
        action = forecaster.act(state_of(seen), horizon)
    except ForecastUnavailable:
        assert kind.startswith("ar")
        assert forecaster.fitted.spectral_radius > 1.0
        return
    assert math.isfinite(action.delta)
    if kind == "forecaster":
        assert action.scale is None
    else:
        assert action.scale > 0.0
        assert action.scale**2 > 0.0


@pytest.mark.parametrize("kind", ["random_walk", "drift", "seasonal_naive", "ar", "equal_weights"])
def test_what_leaves_the_range_of_numbers_is_no_fit(kind: str) -> None:
    for size in (1.7e308, 8e307):
        values = [size * (-1.0) ** (t * (t + 1) // 2 + t // 3) for t in range(40)]
        with pytest.raises(ForecastUnavailable, match=r"cannot be fitted: .* range of floats"):
            fit(BASELINES[kind](), values)


@each
@quick
@given(window=paths(ordinary), seen=paths(ordinary, 11), horizon=horizons, k=st.integers(-20, 20))
def test_a_power_of_two_scales_every_bit(
    kind: str, window: list[float], seen: list[float], horizon: int, k: int
) -> None:
    factor = 2.0**k
    plain = fit(BASELINES[kind](), window)
    scaled = fit(BASELINES[kind](), np.array(window) * factor)
    state, scaled_state = state_of(seen), state_of(np.array(seen) * factor)
    try:
        action = plain.act(state, horizon)
    except ForecastUnavailable:
        with pytest.raises(ForecastUnavailable):
            scaled.act(scaled_state, horizon)
        return
    other = scaled.act(scaled_state, horizon)
    assert other.delta == action.delta * factor
    if action.scale is not None and any(window):
        assert other.scale == action.scale * factor
    if kind != "forecaster" or any(seen):
        assert scaled.sensitivity(scaled_state, horizon) == plain.sensitivity(state, horizon)


@each
@quick
@given(
    window=paths(dyadic),
    seen=paths(dyadic, 11),
    horizon=horizons,
    shift=st.integers(-(2**30), 2**30),
)
def test_a_shift_that_is_exact_moves_nothing(
    kind: str, window: list[float], seen: list[float], horizon: int, shift: int
) -> None:
    # Sums and differences of such numbers are exact, so not a bit may move.
    plain = fit(BASELINES[kind](), window)
    shifted = fit(BASELINES[kind](), np.array(window) + shift)
    state, moved = state_of(seen), state_of(np.array(seen) + shift)
    try:
        action = plain.act(state, horizon)
    except ForecastUnavailable:
        with pytest.raises(ForecastUnavailable):
            shifted.act(moved, horizon)
        return
    assert shifted.act(moved, horizon).delta == action.delta


@each
@pytest.mark.parametrize("shift", [0.1, -1234.567, 1e5 / 3])
def test_a_shift_moves_nothing_but_rounding(kind: str, shift: float) -> None:
    for seed in range(5):
        values = noisy(seed)
        plain, shifted = fit(BASELINES[kind](), values), fit(BASELINES[kind](), values + shift)
        for horizon in (1, 4):
            ours = plain.act(state_of(values), horizon)
            theirs = shifted.act(state_of(values + shift), horizon)
            assert theirs.delta == pytest.approx(ours.delta, rel=1e-7, abs=1e-8)
            assert theirs.scale == (ours.scale and pytest.approx(ours.scale, rel=1e-8))


@each
@quick
@given(seed=st.integers(0, 999), horizon=horizons, value=st.floats(-50.0, 50.0))
def test_sensitivity_is_the_slope_of_the_level(
    kind: str, seed: int, horizon: int, value: float
) -> None:
    forecaster = fit(BASELINES[kind](), noisy(seed))
    state = replace(state_of(noisy(seed + 1)), value=value)
    step = 0.5
    up, down = (
        s.value + forecaster.act(s, horizon).delta
        for s in (replace(state, value=value + step), replace(state, value=value - step))
    )
    slope = (up - down) / (2.0 * step)
    assert forecaster.sensitivity(state, horizon) == pytest.approx(slope, rel=1e-8, abs=1e-8)


@each
@quick
@given(values=paths(ordinary), horizon=horizons)
def test_pure(kind: str, values: list[float], horizon: int) -> None:
    window, template = TrainingWindow(np.array(values), 7, season_length=4), BASELINES[kind]()
    before = window.values.tobytes()
    first, second = (template.fit(window) if hasattr(template, "fit") else template for _ in "ab")
    assert first == second
    assert template == BASELINES[kind]()
    assert window.values.tobytes() == before
    assert window == TrainingWindow(np.array(values), 7, season_length=4)
    state = state_of(values)
    try:
        assert first.act(state, horizon) == second.act(state, horizon) == first.act(state, horizon)
    except ForecastUnavailable:
        return
    assert state == state_of(values)


@each
@quick
@given(seed=st.integers(0, 99), later=st.lists(ordinary, min_size=1, max_size=9), horizon=horizons)
def test_later_data_change_no_earlier_fit(
    kind: str, seed: int, later: list[float], horizon: int
) -> None:
    values = noisy(seed)
    longer = TrainingWindow(np.concatenate([values, later]), 99)
    template = BASELINES[kind]()
    then = fit(template, values)
    if hasattr(template, "fit"):
        assert template.fit(longer).fit(longer.last(None, gap=len(later))) == then
    hindsight = fit(template, np.array(longer.values[: values.size]))
    assert hindsight.act(state_of(values), horizon) == then.act(state_of(values), horizon)
