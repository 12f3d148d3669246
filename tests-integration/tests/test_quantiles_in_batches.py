"""Quantiles that an aggregator adapts are the same in one game and in a batch."""

from dataclasses import replace

import numpy as np
import pytest

from fg_agents import CalibratedAggregator, PoolGrid, PoolOfPools
from fg_core import (
    ForecastGame,
    ForecastState,
    PoolAggregator,
    SimulationConfig,
    default_agent_factory,
)
from fg_core.forecast import QUANTILE_LEVELS
from fg_core.mixture import mixture_quantile


class OneByOne(PoolAggregator):
    """A pool whose array form is not that of its scalar form: it is asked game by game."""

    def aggregate(self, state, actions, *, horizon=1, inflation=()):
        return super().aggregate(state, actions, horizon=horizon, inflation=inflation)


INNER = {
    "a pool": PoolAggregator(),
    "pools": PoolOfPools(grid=PoolGrid(discounts=(0.9,))),
    "one by one": OneByOne(),
}


@pytest.mark.parametrize("inner", sorted(INNER))
def test_the_quantiles_of_a_batch_are_those_of_its_games(inner):
    config = SimulationConfig(horizon=12, horizons=(1, 3), attack_cap=3.0, attack_total=9.0)
    agent = CalibratedAggregator(inner=INNER[inner], recalibrate=True, conformal_rate=0.1)
    registry = replace(default_agent_factory(config), aggregator=agent)
    past = tuple(10.0 + (7 * i * i) % 11 for i in range(30))
    state = ForecastState(30, past[-1], 0.0, 0.0, history=past[:-1])
    batch = ForecastGame(config, seed=4, registry=registry).run_batch(
        state, 3, keep=("components", "continuation")
    )
    found = {h: batch.horizons[h].quantiles() for h in (1, 3)}
    for game in range(3):
        one = ForecastGame(config, seed=4, registry=registry, game=game).run(state)
        for r, step in enumerate(one.steps):
            for issued in step.issued:
                expected = issued.forecast.quantiles
                assert found[issued.horizon][game, r].tolist() == list(expected)
    parts = batch.horizons[1]
    of_mixture = mixture_quantile(QUANTILE_LEVELS, parts.weights, parts.means, parts.scales)
    assert np.abs(found[1] - of_mixture).max() > 1e-3
