"""Pools of forecasters that state distributions."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fg_core import (
    AgentAction,
    AgentError,
    ForecastState,
    PoolAggregator,
    ProbabilisticForecast,
    TrainingWindow,
)
from fg_core.batch import ActionArrays, ForecastArrays, StateArrays
from fg_core.distributions import (
    Mass,
    MixtureParts,
    NormalPart,
    QuantileGrid,
    StatedDistribution,
    pack,
    stated_arrays,
)
from fg_core.pooling import rule_by_name
from fg_core.pooling.rules import RULES
from fg_core.pooling.stated import CELL, DOUBTED, stated_log_densities
from fg_core.protocols import RevealedForecast
from fg_core.scoring import crps, pit_score
from fg_core.testing.strategies import stated_distributions, values

quiet = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=settings.default.max_examples * 2 // 5,
)
WINDOW = TrainingWindow([float(x) for x in np.cumsum(np.sin(np.arange(40.0)))])
MODES = (
    "bayesian",
    "forgetting_grid",
    "equal",
    "rank",
    "reward_proportional",
    "bates_granger",
    "crps_learning",
    "log_score",
)
STATE = ForecastState(0, 5.0, 0.0, 0.0)
NAMES = ("0", "1", "2")
DEMAND = StatedDistribution(QuantileGrid((0.1, 0.5, 0.9), (1.0, 2.0, 5.0)), (Mass(0.0, 0.6),))
GRID = StatedDistribution(QuantileGrid((0.1, 0.5, 0.9), (3.0, 5.0, 9.0)))


def stating(i, shape, state=STATE):
    return AgentAction.stating(str(i), state.value, shape)


def pool_of(mode="bayesian", n=3, likelihood="gaussian", floor=0.001, **options):
    rule = rule_by_name(mode, likelihood=likelihood, floor=floor)
    return PoolAggregator(rule, **options).start(NAMES[:n], WINDOW, (1,))


def taught(pool, actions, target, state=STATE, issued=None):
    """Return the pool after the target of its forecast, or of one issued earlier, is revealed."""
    forecast = pool.aggregate(state, actions) if issued is None else issued
    return pool.update(RevealedForecast(state, 1, actions, forecast, target))


# --------------------------------------------------------------------- the path without shapes


def test_a_pool_of_normals_is_what_it_was():
    """Numbers of the pool from before distributions could be stated, in every mode."""
    known = json.loads(Path(__file__).with_name("normal_pools.json").read_text())
    for mode in MODES:
        for combination in ("linear", "logarithmic"):
            for likelihood in ("gaussian", "student_t"):
                found = played(mode, combination, likelihood)
                wanted = known[f"{mode} {combination} {likelihood}"]
                assert found == pytest.approx(wanted, rel=1e-11), (mode, combination, likelihood)


def played(mode, combination, likelihood):
    """The last forecast of a game with absent forecasters, silent scales and inflation."""
    rng = np.random.default_rng(7)
    settings_ = {"combination": combination, "likelihood": likelihood}
    pool = pool_of(mode, groups={"0": "a", "1": "a"}, **settings_)
    for r in range(14):
        v, d = rng.normal(5, 1, 6), rng.normal(0, 1, (6, 3))
        c = rng.uniform(0.4, 2, (6, 3))
        if r % 4 == 3:
            d[rng.uniform(size=6) < 0.5, 1] = np.nan
        if r % 5 == 2:
            c[:, 2] = np.nan
        added = rng.uniform(0, 1, (6, 3)) if r % 2 else None
        t = rng.normal(5, 2, 6)
        state = ForecastState(r, float(v[0]), 0.0, 0.0)
        actions = tuple(
            None
            if np.isnan(delta)
            else AgentAction(str(i), float(delta), scale=None if np.isnan(s) else float(s))
            for i, (delta, s) in enumerate(zip(d[0], c[0], strict=True))
        )
        one = pool.aggregate(state, actions, inflation=() if added is None else added[0].tolist())
        plain = pool.aggregate(state, actions)
        pool = pool.update(RevealedForecast(state, 1, actions, plain, float(t[0])))
    assert one.components.shapes is None
    return [one.mean, one.variance, crps(one, 5.0)]


# -------------------------------------------------------------------------------- the mixture


def test_the_forecast_is_the_mixture_of_what_is_stated():
    pool = pool_of("equal", rescale=False)
    stated_scales = AgentAction("1", 1.0, scale=2.0)
    found = pool.aggregate(STATE, (stating(0, DEMAND), stated_scales, stating(2, GRID)))
    normal = StatedDistribution(NormalPart(6.0, 2.0))
    for x in (-1.0, 0.0, 1.5, 4.0, 5.0, 8.0, 20.0):
        wanted = np.mean([one.cdf(x) for one in (DEMAND, normal, GRID)])
        assert found.cdf(x) == pytest.approx(wanted, abs=1e-14)
    assert found.cdf(0.0) - found.probability_below(0.0) == pytest.approx(0.2)
    assert found.mean == pytest.approx(np.mean([DEMAND.mean, 6.0, GRID.mean]))
    parts = found.components
    assert parts.scales == pytest.approx([DEMAND.scale, 2.0, GRID.scale])
    assert list(found.quantiles) == sorted(found.quantiles)
    # The PIT at a mass lies in its middle, unless a random number says where.
    middle = 0.5 * (found.cdf(0.0) + found.probability_below(0.0))
    assert pit_score(found, 0.0) == pytest.approx(middle)
    assert pit_score(found, 0.0, 1.0) == pytest.approx(found.cdf(0.0))
    assert crps(found, 0.0) == parts.crps(0.0) > 0.0
    assert np.isnan(crps(found, float("nan")))


def test_a_stated_normal_pools_as_a_claimed_one():
    pool, other = pool_of("bayesian"), pool_of("bayesian")
    rng = np.random.default_rng(5)
    for r in range(12):
        state = ForecastState(r, float(rng.normal(5, 1)), 0.0, 0.0)
        d, s = rng.normal(0, 1, 3), rng.uniform(0.5, 2, 3)
        stated_scales = tuple(AgentAction(str(i), float(d[i]), scale=float(s[i])) for i in range(3))
        stated = tuple(
            stating(i, StatedDistribution(NormalPart(state.value + d[i], s[i])), state)
            for i in range(3)
        )
        added = (0.3, 0.0, 1.0)
        one = pool.aggregate(state, stated_scales, inflation=added)
        two = other.aggregate(state, stated, inflation=added)
        # The log density of a cell is that of its middle, but for the cell's width.
        near = 1e-4 if r else 1e-11
        assert two.mean == pytest.approx(one.mean, rel=near)
        assert two.variance == pytest.approx(one.variance, rel=near)
        assert crps(two, 6.0) == pytest.approx(crps(one, 6.0), rel=near)
        assert two.quantiles == pytest.approx(one.quantiles, rel=near)
        target = float(rng.normal(5, 2))
        pool = taught(pool, stated_scales, target, state)
        other = taught(other, stated, target, state)
    assert list(other.weights().values()) == pytest.approx(list(pool.weights().values()), rel=1e-3)


@quiet
@given(stated_distributions(limit=10.0), st.floats(0.0, 3.0))
def test_inflation_adds_its_square_to_the_variance(shape, added):
    pool = pool_of("equal", n=1)
    actions = (stating(0, shape),)
    plain = pool.aggregate(STATE, actions)
    wide = pool.aggregate(STATE, actions, inflation=(added,))
    size = 1e-9 * (abs(plain.mean) + plain.scale + added)
    assert wide.mean == pytest.approx(plain.mean, abs=size)
    assert wide.scale == pytest.approx(np.hypot(plain.scale, added), rel=1e-8, abs=size)


def test_errors_that_are_wider_than_stated_widen_the_grid():
    pool = pool_of("equal", n=1)
    for _ in range(10):
        actions = (stating(0, GRID),)
        pool = taught(pool, actions, 30.0)
    wide = pool.aggregate(STATE, (stating(0, GRID),))
    assert wide.mean == pytest.approx(GRID.mean)
    factor = wide.scale / GRID.scale
    assert 2.0 < factor <= 2.5
    for level in (0.05, 0.5, 0.95):
        distance = float(GRID.quantile(level)[0]) - GRID.mean
        assert wide.quantile(level)[0] == pytest.approx(GRID.mean + factor * distance, rel=1e-9)
    # The mass of a demand stays at zero, and keeps its probability.
    demand = pool.aggregate(STATE, (stating(0, DEMAND),))
    assert demand.cdf(0.0) - demand.probability_below(0.0) == pytest.approx(0.6)
    assert demand.scale < factor * DEMAND.scale


def test_absent_forecasters_leave_the_others_alone():
    pool = pool_of("equal")
    found = pool.aggregate(STATE, (None, stating(1, GRID), None))
    assert found.components.labels == ("1",)
    assert found.cdf(5.0) == pytest.approx(GRID.cdf(5.0))
    both = pool.aggregate(STATE, (AgentAction("0", 0.0, scale=1.0), None, stating(2, DEMAND)))
    assert both.components.shapes.stated.tolist() == [False, True]


def test_a_logarithmic_pool_takes_moments():
    pool = pool_of("equal", n=2, combination="logarithmic", rescale=False)
    found = pool.aggregate(STATE, (stating(0, GRID), AgentAction("1", 0.0, scale=1.0)))
    stated_scales = AgentAction("0", GRID.mean - 5.0, scale=GRID.scale)
    assert found == pool.aggregate(STATE, (stated_scales, AgentAction("1", 0.0, scale=1.0)))


def test_a_mean_that_is_not_that_of_the_distribution_is_an_error():
    pool = pool_of("equal")
    wrong = AgentAction("1", 0.5, shape=GRID)
    with pytest.raises(AgentError, match=r"'1' forecast a mean of 5\.5"):
        pool.aggregate(STATE, (None, wrong, None))


# ----------------------------------------------------------------------------------- learning


@pytest.mark.parametrize("mode", [m for m in MODES if m not in ("equal", "bates_granger")])
def test_who_knows_the_zeros_gains_weight(mode):
    """Intermittent demand: a mass at zero beats the normal of the same mean and variance."""
    rng = np.random.default_rng(11)
    pool = pool_of(mode, n=2)
    for r in range(60):
        state = ForecastState(r, 1.0, 0.0, 0.0)
        normal = AgentAction("1", DEMAND.mean - 1.0, scale=DEMAND.scale)
        actions = (stating(0, DEMAND, state), normal)
        target = float(DEMAND.quantile(rng.uniform(0.001, 0.999))[0])
        issued = pool.aggregate(state, actions)
        pool = pool.update(RevealedForecast(state, 1, actions, issued, target))
    assert pool.weights()["0"] > 0.54


def test_one_value_outside_a_bounded_grid_refutes_nobody():
    bounded = StatedDistribution(QuantileGrid((0.0, 1.0), (4.0, 6.0)))
    pool = pool_of("bayesian", n=2, floor=0.0, shrinkage=0.0)
    actions = (stating(0, bounded), AgentAction("1", 0.0, scale=bounded.scale))
    pool = taught(pool, actions, 6.1)
    assert 0.005 < pool.weights()["0"] < 0.1


@quiet
@given(stated_distributions(limit=5.0), values(6.0), st.floats(0.1, 10.0))
def test_a_log_density_is_that_of_a_small_cell(shape, target, change):
    normal = np.array([-1.5, -2.5])
    found = stated_log_densities(normal, pack([shape, None]), target, change)
    width = max(CELL * change, 1e-9 * abs(target))
    one = shape.arrays.map(lambda a: a[np.newaxis, np.newaxis])
    ones = np.ones((1, 1))
    cell = MixtureParts(ones, ones, ones, one).probabilities_within(
        np.array([target - 0.5 * width]), np.array([target + 0.5 * width])
    )[0, 0]
    wanted = np.log((1.0 - DOUBTED) * cell / width + DOUBTED * np.exp(-1.5))
    assert found[0] == pytest.approx(wanted, rel=1e-9)
    assert found[1] == -2.5


def test_a_forecast_is_judged_by_the_distribution_that_was_issued():
    """Not by what the pool would make of it today."""
    pool = pool_of("bayesian")
    actions = (stating(0, GRID), AgentAction("1", 0.0, scale=1.0), stating(2, DEMAND))
    issued = pool.aggregate(STATE, actions)
    later = pool
    for target in (9.0, -4.0, 12.0):
        later = taught(later, actions, target)
    one = taught(later, actions, 3.0, issued=issued)
    other = taught(later, actions, 3.0)
    assert one.weights() != other.weights()
    # A forecast of other components says nothing of that: today's are taken.
    renamed = replace(issued.components, labels=("x", "y", "z"))
    forecast = ProbabilisticForecast.from_components(renamed)
    today = taught(later, actions, 3.0, issued=forecast)
    assert today.weights() == pytest.approx(other.weights())


# ------------------------------------------------------------------------------------ batches


def drawn(rng, r, games):
    """What three forecasters state in many games: a grid, a normal, a mass at zero; some absent."""
    values_ = rng.normal(5, 1, games)
    state = StateArrays(r, values_, np.zeros(games), np.zeros(games))
    levels = (0.1, 0.3, 0.5, 0.9)
    quantiles = np.sort(rng.normal(5, 2, (games, 4)), axis=-1).round(1)
    quantiles[::3, 1] = quantiles[::3, 0]
    if r % 3 == 2:
        quantiles[rng.uniform(size=games) < 0.5] = np.nan
    p = rng.uniform(0.1, 0.9, (games, 1))
    demands = np.sort(rng.uniform(0.5, 9.0, (games, 2)), axis=-1)
    return (
        state,
        [
            ActionArrays.stating(state, stated_arrays(levels=levels, quantiles=quantiles)),
            ActionArrays(rng.normal(0, 1, games), rng.uniform(0.5, 2, games)),
            ActionArrays.stating(
                state,
                stated_arrays(levels=(0.0, 1.0), quantiles=demands, places=[0.0], probabilities=p),
            ),
        ],
        (levels, quantiles, p, demands),
    )


@pytest.mark.parametrize(
    ("mode", "combination"),
    [
        pytest.param(mode, other, marks=pytest.mark.slow if (i + j) % 2 else ())
        for i, mode in enumerate(RULES)
        for j, other in enumerate(("linear", "logarithmic"))
    ],
)
def test_many_games_at_once_equal_each_alone(mode, combination):
    games, rounds = 5, 6
    rng = np.random.default_rng(4)
    start = pool_of(mode, combination=combination)
    alone, together = [start] * games, start
    for r in range(rounds):
        state, arrays, (levels, quantiles, p, demands) = drawn(rng, r, games)
        targets = rng.choice([0.0, 1.0, 5.3], games)
        forecast_arrays = ForecastArrays.of(state, arrays)
        added = rng.uniform(0, 1, (games, 3)) if r % 2 else None
        forecasts = together.aggregate_array(forecast_arrays, inflation=added)
        plain = together.aggregate_array(forecast_arrays)
        score, upto = forecasts.crps(targets), forecasts.cdf(targets)
        below, pits = forecasts.probability_below(targets), forecasts.pit(targets)
        found = forecasts.quantile((0.1, 0.25, 0.5, 0.75, 0.9))
        for g in range(games):
            seen = state.each[g]
            grid = QuantileGrid(levels, quantiles[g]) if not np.isnan(quantiles[g, 0]) else None
            sold = StatedDistribution(QuantileGrid((0.0, 1.0), demands[g]), (Mass(0.0, p[g, 0]),))
            actions = (
                None if grid is None else stating(0, StatedDistribution(grid), seen),
                AgentAction("1", float(arrays[1].delta[g]), scale=float(arrays[1].scale[g])),
                stating(2, sold, seen),
            )
            extra = () if added is None else added[g].tolist()
            one = alone[g].aggregate(seen, actions, inflation=extra)
            assert (one.mean, one.variance) == (forecasts.mean[g], forecasts.variance[g])
            assert one == forecasts.each[g]
            assert crps(one, targets[g]) == score[g]
            assert pit_score(one, targets[g]) == pits[g]
            assert (one.cdf(targets[g]), one.probability_below(targets[g])) == (upto[g], below[g])
            assert list(one.quantiles) == found[g].tolist()
            issued = alone[g].aggregate(seen, actions)
            outcome = RevealedForecast(seen, 1, actions, issued, float(targets[g]))
            alone[g] = alone[g].update(outcome)
        together = together.update_array(
            RevealedForecast(state, 1, forecast_arrays, plain, targets)
        )
        weights = np.broadcast_to(together.weights_array(), (games, 3))
        for g in range(games):
            assert list(alone[g].weights().values()) == weights[g].tolist(), (mode, r)


def test_a_game_in_which_nobody_states_anything_is_one_of_normals():
    """Beside games in which somebody does."""
    state = StateArrays(0, np.array([5.0, 5.0]), np.zeros(2), np.zeros(2))
    grid = stated_arrays(levels=(0.1, 0.9), quantiles=[[np.nan, np.nan], [3.0, 6.0]])
    claims = [ActionArrays(np.array([0.2, 0.4]), np.array([1.0, 2.0])) for _ in range(2)]
    pool = pool_of("bayesian")
    many = pool.aggregate_array(
        ForecastArrays.of(state, [ActionArrays.stating(state, grid), *claims])
    )
    stated_scales = AgentAction("1", 0.2, scale=1.0)
    one = pool.aggregate(state.each[0], (None, stated_scales, stated_scales))
    assert one.components.shapes is None
    assert many.each[0] == one
    assert many.crps(np.array([4.0, 4.0]))[0] == crps(one, 4.0)
    assert many.quantile([0.3])[0, 0] == one.quantile(0.3)[0]
    assert many.each[1].components.shapes is not None
    moved = many.shifted(np.array([0.5, -0.5]))
    assert moved.mean == pytest.approx(many.mean + np.array([0.5, -0.5]))
    assert moved.each[0].components.shapes is None
    assert many.shifted(0.0) is many


def test_a_panel_without_distributions_has_none():
    state = StateArrays(0, np.array([5.0]), np.zeros(1), np.zeros(1))
    nothing = stated_arrays(levels=(0.1, 0.9), quantiles=[[np.nan, np.nan]])
    assert ForecastArrays.of(state, [ActionArrays(np.array([0.2]), 1.0)]).shapes is None
    assert ForecastArrays.of(state, [ActionArrays.stating(state, nothing)]).shapes is None
