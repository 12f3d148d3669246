"""Who gives the answers of a strategy runtime."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from fg_core.baselines import ForecastingAgent, PythonStrategyRuntime
from fg_core.errors import ConfigError
from fg_core.runtime_status import RuntimeStatus, StrategyAnswer, answer_of, status_of
from fg_core.state import ForecastState
from fg_core.testing import check_strategy_runtime

STATE = ForecastState(3, 7.0, 0.0, 0.0, history=(1.0, 2.0))
SUBSTITUTE = RuntimeStatus(
    "python", "3.12", fallback_for="haskell", fallback_reason="cabal is missing"
)


@dataclass(frozen=True)
class Bridge:
    """A runtime whose backend answers for even periods, and its substitute for odd ones."""

    name: str = "bridge"

    def forecast_delta(self, state: ForecastState) -> float:
        return 0.25 * state.t

    def answer(self, state: ForecastState) -> StrategyAnswer:
        who = SUBSTITUTE if state.t % 2 else RuntimeStatus("haskell", "9.4")
        return StrategyAnswer(self.forecast_delta(state), who)


@dataclass(frozen=True)
class Bare:
    name: str = "bare"

    def forecast_delta(self, state: ForecastState) -> float:
        return 0.5


def test_each_answer_says_who_gave_it() -> None:
    check_strategy_runtime(Bridge())
    assert answer_of(Bridge(), STATE) == StrategyAnswer(0.75, SUBSTITUTE)
    even = ForecastState(4, 7.0, 0.0, 0.0)
    assert answer_of(Bridge(), even).given_by == RuntimeStatus("haskell", "9.4")


def test_a_runtime_without_a_status_is_its_own_backend() -> None:
    assert status_of(Bare()) == RuntimeStatus("bare")
    assert answer_of(Bare(), STATE) == StrategyAnswer(0.5, RuntimeStatus("bare"))


def test_the_python_runtime_says_what_it_is() -> None:
    status = PythonStrategyRuntime(damping=2.5).status()
    assert (status.backend, status.is_fallback) == ("python", False)
    assert "2.5" in status.model
    assert ForecastingAgent(runtime=PythonStrategyRuntime(damping=2.5)).status() == status
    assert answer_of(PythonStrategyRuntime(), STATE).delta == 1.0


def test_a_status_in_words() -> None:
    assert str(RuntimeStatus("ollama", "0.6", model="qwen3:4b")) == "ollama 0.6 (qwen3:4b)"
    assert str(SUBSTITUTE) == "python 3.12 instead of haskell: cabal is missing"
    assert SUBSTITUTE.is_fallback


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"backend": ""}, "names its backend"),
        ({"backend": "python", "fallback_for": "haskell"}, "and the reason"),
        ({"backend": "python", "fallback_reason": "it is missing"}, "asked for"),
    ],
)
def test_no_fallback_without_its_reason(fields: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        RuntimeStatus(**fields)
