"""Calibration in many games: a lane has the bits of an aggregator by itself."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fg_agents import (
    BayesianAggregator,
    CalibratedAggregator,
    CalibratedForecast,
    EnsembleAggregatorAgent,
    PoolGrid,
    PoolOfPools,
)
from fg_agents.conformal import LOWEST, NOMINAL, adapted_levels
from fg_core import AgentAction, AgentError, ForecastState, PoolAggregator, TrainingWindow
from fg_core.batch import ActionArrays, ForecastArrays, QuantileCalibration, StateArrays
from fg_core.protocols import RevealedForecast
from fg_core.testing import IntermittentForecaster, QuantileForecaster, check_array_form
from fg_core.testing.fakes import PlainAggregator

NAMES = ("a", "b", "c")
GRID = PoolGrid(discounts=(0.9,), temperatures=(1.0,))
INNER = {
    "pool": PoolAggregator(),
    "logarithmic": PoolAggregator(combination="logarithmic"),
    "pools": PoolOfPools(grid=GRID),
}
SETTINGS = (
    {"recalibrate": True},
    {"conformal_rate": 0.2},
    {"recalibrate": True, "conformal_rate": 0.05},
)
LEVELS = [0.9, 0.02, 0.1, 0.5, 0.25]


def forecast_arrays(t, n, seed, absent=0.0):
    rng = np.random.default_rng((seed, t))
    state = StateArrays(t, rng.normal(size=n), np.zeros(n), np.zeros(n))
    said = []
    for i in range(len(NAMES)):
        away = (rng.uniform(size=n) < absent) & (i > 0)
        said.append(
            ActionArrays(np.where(away, np.nan, rng.normal(size=n)), rng.uniform(0.3, 1, n))
        )
    return ForecastArrays.of(state, said)


def actions(arrays, lane):
    rows = zip(
        NAMES, arrays.deltas[lane].tolist(), arrays.stated_scales[lane].tolist(), strict=True
    )
    return tuple(None if np.isnan(d) else AgentAction(name, d, scale=s) for name, d, s in rows)


def together(agent, n, rounds, seed, absent=0.0, targets=None, begin=0):
    """Return the agent after some rounds of n games, and its forecasts."""
    found = []
    for t in range(begin, begin + rounds):
        said = forecast_arrays(t, n, seed, absent)
        forecast = agent.aggregate_array(said)
        found.append(forecast)
        y = np.random.default_rng((seed, t, 1)).normal(0, 3, n) if targets is None else targets
        agent = agent.update_array(RevealedForecast(said.state, 1, said, forecast, y))
    return agent, found


def alone(agent, n, rounds, seed, lane, absent=0.0, begin=0):
    """Return the agent after some rounds of one of n games, and its forecasts."""
    found = []
    for t in range(begin, begin + rounds):
        said = forecast_arrays(t, n, seed, absent)
        state = said.state.each[lane]
        forecast = agent.aggregate(state, actions(said, lane))
        found.append(forecast)
        y = float(np.random.default_rng((seed, t, 1)).normal(0, 3, n)[lane])
        outcome = RevealedForecast(state, 1, actions(said, lane), forecast, y)
        agent = agent.update(outcome)
    return agent, found


def start(agent, window=(1.0, 2.0, 4.0)):
    return agent.start(NAMES, TrainingWindow(list(window)), (1,))


@settings(max_examples=6, deadline=None)
@given(
    st.integers(0, 1000),
    st.sampled_from(sorted(INNER)),
    st.sampled_from(SETTINGS),
    st.sampled_from((0.0, 0.3)),
    st.integers(1, 3),
)
def test_lanes_are_the_games_by_themselves(seed, inner, how, absent, n):
    agent = start(CalibratedAggregator(inner=INNER[inner], **how))
    learned, many = together(agent, n, 12, seed, absent)
    for lane in range(n):
        own, forecasts = alone(agent, n, 12, seed, lane, absent)
        for found, forecast in zip(many, forecasts, strict=True):
            assert found.each[lane] == forecast
            assert isinstance(found.each[lane], CalibratedForecast)
            assert found.each[lane].plain == forecast.plain
            assert found.each[lane].miscoverage == forecast.miscoverage
            assert found.mean[lane] == forecast.mean
            np.testing.assert_array_equal(found.quantile(LEVELS)[lane], forecast.quantile(LEVELS))
        weights = np.broadcast_to(learned.weights_array(1), (n, 3))[lane]
        assert weights.tolist() == list(own.weights(1).values())


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 1000), st.sampled_from(SETTINGS), st.integers(0, 8))
def test_stacked_aggregators_are_themselves_and_lanes_can_be_taken(seed, how, learned):
    n, grid = 3, PoolOfPools(grid=GRID)
    own = []
    for lane in range(n):
        agent = start(CalibratedAggregator(inner=grid, **how), (1.0, 2.0 + lane, 4.0))
        own.append(alone(agent, n, learned, seed + 1, lane)[0])
    stacked = CalibratedAggregator.stack(own)
    half, many = together(stacked, n, 5, seed, begin=learned)
    rows = np.array([2, 0, 2])
    for lane, agent in enumerate(own):
        forecasts = alone(agent, n, 5, seed, lane, begin=learned)[1]
        assert [found.each[lane] for found in many] == forecasts
    few, said = half.take(rows), forecast_arrays(90, n, seed)
    assert few.aggregate_array(said.take(rows)).each == half.aggregate_array(said).take(rows).each


@pytest.mark.parametrize("how", SETTINGS)
def test_one_memory_learns_as_many_lanes_as_there_are_targets(how):
    agent, _ = together(start(CalibratedAggregator(inner=PoolOfPools(grid=GRID), **how)), 1, 6, 3)
    said = forecast_arrays(6, 1, 3)
    forecast = agent.aggregate_array(said)
    targets = np.array([-40.0, 0.0, 0.3, 5.0])
    many = agent.update_array(RevealedForecast(said.state, 1, said, forecast, targets))
    after = forecast_arrays(7, 4, 3)
    found = many.aggregate_array(after)
    for i, y in enumerate(targets):
        one = agent.update_array(RevealedForecast(said.state, 1, said, forecast, y[np.newaxis]))
        expected = one.aggregate_array(after.take(np.array([i])))
        assert found.each[i] == expected.each[0]
        np.testing.assert_array_equal(found.quantile(LEVELS)[i], expected.quantile(LEVELS)[0])
    assert found.take(np.array([3, 1])).each == (found.each[3], found.each[1])
    # Asked about more games than it tells apart, and about one for all that it tells apart.
    assert agent.aggregate_array(after).weights.shape == (4, 3)
    one_for_all = many.aggregate_array(after.take(np.array([2])))
    assert (
        one_for_all.each[1]
        == many.take(np.array([1])).aggregate_array(after.take(np.array([2]))).each[0]
    )


def test_the_calibration_is_passed_on_as_by_one_forecast():
    adapted, found = together(
        start(CalibratedAggregator(inner=INNER["pool"], conformal_rate=0.2)), 2, 9, 1
    )
    used = adapted.aggregate_array(forecast_arrays(9, 2, 1))
    moved = used.shifted(np.array([0.5, -1.0]))
    assert used.shifted(0.0) is used
    for i, bias in enumerate((0.5, -1.0)):
        assert moved.each[i].miscoverage == used.each[i].miscoverage
        assert moved.quantile(LEVELS)[i] == pytest.approx(used.quantile(LEVELS)[i] + bias)
    other = found[0]
    both = used.calibrating(replace(other, calibration=None))
    assert both.each[0].components == other.each[0].components
    assert both.each[0].miscoverage == used.each[0].miscoverage
    np.testing.assert_array_equal(both.quantile(LEVELS)[0], both.each[0].quantile(LEVELS))
    only_recalibrated = CalibratedAggregator(inner=INNER["pool"], recalibrate=True)
    plain, _ = together(start(only_recalibrated), 2, 9, 1)
    made = plain.aggregate_array(forecast_arrays(9, 2, 1))
    assert made.calibration.plain is not None
    assert made.shifted(1.0).calibration is None


def test_single_forecasts_say_how_they_are_calibrated():
    agent, _ = together(
        start(CalibratedAggregator(inner=INNER["pool"], conformal_rate=0.2)), 3, 9, 1
    )
    made = agent.aggregate_array(forecast_arrays(9, 3, 1))
    gathered = QuantileCalibration.of(made.each)
    np.testing.assert_array_equal(gathered.parameters, made.calibration.parameters)
    again = replace(made, calibration=gathered)
    np.testing.assert_array_equal(again.quantile(LEVELS), made.quantile(LEVELS))
    plain = made.calibration.plain.each
    assert QuantileCalibration.of(plain) is None
    mixed = replace(made, calibration=QuantileCalibration.of([plain[0], *made.each[1:]]))
    np.testing.assert_array_equal(mixed.quantile(LEVELS)[0], plain[0].quantile(LEVELS))
    np.testing.assert_array_equal(mixed.quantile(LEVELS)[1:], made.quantile(LEVELS)[1:])


def test_a_forecast_of_somebody_else_is_taken_as_it_is():
    agent = start(
        CalibratedAggregator(inner=PoolAggregator(), recalibrate=True, conformal_rate=0.05)
    )
    said = forecast_arrays(0, 2, 4)
    forecast = agent.aggregate_array(said)
    theirs = replace(forecast, calibration=None)
    y = np.array([9.0, 0.0])
    one, two = (
        agent.update_array(RevealedForecast(said.state, 1, said, issued, y))
        for issued in (forecast, theirs)
    )
    assert one.aggregate_array(said).each == two.aggregate_array(said).each


@pytest.mark.parametrize(
    "inner", [PoolAggregator(), pytest.param(PoolOfPools(grid=GRID), marks=pytest.mark.slow)]
)
def test_the_array_form_gives_the_bits_of_the_scalar_form(inner):
    check_array_form(CalibratedAggregator(inner=inner, **SETTINGS[2]), "aggregator")


def test_what_differs_is_not_stacked():
    one = start(CalibratedAggregator(inner=PoolOfPools(grid=GRID), recalibrate=True))
    assert CalibratedAggregator.stack([one, one]) is one
    for other in (
        start(CalibratedAggregator(inner=PoolOfPools(), recalibrate=True)),
        start(CalibratedAggregator(inner=PoolOfPools(grid=GRID), conformal_rate=0.1)),
        one.start(NAMES, TrainingWindow([1.0, 2.0]), (1, 2)),
    ):
        assert CalibratedAggregator.stack([one, other]) is None
    plain = [
        start(CalibratedAggregator(inner=PlainAggregator(), recalibrate=True)) for _ in range(2)
    ]
    assert CalibratedAggregator.stack(plain) is None
    fresh = start(CalibratedAggregator(inner=PoolOfPools(grid=GRID), recalibrate=True))
    assert fresh.take(np.array([1, 0])) is fresh


WRAPPED = [
    BayesianAggregator(mode="pool_of_pools", grid=GRID),
    BayesianAggregator(mode="pool_of_pools", grid=GRID, recalibrate=True, conformal_rate=0.1),
]
if hasattr(PoolAggregator, "stack"):
    WRAPPED += [
        BayesianAggregator(alpha=0.95, shrinkage=0.1),
        BayesianAggregator(mode="crps_learning", recalibrate=True),
        EnsembleAggregatorAgent(strategy="rank"),
    ]


@pytest.mark.parametrize(
    "agent", WRAPPED, ids=lambda agent: f"{agent.name} {agent.settings().name}"
)
def test_aggregators_that_play_a_pool_stack_and_take_it(agent):
    own = [start(agent, (1.0, 2.0 + lane, 4.0)) for lane in range(3)]
    stacked = type(agent).stack(own)
    learned, many = together(stacked, 3, 6, 7)
    for lane, one in enumerate(own):
        assert [found.each[lane] for found in many] == alone(one, 3, 6, 7, lane)[1]
    rows, said = np.array([1, 1, 0]), forecast_arrays(90, 3, 7)
    few = learned.take(rows).aggregate_array(said.take(rows))
    assert few.each == learned.aggregate_array(said).take(rows).each
    assert type(agent).stack([own[0], start(replace(agent, name="another"))]) is not own[0]
    other = start(BayesianAggregator(mode="bates_granger"))
    assert BayesianAggregator.stack([start(WRAPPED[0]), other]) is None


@given(
    st.lists(st.lists(st.floats(LOWEST, 0.9), min_size=4, max_size=4), min_size=1, max_size=5),
    st.lists(st.floats(0.001, 0.999), min_size=1, max_size=6),
)
def test_levels_of_many_rows_are_those_of_each_and_of_linear_interpolation(rows, levels):
    found = adapted_levels(levels, np.array(rows))
    known = [0.0, *NOMINAL, 1.0]
    for i, row in enumerate(rows):
        assert found[i].tolist() == adapted_levels(levels, np.array(row)).tolist()
        for p, level in zip(levels, found[i], strict=True):
            rising = [0.0, *np.maximum.accumulate(row), 1.0]
            tail = float(np.interp(2.0 * min(p, 1.0 - p), known, rising)) / 2.0
            assert level == pytest.approx(tail if p <= 0.5 else 1.0 - tail, abs=1e-15)


def test_a_game_is_played_on_from_many():
    """The last state of a lane as an aggregator by itself knows what that lane learned."""
    agent = start(
        CalibratedAggregator(inner=PoolOfPools(grid=GRID), recalibrate=True, conformal_rate=0.1)
    )
    many, _ = together(agent, 3, 8, 11)
    lane = many.take(np.array([2]))
    own, _ = alone(agent, 3, 8, 11, 2)
    state = ForecastState(8, 0.5, 0.0, 0.0)
    acts = tuple(AgentAction(name, 0.1 * i, scale=1.0) for i, name in enumerate(NAMES))
    assert lane.aggregate(state, acts) == own.aggregate(state, acts)
    assert lane.spread_of(1) == own.spread_of(1)
    assert lane.weights(1) == own.weights(1)
    with pytest.raises(AgentError, match="holds 3 games: ask it by arrays"):
        many.spread_of(1)


@pytest.mark.parametrize("options", SETTINGS)
def test_what_forecasters_state_is_drawn_alike_alone_and_in_many_games(options):
    rng, n = np.random.default_rng(5), 3
    window = TrainingWindow([1.0, 2.0, 4.0, 3.0])
    start = CalibratedAggregator(inner=PoolAggregator(), **options).start(NAMES, window, (1,))
    many, alone = start, [start] * n
    for t in range(6):
        state = StateArrays(t, rng.normal(size=n), np.zeros(n), np.zeros(n))
        stating = QuantileForecaster(name="a"), IntermittentForecaster(name="b")
        said = ForecastArrays.of(
            state, [*(one.act_array(state) for one in stating), ActionArrays(0.3, 1.5)]
        )
        forecasts = many.aggregate_array(said)
        target = rng.normal(size=n) * 3.0
        target[t % n] = 0.0  # where one of them has a mass
        for i in range(n):
            acted = (*(one.act(state.each[i]) for one in stating), AgentAction("c", 0.3, scale=1.5))
            one = alone[i].aggregate(state.each[i], acted)
            assert forecasts.each[i] == one
            assert one.components.shapes is not None
            assert forecasts.quantile(LEVELS)[i].tolist() == one.quantile(LEVELS).tolist()
            outcome = RevealedForecast(state.each[i], 1, acted, one, float(target[i]))
            alone[i] = alone[i].update(outcome)
        many = many.update_array(RevealedForecast(state, 1, said, forecasts, target))
    drawn = many.aggregate_array(said)
    if options.get("recalibrate"):
        plain = many.inner.aggregate_array(said)
        assert not np.array_equal(drawn.scales, plain.scales)
        mean, scale = drawn.shapes.moments()
        assert mean[:, :2] == pytest.approx(drawn.means[:, :2], rel=1e-9)
        assert scale[:, :2] == pytest.approx(drawn.scales[:, :2], rel=1e-9)
        assert (drawn.shapes.places == plain.shapes.places).all()
