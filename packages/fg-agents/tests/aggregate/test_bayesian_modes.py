"""Every mode of `BayesianAggregator` by name: what it plays, and that it is what it says."""

import json
from dataclasses import replace

import numpy as np
import pytest

from fg_agents import (
    BayesianAggregator,
    CalibratedAggregator,
    EnsembleAggregatorAgent,
    PoolGrid,
    PoolOfPools,
)
from fg_core import AgentAction, ConfigError, ForecastState, PoolAggregator, TrainingWindow
from fg_core.batch import has_array_form
from fg_core.pooling.rules import (
    RULES,
    BatesGrangerWeights,
    BayesWeights,
    CrpsLearningWeights,
    ForgettingGridWeights,
    LogScoreWeights,
    RankWeights,
)
from fg_core.protocols import RevealedForecast
from fg_core.testing import check_aggregator
from fg_core.testing.fakes import PlainAggregator

MODES = (*(name for name, rule in RULES.items() if rule.learns), "log_pool", "pool_of_pools")
NAMES = ("a", "b", "c")
PLAIN = BayesWeights(alpha=1.0, floor=0.0)
WINDOW = TrainingWindow(np.array([1.0, 2.0, 1.5, 3.0, 2.0]))


def play(agent, rounds=30, seed=3):
    rng = np.random.default_rng(seed)
    agent = agent.start(NAMES, WINDOW, (1,)) if not agent.pool else agent
    forecasts = []
    for t in range(rounds):
        state = ForecastState(t, 10.0, 0.0, 0.0)
        actions = tuple(
            AgentAction(n, float(d), scale=float(s))
            for n, d, s in zip(NAMES, rng.normal(0, 1, 3), rng.uniform(0.5, 2, 3), strict=True)
        )
        forecast = agent.aggregate(state, actions)
        forecasts.append(forecast)
        y = 10.0 + float(rng.normal(0, 1.5))
        agent = agent.update(RevealedForecast(state, 1, actions, forecast, y))
    return agent, forecasts


CALIBRATED = {"recalibrate": True, "conformal_rate": 0.03}


@pytest.mark.parametrize(
    ("mode", "settings"),
    [
        *((mode, {}) for mode in MODES),
        (MODES[0], CALIBRATED),
        *(pytest.param(mode, CALIBRATED, marks=pytest.mark.slow) for mode in MODES[1:]),
    ],
)
def test_conforms(mode, settings):
    check_aggregator(BayesianAggregator(mode=mode, **settings))


@pytest.mark.parametrize("mode", MODES)
def test_weights_sum_to_one_and_someone_learns(mode):
    agent, _ = play(BayesianAggregator(mode=mode))
    weights = np.array(list(agent.weights().values()))
    assert weights.sum() == pytest.approx(1.0, abs=1e-12)
    assert np.ptp(weights) > 0.01


@pytest.mark.parametrize(
    ("mode", "pool"),
    [
        ("bayesian", PoolAggregator(PLAIN, shrinkage=0.0)),
        ("bates_granger", PoolAggregator(BatesGrangerWeights(0.98), shrinkage=0.0)),
        ("crps_learning", PoolAggregator(CrpsLearningWeights(0.98), shrinkage=0.0)),
        ("log_score", PoolAggregator(LogScoreWeights(discount=0.98), shrinkage=0.0)),
        ("forgetting_grid", PoolAggregator(ForgettingGridWeights(floor=0.0), shrinkage=0.0)),
        ("log_pool", PoolAggregator(PLAIN, shrinkage=0.0, combination="logarithmic")),
        ("pool_of_pools", PoolOfPools()),
    ],
)
def test_a_mode_is_the_pool_that_it_names(mode, pool):
    agent = BayesianAggregator(mode=mode, pool=pool.start(NAMES, WINDOW, (1,)))
    assert play(BayesianAggregator(mode=mode))[1] == play(agent)[1]


def test_the_grid_and_the_groups_are_passed_on():
    grid, groups = PoolGrid(discounts=(0.9,)), {"a": "x", "b": "x"}
    agent = BayesianAggregator(mode="pool_of_pools", grid=grid, groups=groups)
    assert agent.settings() == PoolOfPools(grid=grid, groups=groups, name="bayesian")
    weights = BayesianAggregator(groups=groups).start(NAMES, WINDOW, (1,)).weights()
    assert dict(weights) == pytest.approx({"a": 0.25, "b": 0.25, "c": 0.5})


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("settings", [{}, {"recalibrate": True, "conformal_rate": 0.03}])
def test_what_was_saved_is_restored_to_the_last_bit(mode, settings):
    fresh = BayesianAggregator(mode=mode, **settings)
    agent, _ = play(fresh)
    again = fresh.restored(json.loads(json.dumps(agent.saved(), allow_nan=False)))
    (one, first), (two, second) = play(agent, seed=9), play(again, seed=9)
    assert first == second
    assert one.saved() == two.saved()


def test_what_has_an_array_form():
    def has(agent):
        started = agent.start(NAMES, WINDOW, (1,))
        return has_array_form(started, "aggregate_array", "weights_array")

    for mode in MODES:
        assert has(BayesianAggregator(mode=mode))
        assert has(BayesianAggregator(mode=mode, recalibrate=True))
    assert has(EnsembleAggregatorAgent())
    assert not has(CalibratedAggregator(inner=PlainAggregator(), recalibrate=True))
    assert not has_array_form(EnsembleAggregatorAgent(), "aggregate_array")  # not started


def test_a_rule_as_an_object_is_the_rule_that_its_name_says():
    assert BayesianAggregator(mode="rank") == BayesianAggregator(RankWeights(0.98))
    assert BayesianAggregator(alpha=0.9) == BayesianAggregator(BayesWeights(0.9, floor=0.0))
    assert BayesianAggregator() == BayesianAggregator("bayesian") == BayesianAggregator(PLAIN)
    grid = PoolGrid(discounts=(0.9,))
    named = BayesianAggregator(mode="pool_of_pools", grid=grid)
    assert named == BayesianAggregator(grid=grid) == replace(named, name="bayesian")
    # A grid counts for nothing where another rule is named, as before rules were objects.
    assert BayesianAggregator(mode="rank", grid=grid).settings() == PoolAggregator(
        RankWeights(0.98), shrinkage=0.0, name="bayesian"
    )


def test_an_unknown_mode_is_an_error_that_lists_the_known_ones():
    with pytest.raises(ConfigError, match=r"no pool rule 'best'.* bayesian"):
        BayesianAggregator(mode="best")
    with pytest.raises(TypeError, match="unexpected keyword argument 'alfa'"):
        BayesianAggregator(alfa=0.9)
