from __future__ import annotations

import math
from dataclasses import dataclass

import pytest

from fg_core.action import AgentAction
from fg_core.baselines import ForecastingAgent, PythonStrategyRuntime
from fg_core.errors import AgentError, ConfigError
from fg_core.protocols import Forecaster
from fg_core.state import ForecastState

STATE = ForecastState(3, 7.0, 0.0, 0.0, history=(1.0, 2.0))


@dataclass(frozen=True)
class Square:
    """A curved strategy: the change is the square of the value."""

    factor: float = 1.0
    name: str = "square"

    def forecast_delta(self, state: ForecastState) -> float:
        return self.factor * state.value**2


def test_scales_with_the_horizon_and_has_no_scale() -> None:
    agent = ForecastingAgent()
    assert isinstance(agent, Forecaster)
    assert agent == ForecastingAgent("forecaster", PythonStrategyRuntime())
    for horizon in (1, 2, 5):
        assert agent.act(STATE, horizon) == AgentAction("forecaster", 1.0 * horizon)


def test_sensitivity_is_the_slope_of_the_level() -> None:
    # (y - y0) / (n + 4) with n = 2
    assert ForecastingAgent().sensitivity(STATE, 3) == pytest.approx(1.0 + 3.0 / 6.0, abs=1e-9)
    agent = ForecastingAgent(runtime=Square())
    assert agent.sensitivity(STATE) == pytest.approx(1.0 + 2.0 * 7.0, rel=1e-9)
    assert agent.sensitivity(ForecastState(0, 0.0, 0.0, 0.0)) == pytest.approx(1.0)


def test_says_what_is_wrong() -> None:
    with pytest.raises(ConfigError, match="horizon -1"):
        ForecastingAgent().act(STATE, -1)
    with pytest.raises(AgentError, match="'forecaster' returned a delta of nan"):
        ForecastingAgent(runtime=Square(math.nan)).act(STATE)
