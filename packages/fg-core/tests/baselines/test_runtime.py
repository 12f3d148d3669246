from __future__ import annotations

import math

import pytest

from fg_core.baselines import PythonStrategyRuntime
from fg_core.errors import AgentError, ConfigError
from fg_core.protocols import StrategyRuntime
from fg_core.state import ForecastState


@pytest.mark.parametrize(
    ("history", "value", "delta"),
    [
        ((), 9.0, 0.0),
        ((4.0,), 9.0, 5.0 / 5),  # one change of 5, four of 0
        ((1.0, 2.0), 7.0, 6.0 / 6),
        ((1.0, 50.0, -3.0, 2.0), 1.0, 0.0),
        ((0.0,) * 36, -40.0, -1.0),
    ],
)
def test_hand_computed(history: tuple[float, ...], value: float, delta: float) -> None:
    state = ForecastState(0, value, 0.0, 0.0, history=history)
    assert PythonStrategyRuntime().forecast_delta(state) == delta


def test_approaches_the_mean_change_as_history_grows() -> None:
    errors = []
    for n in (4, 40, 400):
        history = tuple(2.0 * t for t in range(n))
        delta = PythonStrategyRuntime().forecast_delta(
            ForecastState(n, 2.0 * n, 0.0, 0.0, history=history)
        )
        assert 0.0 < delta < 2.0
        errors.append(2.0 - delta)
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < 0.02


def test_is_a_runtime_named_python() -> None:
    runtime = PythonStrategyRuntime()
    assert isinstance(runtime, StrategyRuntime)
    assert runtime.name == "python"


@pytest.mark.parametrize("damping", [0.0, -1.0, math.nan, math.inf])
def test_damping_must_be_above_zero(damping: float) -> None:
    with pytest.raises(ConfigError, match="> 0 wanted"):
        PythonStrategyRuntime(damping=damping)


def test_numbers_must_be_finite() -> None:
    with pytest.raises(AgentError, match="'python' cannot use nan"):
        PythonStrategyRuntime().forecast_delta(
            ForecastState(0, 1.0, 0.0, 0.0, history=(math.nan, 1.0))
        )
