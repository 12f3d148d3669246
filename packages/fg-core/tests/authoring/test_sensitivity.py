"""Sensitivities: a forecaster's own where it has one, a central difference where it has none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_core import AgentAction, AutoRegression, ForecastState, ForecastUnavailable, TrainingWindow
from fg_core.authoring import MovesWithLevel, finite_difference, level_sensitivity

WINDOW = TrainingWindow(np.cos(1.3 * np.arange(20.0)))


@dataclass(frozen=True)
class Linear:
    """Forecasts a share of the value, below a limit."""

    slope: float
    limit: float = np.inf
    name: str = "linear"

    def act(self, state: ForecastState, horizon: int = 1) -> AgentAction:
        if state.value > self.limit:
            raise ForecastUnavailable("beyond the limit")
        return AgentAction(self.name, horizon * (self.slope - 1.0) * state.value)


# Numbers near the smallest have too few digits for a difference.
VALUES = st.floats(-1e3, 1e3).filter(lambda value: value == 0.0 or abs(value) > 1e-250)


@given(st.floats(-2, 2), VALUES, st.integers(-30, 30))
def test_the_difference_is_the_slope_in_any_unit(slope: float, value: float, power: int) -> None:
    state = ForecastState(0, value, 0.0, 0.0)
    found = finite_difference(Linear(slope), state)
    assert found == pytest.approx(slope, abs=1e-9)
    other = ForecastState(0, value * 2.0**power, 0.0, 0.0)
    assert value == 0.0 or finite_difference(Linear(slope), other) == found


def test_a_forecast_that_is_not_there_on_one_side_moves_with_the_value() -> None:
    state = ForecastState(0, 1.0, 0.0, 0.0)
    assert level_sensitivity(Linear(0.25, limit=1.0), state) == 1.0
    assert level_sensitivity(Linear(0.25, limit=2.0), state) == pytest.approx(0.25)


def test_a_sensitivity_of_its_own_is_taken_and_agrees() -> None:
    ar = AutoRegression(order=2).fit(WINDOW)
    state = ForecastState(20, 0.7, 0.0, 0.0, history=(0.2, -0.4))
    for horizon in (1, 3):
        own = level_sensitivity(ar, state, horizon)
        assert own == ar.sensitivity(state, horizon)
        assert own == pytest.approx(finite_difference(ar, state, horizon), abs=1e-8)


def test_what_moves_with_the_level_moves_with_nothing_else() -> None:
    class Mine(MovesWithLevel):
        name = "mine"

    state = ForecastState(0, 1.0, 0.0, 0.0, history=(2.0,))
    assert Mine().sensitivity(state, 4) == 1.0
    assert Mine().sensitivities(state, 4, 3) == (1.0, 0.0, 0.0)
