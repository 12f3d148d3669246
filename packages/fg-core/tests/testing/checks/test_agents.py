"""Agents that draw random numbers: equal draws give equal actions, and nothing else does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

import pytest

from fg_core.forecast import ProbabilisticForecast
from fg_core.state import ForecastState
from fg_core.testing import DrawingDefender, DrawingForecaster, check_defender, check_forecaster
from fg_core.testing.mutants import Counter, forged, refused


class DrawsInPlace(DrawingForecaster):
    def with_draws(self, draws: Any) -> Self:
        object.__setattr__(self, "draws", draws)
        return self


class DrawsOthers(DrawingForecaster):
    def with_draws(self, draws: Any, counter: Counter = Counter()) -> Self:  # noqa: B008
        return replace(self, draws=replace(draws, round_idx=counter()))


class DrawsOnce(DrawingForecaster):
    """Its numbers run out of a generator, as those of a shared one do."""

    def with_draws(self, draws: Any) -> Self:
        index = Counter()
        return replace(self, draws=Running(draws, index))


@dataclass(frozen=True)
class Running:
    draws: Any
    index: Counter

    def normal(self, index: int = 0) -> float:
        return float(self.draws.normal(self.index()))


class DrawsRenamed(DrawingForecaster):
    def with_draws(self, draws: Any) -> Any:
        return replace(self, draws=draws, name="other")


class DrawsNothing(DrawingDefender):
    def with_draws(self, draws: Any) -> Any:
        return None


class DrawsWild(DrawingDefender):
    def act(self, state: ForecastState, predictive: ProbabilisticForecast) -> Any:
        if self.draws is None:
            return super().act(state, predictive)
        return forged(self.name, self.draws.normal(), 1.0, 1.5)


def test_good_agents_that_draw_pass() -> None:
    check_forecaster(DrawingForecaster(0.5))
    check_defender(DrawingDefender())


@pytest.mark.parametrize(
    ("broken", "promise"),
    [
        (DrawsInPlace(), "with_draws returns a new object|with_draws leaves"),
        (DrawsOthers(), "equal draws give equal actions"),
        (DrawsOnce(), "act with draws is pure"),
        (DrawsRenamed(), "with_draws returns an agent of the same name"),
        (DrawsNothing(), "with_draws returns an agent of the same name"),
        (DrawsWild(), "p_bad lies in"),
    ],
    ids=lambda x: type(x).__name__ if not isinstance(x, str) else "",
)
def test_agents_that_draw_at_their_own_will_are_refused(broken: Any, promise: str) -> None:
    check = check_defender if isinstance(broken, DrawingDefender) else check_forecaster
    refused(lambda: check(broken), promise)
