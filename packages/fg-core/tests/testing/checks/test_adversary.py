"""The check of adversaries passes what keeps its promises and fails each way of breaking one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from fg_core.action import AgentAction
from fg_core.agents import ScriptedAdversary
from fg_core.state import ForecastState
from fg_core.testing import check_adversary
from fg_core.testing.mutants import Counter, NotFrozen, forged, refused


@dataclass(frozen=True)
class Gambler:
    """A good adversary whose hits are drawn."""

    name: str = "gambler"

    def act(self, state: ForecastState, budget: Any = None) -> AgentAction:
        return AgentAction(self.name, 0.0 if budget is None else budget.draws.normal(0))


@dataclass(frozen=True)
class TrueGambler(Gambler):
    count: Counter = field(default_factory=Counter)

    def act(self, state: ForecastState, budget: Any = None) -> AgentAction:
        return AgentAction(self.name, float(self.count()))


@dataclass(frozen=True)
class NeedsBudget(Gambler):
    def act(self, state: ForecastState, budget: Any = None) -> AgentAction:
        return AgentAction(self.name, budget.cap)


@dataclass(frozen=True)
class WantsBudget(Gambler):
    def act(self, state: ForecastState, budget: Any) -> AgentAction:  # type: ignore[override]
        return AgentAction(self.name, 0.0)


@dataclass(frozen=True)
class Unfair(Gambler):
    delta: Any = 0.0

    def act(self, state: ForecastState, budget: Any = None) -> AgentAction:
        return forged(self.name, self.delta)


def test_good_adversaries_pass() -> None:
    check_adversary(ScriptedAdversary([0.1, 0.2]))
    check_adversary(Gambler())


@pytest.mark.parametrize(
    ("broken", "promise"),
    [
        (TrueGambler(), "act is pure|what was called before"),
        (NeedsBudget(), "act works; it raised AttributeError"),
        (WantsBudget(), "act without a budget works; it raised TypeError"),
        (Unfair(delta=float("nan")), "delta is finite"),
        (Unfair(delta="much"), "delta is a number"),
        (NotFrozen(), "it is frozen"),
    ],
    ids=lambda x: type(x).__name__ if not isinstance(x, str) else "",
)
def test_a_broken_adversary_is_refused(broken: Any, promise: str) -> None:
    refused(lambda: check_adversary(broken), promise)
