"""The assessment of the last print says what defenders were shown, and moves no forecast."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

import numpy as np
import pytest

from fg_core import (
    AgentAction,
    AgentRegistry,
    AutoRegression,
    DefenderAgent,
    ForecastGame,
    ForecastState,
    ProbabilisticForecast,
    RandomWalk,
    ReplayWorld,
    SimulationConfig,
)
from fg_core.alternatives import AlternativeArrays
from fg_core.defenses import Clipping
from fg_core.game import GameGroup
from fg_core.game.assessment import AssessmentLanes
from fg_core.record import IssuedForecast
from fg_core.testing import example_dataset


@dataclass(frozen=True)
class Watching:
    """A defender that remembers what was forecast for prints, and doubts a little."""

    name: str = "watching"
    seen: list[ProbabilisticForecast] = field(default_factory=list)

    def fit(self, window: object) -> Self:
        return self

    def act(self, state: ForecastState, predictive: ProbabilisticForecast) -> AgentAction:
        self.seen.append(predictive)
        return AgentAction(self.name, predictive.mean - state.value, scale=0.5, p_bad=0.25)

    def update(self, revealed: object) -> Self:
        return self


def forecasts(
    *defenders: object, assessed: bool, names: tuple[str, ...] = ("alpha", "beta")
) -> tuple[tuple[IssuedForecast, ...], ...]:
    config = SimulationConfig(horizon=9, horizons=(1, 3), disturbance_prob=0.0, refit_every=4)
    agents = AgentRegistry((RandomWalk(), AutoRegression(2)), defenders=defenders)  # type: ignore[arg-type]
    worlds = [ReplayWorld(example_dataset(40).series(name)) for name in names]
    groups = [GameGroup(world.initial_state(30), world, rounds=9) for world in worlds]
    return ForecastGame(config, seed=3, registry=agents).forecast_groups(groups, assessed=assessed)


@pytest.mark.parametrize("names", [("alpha",), ("alpha", "beta")])
def test_no_forecast_depends_on_it_and_the_issued_one_mixes_what_it_says(
    names: tuple[str, ...],
) -> None:
    found = forecasts(DefenderAgent(), assessed=True, names=names)
    plain = forecasts(DefenderAgent(), assessed=False, names=names)
    assert found == plain
    for mine, other in zip(found, plain, strict=True):
        for one, bare in zip(mine, other, strict=True):
            assert bare.assessment is None
            assert one.assessment is not None
            without, used, p = one.assessment.replaced, one.undefended, one.p_bad
            assert 0.0 < p < 1.0
            assert one.assessment.correction == pytest.approx(
                one.assessment.expected.mean - one.base
            )
            for x in np.linspace(one.base - 3.0, one.base + 3.0, 7).tolist():
                mixed = (1.0 - p) * used.cdf(x) + p * without.cdf(x)
                assert one.forecast.cdf(x) == pytest.approx(mixed, abs=1e-12)


def test_it_says_what_the_defender_was_shown() -> None:
    defender = Watching()
    (found,) = forecasts(defender, assessed=True, names=("alpha",))
    for one in found:
        assert one.assessment is not None
        assert one.assessment.expected == defender.seen[-1]
        assert one.assessment.scale == 0.5
        assert one.p_bad == 0.25


def test_without_a_defender_there_is_none_and_a_certain_one_is_issued_as_it_says() -> None:
    assert [one.assessment for one in forecasts(assessed=True, names=("alpha",))[0]] == [None, None]
    (found,) = forecasts(DefenderAgent(Clipping()), assessed=True, names=("alpha",))
    for one in found:
        assert one.assessment is not None
        assert one.p_bad == 1.0
        assert one.assessment.replaced == one.forecast


def test_alternatives_keep_their_proportions() -> None:
    listed = AlternativeArrays(
        probability=np.array([[0.1], [0.3]]),
        delta=np.array([[1.0], [2.0]]),
        scale=np.array([[0.1], [0.2]]),
        pattern=np.array([[[1.0], [0.0]], [[1.0], [1.0]]]),
    )
    doubt = AssessmentLanes.of([AssessmentLanes.listing("d", listed)], 1)
    assert doubt is not None
    certain = doubt.certain()
    assert [float(one.probability[0]) for one in certain.branches] == pytest.approx([0.25, 0.75])
    assert float(certain.p_bad[0]) == 1.0
