"""Pools whose weights are learned from all series of a panel."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from fg_core import (
    AgentAction,
    AgentError,
    AgentRegistry,
    AutoRegression,
    ConfigError,
    DefenderAgent,
    Drift,
    ForecastGame,
    ForecastState,
    ForecastUnavailable,
    PoolAggregator,
    RandomHits,
    RandomWalk,
    ReplayWorld,
    SimulationConfig,
    TrainingWindow,
)
from fg_core.game import GameGroup
from fg_core.pooling import Likelihood, SharedPoolAggregator
from fg_core.pooling.rules import BayesWeights, ForgettingGridWeights
from fg_core.protocols import RevealedForecast
from fg_core.testing import (
    IntermittentForecaster,
    QuantileForecaster,
    check_aggregator,
    check_array_form,
)
from fg_core.testing.examples import example_dataset

STATE = ForecastState(0, 5.0, 0.0, 0.0)
WINDOW = TrainingWindow([float(x) for x in np.cumsum(np.sin(np.arange(40.0)))])
HEAVY = ForgettingGridWeights(likelihood=Likelihood("student_t"))
PLAIN = {"rule": BayesWeights(alpha=1.0, floor=0.0), "shrinkage": 0.0, "rescale": False}


class OneByOne(SharedPoolAggregator):
    """The same pool, asked series by series."""

    array_form = False


def outcome_of(pool, actions, target, state=STATE):
    forecast = pool.aggregate(state, actions)
    return RevealedForecast(state, 1, actions, forecast, target)


def pair_of(**options):
    pool = SharedPoolAggregator(**options).start(("a", "b"), WINDOW, (1,))
    return (pool, pool)


def said(a, b, scale=1.0):
    return (AgentAction("a", a, scale=scale), AgentAction("b", b, scale=scale))


def test_weights_follow_the_mean_log_density_of_the_series():
    pools = pair_of(**PLAIN)
    # In the first series a is right and b one scale off; in the second, in other units, b is
    # better. Squared standardised errors are 0 and 1, and 1 and 0.25.
    first = outcome_of(pools[0], said(1.0, 0.0), 6.0)
    second = outcome_of(pools[1], said(0.0, 500.0, scale=1000.0), 1005.0)
    # Who is absent from a series counts there as those present do.
    absent = outcome_of(pools[0], (None, AgentAction("b", 0.0, scale=1.0)), 6.0)
    nobody = replace(absent, actions=(None, None))
    for one, squares in (
        (first, [[0.0, 1.0], [1.0, 0.25]]),
        (absent, [[1.0, 1.0], [1.0, 0.25]]),
        (nobody, [[1.0, 0.25]]),
    ):
        odds = np.exp(-0.5 * np.mean(squares, axis=0))
        wanted = pytest.approx((odds / odds.sum()).tolist(), rel=1e-12)
        for pool in pools[0].update_panel(pools, (one, second)):
            assert list(pool.weights().values()) == wanted


def test_scales_are_those_of_each_series():
    pools = pair_of()
    far, near = (outcome_of(pools[0], said(1.0, 0.5), target) for target in (9.0, 5.8))
    one, other = pools[0].update_panel(pools, (far, near))
    actions = said(1.0, 0.5)
    wide, narrow = (pool.expert_forecasts(STATE, actions, 1)[2] for pool in (one, other))
    assert (wide > narrow).all()
    assert wide.tolist() == pools[0].update(far).expert_forecasts(STATE, actions, 1)[2].tolist()


@pytest.mark.parametrize("mode", ["rank", "equal", "crps_learning", "log_score"])
def test_losses_in_different_units_are_not_averaged(mode):
    with pytest.raises(ConfigError, match=rf"bayesian, forgetting_grid, not '{mode}'"):
        SharedPoolAggregator(mode)


def test_a_pool_of_many_lanes_is_not_one_of_a_panel():
    pool = SharedPoolAggregator().start(("a", "b"), WINDOW, (1,))
    other = pool.update(outcome_of(pool, said(1.0, 0.0), 6.0))
    stacked = SharedPoolAggregator.stack((pool, other))
    told = outcome_of(pool, said(1.0, 0.0), 6.0)
    with pytest.raises(AgentError, match="several lanes"):
        pool.update_panel((pool, stacked), (told, told))


def test_it_conforms():
    check_aggregator(SharedPoolAggregator(ForgettingGridWeights()))
    check_array_form(SharedPoolAggregator(), "aggregator")


# -------------------------------------------------------------------------------------- in games


def worlds_of(n=3, rows=46):
    found = []
    for seed in range(n):
        rng = np.random.default_rng(seed)
        values = np.round(20.0 + np.cumsum(rng.normal(0, 10.0 ** (seed - 1), rows)), 2)
        (name,) = example_dataset(rows).series_ids[:1]
        known = example_dataset(rows).series(name)
        pairs = zip(known, values.tolist(), strict=True)
        found.append(ReplayWorld(tuple(replace(row, value=value) for row, value in pairs)))
    return found


def played(aggregator, worlds, forecasters=None, adversaries=None, **options):
    config = SimulationConfig(
        horizon=6,
        horizons=(1, 3),
        refit_every=3,
        disturbance_prob=0.0,
        attack_total=9.0,
        lookback=10,
        reveal_lag=options.pop("lag", 1),
    )
    registry = AgentRegistry(
        forecasters or (RandomWalk(), Drift(), AutoRegression(2)),
        (RandomHits(size=2.0, probability=0.4),) if adversaries is None else adversaries,
        (DefenderAgent(),),
        aggregator,
    )
    groups = [GameGroup(one.initial_state(34), one, n_games=2) for one in worlds]
    game = ForecastGame(config, seed=3, registry=registry)
    return game.run_groups(groups, **options)


def assert_same(one, other):
    for name in ("means", "variances", "crps", "p_bad"):
        assert np.array_equal(getattr(one, name), getattr(other, name), equal_nan=True), name
    for h, weights in one.weights.items():
        assert np.array_equal(weights, other.weights[h])


@dataclass(frozen=True)
class Moody:
    """Has a forecast for some values, and none for others."""

    name: str = "moody"

    def act(self, state, horizon=1):
        if np.sin(1e3 * state.value) > 0.2:
            raise ForecastUnavailable("not in the mood")
        return AgentAction(self.name, 0.1, scale=1.0)


@pytest.mark.parametrize(
    ("settings", "lag", "forecasters"),
    [
        ({"combination": "logarithmic"}, 2, (RandomWalk(), Moody(), AutoRegression(2))),
        (
            {"rule": HEAVY},
            2,
            (Moody(), RandomWalk()),
        ),
        ({}, 1, (QuantileForecaster(), IntermittentForecaster(), AutoRegression(2))),
    ],
)
def test_arrays_give_the_bits_of_series_by_series(settings, lag, forecasters):
    options = {"forecasters": forecasters, "lag": lag}
    arrays = played(SharedPoolAggregator(**settings), worlds_of(), **options)
    objects = played(OneByOne(**settings), worlds_of(), **options)
    assert "shared_pool" not in arrays.slow_agents
    assert "shared_pool" in objects.slow_agents
    assert_same(arrays, objects)
    blocks = played(SharedPoolAggregator(**settings), worlds_of(), games_per_block=1, **options)
    assert_same(arrays, blocks)


def test_with_one_series_it_is_the_pool_that_shares_nothing():
    (world,) = worlds_of(1)
    shared = SharedPoolAggregator(name="pool")
    assert_same(played(shared, [world]), played(PoolAggregator(), [world]))


def test_weights_are_one_and_the_same_for_all_series_and_whatever_their_units():
    a, b, c = worlds_of()
    out = played(SharedPoolAggregator(), [a, b, c], adversaries=())
    assert np.unique(out.weights[1], axis=0).shape[0] == 1
    assert np.ptp(out.weights[1][0]) > 0.01
    rows = tuple(replace(row, value=row.value * 1024.0) for row in b.rows)
    other = played(SharedPoolAggregator(), [a, replace(b, rows=rows), c], adversaries=())
    assert other.weights[1] == pytest.approx(out.weights[1], rel=1e-9)
    alone = played(PoolAggregator(), [a, b, c], adversaries=())
    assert np.unique(alone.weights[1], axis=0).shape[0] == 3
