"""The check of defenders passes what keeps its promises and fails each way of breaking one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

import pytest

from fg_core.action import AgentAction
from fg_core.alternatives import Alternative
from fg_core.forecast import ProbabilisticForecast
from fg_core.protocols import Revealed
from fg_core.state import ForecastState
from fg_core.testing import ListingDefender, SilentDefender, check_defender
from fg_core.testing.mutants import NotFrozen, forged, refused
from fg_core.window import TrainingWindow


@dataclass(frozen=True)
class Doubter:
    """A good defender that fits and learns."""

    name: str = "doubter"
    unit: float = 1.0
    prior: float = 0.1

    def fit(self, window: TrainingWindow) -> Self:
        return replace(self, unit=window.step_scale)

    def update(self, revealed: Revealed) -> Self:
        bad = float(abs(revealed.reported - revealed.value) > self.unit)
        return replace(self, prior=0.9 * self.prior + 0.1 * bad)

    def act(self, state: ForecastState, predictive: ProbabilisticForecast) -> AgentAction:
        surprise = abs(state.value - predictive.mean) / (predictive.scale + self.unit)
        p_bad = self.prior * surprise / (1.0 + surprise)
        return AgentAction(
            self.name, predictive.mean - state.value, scale=predictive.scale, p_bad=p_bad
        )


@dataclass(frozen=True)
class Overconfident(Doubter):
    def act(self, state: ForecastState, predictive: ProbabilisticForecast) -> AgentAction:
        return forged(self.name, 0.0, 0.0, abs(state.value - predictive.mean))


@dataclass(frozen=True)
class DividesByNothing(Doubter):
    def act(self, state: ForecastState, predictive: ProbabilisticForecast) -> AgentAction:
        return AgentAction(self.name, 0.0, p_bad=abs(state.value - predictive.mean) / 1e3)


@dataclass(frozen=True)
class NegativeScale(Doubter):
    def act(self, state: ForecastState, predictive: ProbabilisticForecast) -> AgentAction:
        return forged(self.name, 0.0, -1.0, 0.5)


@dataclass(frozen=True)
class DoubtsWhatIsSettled(Doubter):
    def act(self, state: ForecastState, predictive: ProbabilisticForecast) -> AgentAction:
        return AgentAction.doubting(self.name, [Alternative(0.5, 1.0, (1.0, 1.0))])


@dataclass(frozen=True)
class DefenderInPlace(Doubter):
    def update(self, revealed: Revealed) -> Self:
        object.__setattr__(self, "prior", self.prior * 0.5)
        return self


def test_good_defenders_pass() -> None:
    check_defender(SilentDefender())
    check_defender(Doubter())
    check_defender(ListingDefender())
    check_defender(ListingDefender(sensitivities_wanted=2))


@pytest.mark.parametrize(
    ("broken", "promise"),
    [
        (Overconfident(), "p_bad lies in"),
        (DividesByNothing(), "act works; it raised AgentError"),
        (NegativeScale(), "scale lies in"),
        (DoubtsWhatIsSettled(), "over prints that are not settled"),
        (ListingDefender(sensitivities_wanted=-1), "sensitivities_wanted is a whole number"),
        (DefenderInPlace(), "update returns a new object|update is pure"),
        (NotFrozen(), "it is frozen"),
    ],
    ids=lambda x: type(x).__name__ if not isinstance(x, str) else "",
)
def test_a_broken_defender_is_refused(broken: Any, promise: str) -> None:
    refused(lambda: check_defender(broken), promise)
