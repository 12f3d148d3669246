"""Good strategy runtimes pass the check, and each broken promise is named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from fg_core.protocols import StrategyAnswer
from fg_core.state import ForecastState
from fg_core.testing import ConstantRuntime, check_strategy_runtime
from fg_core.testing.mutants import Counter, NotFrozen, refused


@dataclass(frozen=True)
class Runs(ConstantRuntime):
    what: Any = 0.0

    def forecast_delta(self, state: ForecastState) -> Any:
        return self.what() if callable(self.what) else self.what


class Nameless(ConstantRuntime):
    def status(self) -> Any:
        return "constant"


class SaysAnother(ConstantRuntime):
    def answer(self, state: ForecastState) -> StrategyAnswer:
        return StrategyAnswer(self.delta + 1e-9, self.status())


class SaysNobody(ConstantRuntime):
    def answer(self, state: ForecastState) -> Any:
        return self.delta


class ClosesOnce(ConstantRuntime):
    def close(self) -> None:
        if self.name == "closed":
            raise ValueError("closed already")
        object.__setattr__(self, "name", "closed")


@dataclass(frozen=True)
class Bare:
    """A runtime with nothing that is optional."""

    name: str = "bare"

    def forecast_delta(self, state: ForecastState) -> float:
        return 0.2


def test_a_runtime_needs_nothing_optional() -> None:
    check_strategy_runtime(Bare())


def test_good_strategy_runtimes_pass() -> None:
    check_strategy_runtime(ConstantRuntime(0.4))


@pytest.mark.parametrize(
    ("broken", "promise"),
    [
        (Nameless(), "status is a RuntimeStatus"),
        (SaysAnother(), "answer is the change that forecast_delta returns"),
        (SaysNobody(), "answer is a StrategyAnswer"),
        (ClosesOnce(), "a second close works; it raised ValueError"),
        (Runs(what=float("inf")), "forecast_delta is finite"),
        (Runs(what="0.4"), "forecast_delta is a number"),
        (Runs(what=True), "forecast_delta is a number"),
        (Runs(what=Counter()), "forecast_delta is pure"),
        (Runs(name=""), "name is text"),
        (NotFrozen(), "it has forecast_delta"),
    ],
)
def test_a_broken_runtime_is_refused(broken: Any, promise: str) -> None:
    refused(lambda: check_strategy_runtime(broken), promise)
