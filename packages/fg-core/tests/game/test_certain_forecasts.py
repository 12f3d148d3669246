"""Forecasts that state a scale of 0: a variance of 0 is played, doubted and scored."""

from dataclasses import dataclass

import numpy as np
import pytest

from fg_core import (
    AgentRegistry,
    DefenderAgent,
    Drift,
    ForecastGame,
    ForecastState,
    ProbabilisticForecast,
    RandomWalk,
    SimulationConfig,
    TrainingWindow,
)
from fg_core.agents import ScriptedAdversary
from fg_core.defenses import defense_from_name
from fg_core.testing import PlainAggregator, plugin_names

START = ForecastState(0, 10.0, 0.0, 0.0)
DEFENSES = plugin_names("fg_core.defenses", "fg-core")


@dataclass(frozen=True)
class CertainPool(PlainAggregator):
    """Claims to be certain of the mean."""

    def aggregate(self, state, actions, *, horizon=1, inflation=()):
        plain = super().aggregate(state, actions, horizon=horizon, inflation=inflation)
        return ProbabilisticForecast(plain.mean, 0.0)


def game(*defenders, **settings):
    config = SimulationConfig(horizon=8, enable_refactor=False, **settings)
    registry = AgentRegistry(
        (RandomWalk(), Drift()), (ScriptedAdversary({3: 2.0}),), defenders, CertainPool()
    )
    return ForecastGame(config, registry=registry)


def test_a_certain_forecast_is_scored_by_its_absolute_error():
    out = game().run(START)
    assert len(out.scored) == 8
    for item in out.scored:
        assert item.issued.forecast.variance == 0.0
        assert item.crps == abs(item.error) == abs(item.target - item.issued.forecast.mean)


def test_a_batch_gives_the_same_bits():
    one, many = game(), game().run_batch(START, 3)
    out = one.run(START)
    np.testing.assert_array_equal(many.targets[0], [step.target for step in out.steps])
    np.testing.assert_array_equal(many.horizons[1].score[0], [item.crps for item in out.scored])


@pytest.mark.parametrize("name", DEFENSES)
def test_defenders_answer_to_a_certain_forecast(name):
    out = game(DefenderAgent(defense_from_name(name))).run(START)
    assert all(np.isfinite(item.crps) and 0.0 <= item.issued.p_bad <= 1.0 for item in out.scored)


def test_the_gate_doubts_whatever_was_not_foreseen_with_certainty():
    gate = DefenderAgent().fit(TrainingWindow([1.0, 2.0, 1.5, 2.5]))
    certain = ProbabilisticForecast(10.0, 0.0)
    assert gate.act(START, certain).p_bad < 1e-9
    surprised = gate.act(ForecastState(0, 10.001, 0.0, 0.0), certain)
    assert surprised.p_bad == 1.0
    assert surprised.delta == pytest.approx(-0.001)
