import numpy as np
import pytest

from fg_agents import default_lineup, default_pool, macro_lineup, macro_pool
from fg_core import ForecastGame, ForecastState, SimulationConfig
from fg_core.testing import check_aggregator

LINEUPS = [default_lineup, macro_lineup]


@pytest.mark.parametrize("pool", [default_pool, macro_pool])
def test_pools_conform(pool):
    check_aggregator(pool())


@pytest.mark.parametrize("lineup", LINEUPS)
def test_every_forecaster_has_a_group_that_the_pool_knows(lineup):
    registry = lineup(SimulationConfig(season_length=4))
    groups = registry.aggregator.groups
    assert set(registry.names) <= set(groups)
    named = {group for one in registry.aggregator.grid.member_sets for group in one}
    assert named <= {groups[name] for name in registry.names} | {"seasonal"}
    assert groups["random_walk"] == "univariate"


def test_the_defaults_are_what_the_documentation_says():
    names = default_lineup(SimulationConfig()).names
    assert names[:5] == ("random_walk", "ar", "linear_ar4", "ar_shrunk", "ari_shrunk")
    seasonal = default_lineup(SimulationConfig(season_length=12)).names
    assert {"seasonal_naive", "seasonal"} <= set(seasonal)
    assert default_pool().grid.n_pools == 24
    assert macro_pool().grid.n_pools == 36
    assert len(macro_lineup(SimulationConfig()).names) == 26


@pytest.mark.parametrize("lineup", LINEUPS)
def test_columns_that_are_known_in_advance_add_forecasters_and_a_pool_of_them(lineup):
    plain = lineup(SimulationConfig(season_length=4))
    told = lineup(SimulationConfig(season_length=4, known_ahead=("promo",)))
    more = ("known_ahead_ar", "known_ahead_ari", "known_ahead_seasonal")
    assert told.names == (*plain.names, *more)
    assert {told.aggregator.groups[name] for name in more} == {"known_ahead"}
    sets = plain.aggregator.grid.member_sets
    assert told.aggregator.grid.member_sets == (("known_ahead",), *sets)
    assert all(told[name].columns == ("promo",) for name in more)


@pytest.mark.parametrize("lineup", LINEUPS)
def test_it_plays_a_series_without_any_context(lineup):
    rng = np.random.default_rng(1)
    past = tuple(np.cumsum(rng.normal(0.1, 1, 60)).tolist())
    state = ForecastState(60, past[-1], 0.0, 0.0, history=past[:-1])
    config = SimulationConfig(horizon=12, max_rounds=12, horizons=(1, 4), season_length=4)
    out = ForecastGame(config, agent_factory=lineup).run(state)
    assert len(out.steps) == 12
    for step in out.steps:
        weights = step.probabilistic.components.weights
        assert weights.sum() == pytest.approx(1.0, abs=1e-9)
    for h in (1, 4):
        assert sum(out.weights[h].values()) == pytest.approx(1.0, abs=1e-9)
