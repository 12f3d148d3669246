import json

import numpy as np
import pytest

from fg_agents import (
    BayesianAggregator,
    CalibratedAggregator,
    CalibratedForecast,
    PoolGrid,
    PoolOfPools,
)
from fg_agents.conformal import NOMINAL, adapt, adapted_levels, misses
from fg_core import (
    AgentAction,
    AgentError,
    ConfigError,
    DataError,
    ForecastState,
    PoolAggregator,
    TrainingWindow,
    crps,
    pit_score,
)
from fg_core.batch import MixtureArrays
from fg_core.game.branches import mix_branches
from fg_core.pooling import ScaleRule
from fg_core.protocols import RevealedForecast
from fg_core.testing import check_aggregator
from fg_core.testing.fakes import PlainAggregator

WINDOW = TrainingWindow(np.array([1.0, 2.0, 1.5, 3.0]))
INNER = PoolAggregator(mode="equal", rescale=False)
TIGHT = ScaleRule(discount=0.97, prior=8.0, lowest=0.6, highest=1.6)


def said(t):
    return (AgentAction("a", 0.3, scale=1.0), AgentAction("b", -0.3, scale=1.5 + 0.5 * np.cos(t)))


def play(agent, rounds, spread=2.5, seed=1, horizons=(1,)):
    """Return the agent, and (forecast, target) pairs by horizon, as a game would play it."""
    rng = np.random.default_rng(seed)
    values = rng.normal(0, spread, rounds + max(horizons) + 1)
    agent = agent.start(("a", "b"), WINDOW, horizons)
    issued, scored = {}, {h: [] for h in horizons}
    for t in range(rounds):
        state = ForecastState(t, 0.0, 0.0, 0.0)
        for h in horizons:
            if (t - h, h) in issued:
                then, y = issued[t - h, h], float(values[t])
                scored[h].append((then, y))
                before = ForecastState(t - h, 0.0, 0.0, 0.0)
                agent = agent.update(RevealedForecast(before, h, said(t - h), then, y))
        for h in horizons:
            issued[t, h] = agent.aggregate(state, said(t), horizon=h)
    return agent, scored


@pytest.mark.parametrize("inner", [PoolAggregator(), PoolOfPools(), PlainAggregator()])
@pytest.mark.parametrize("settings", [{"recalibrate": True}, {"conformal_rate": 0.05}])
def test_conforms(inner, settings):
    check_aggregator(CalibratedAggregator(inner=inner, **settings))


def test_recalibration_follows_its_formula_and_leaves_the_mean():
    agent = CalibratedAggregator(inner=INNER, recalibrate=True, spread=TIGHT)
    _, scored = play(agent, 60)
    total = count = 0.0
    for forecast, y in scored[1]:
        g = np.clip(np.sqrt((8.0 + total) / (8.0 + count)), 0.6, 1.6)
        plain = forecast.plain
        assert forecast.mean == pytest.approx(plain.mean, abs=1e-12)
        assert forecast.variance == pytest.approx(g**2 * plain.variance, rel=1e-9)
        total = 0.97 * total + min((y - plain.mean) ** 2 / plain.variance, 9.0)
        count = 0.97 * count + 1.0
    assert g == pytest.approx(1.36, abs=0.2)


def test_horizons_are_calibrated_apart_by_what_was_issued():
    agent = CalibratedAggregator(inner=INNER, recalibrate=True, conformal_rate=0.05)
    found, scored = play(agent, 60, horizons=(1, 3))
    assert found.spread_of(1) != found.spread_of(3)
    adapted = np.array(NOMINAL)
    for forecast, y in scored[3]:
        # A forecast three steps ahead is judged by the intervals that it was issued with.
        then = np.array(forecast.miscoverage)
        adapted = adapt(adapted, misses(float(pit_score(forecast, y)), then), 0.05)
    assert found.memory[3].miscoverage.tolist() == adapted.tolist()


def test_weights_learn_as_if_nothing_were_calibrated():
    plain, _ = play(PoolAggregator(), 40)
    for settings in ({"recalibrate": True}, {"conformal_rate": 0.05}):
        agent, _ = play(CalibratedAggregator(inner=PoolAggregator(), **settings), 40)
        assert agent.weights(1) == plain.weights(1)


@pytest.mark.parametrize(("spread", "seed"), [(0.5, 2), (2.2, 3)])
def test_conformal_intervals_keep_their_promise(spread, seed):
    agent = CalibratedAggregator(inner=INNER, conformal_rate=0.03)
    _, scored = play(agent, 500, spread=spread, seed=seed)
    hits, raw = [], []
    for forecast, y in scored[1]:
        interval = forecast.interval(0.8)
        hits.append(interval.lower <= y <= interval.upper)
        plain = forecast.plain.interval(0.8)
        raw.append(plain.lower <= y <= plain.upper)
    assert abs(np.mean(raw) - 0.8) > 0.1
    assert np.mean(hits) == pytest.approx(0.8, abs=0.03)


def test_conformal_changes_quantiles_and_nothing_else():
    agent, _ = play(CalibratedAggregator(inner=INNER, conformal_rate=0.05), 100)
    plain, _ = play(INNER, 100)
    state = ForecastState(100, 0.0, 0.0, 0.0)
    ours, theirs = agent.aggregate(state, said(100)), plain.aggregate(state, said(100))
    assert (ours.mean, ours.variance) == (theirs.mean, theirs.variance)
    assert ours.components == theirs.components
    assert crps(ours, 1.0) == crps(theirs, 1.0)
    assert ours.quantiles[0] < theirs.quantiles[0]  # it was too narrow
    assert ours.quantiles[-1] > theirs.quantiles[-1]
    wanted = adapted_levels([0.1, 0.9], np.array(ours.miscoverage)).tolist()
    assert ours.quantile([0.1, 0.9]).tolist() == theirs.quantile(wanted).tolist()
    assert list(ours.quantiles) == sorted(ours.quantiles)


def test_the_game_passes_adapted_quantiles_on():
    agent, _ = play(CalibratedAggregator(inner=INNER, conformal_rate=0.05), 100)
    state = ForecastState(100, 0.0, 0.0, 0.0)
    used, other = agent.aggregate(state, said(100)), agent.aggregate(state, said(60))
    reported, instead = MixtureArrays.of((used,)), MixtureArrays.of((other,))
    for arrays in (
        reported.shifted(0.5),
        mix_branches(reported, (instead,), (np.array([0.3]),)),
        mix_branches(reported, (instead,), (np.array([1.0]),)),
    ):
        (made,) = arrays.each
        assert isinstance(made, CalibratedForecast)
        assert made.miscoverage == used.miscoverage
        assert made.quantile([0.1])[0] < super(CalibratedForecast, made).quantile([0.1])[0]
    without = CalibratedAggregator(inner=INNER, recalibrate=True).start(("a", "b"), WINDOW, (1,))
    (plain,) = MixtureArrays.of((without.aggregate(state, said(1)),)).shifted(0.5).each
    assert not isinstance(plain, CalibratedForecast)


@pytest.mark.parametrize("inner", [PoolAggregator(), PoolOfPools(grid=PoolGrid(discounts=(0.9,)))])
def test_what_was_saved_is_restored_to_the_last_bit(inner):
    fresh = CalibratedAggregator(inner=inner, recalibrate=True, conformal_rate=0.05)
    agent, _ = play(fresh, 30)
    again = fresh.restored(json.loads(json.dumps(agent.saved(), allow_nan=False)))
    state = ForecastState(30, 0.0, 0.0, 0.0)
    one, two = agent.aggregate(state, said(30)), again.aggregate(state, said(30))
    assert one == two
    assert one.quantiles == two.quantiles
    assert agent.saved() == again.saved()
    with pytest.raises(DataError, match="'calibration' is missing"):
        fresh.restored(inner.start(("a",), WINDOW, (1,)).saved())


def test_a_forecast_of_somebody_else_is_taken_as_it_is():
    agent = CalibratedAggregator(inner=PoolAggregator(), recalibrate=True, conformal_rate=0.05)
    agent = agent.start(("a", "b"), WINDOW, (1,))
    state = ForecastState(0, 0.0, 0.0, 0.0)
    plain = PoolAggregator().start(("a", "b"), WINDOW, (1,)).aggregate(state, said(0))
    after = agent.update(RevealedForecast(state, 1, said(0), plain, 9.0))
    assert after.spread_of(1) > 1.0


def test_groups_reach_the_pool_inside():
    agent = CalibratedAggregator(inner=PoolOfPools(), recalibrate=True)
    assert agent.name == "pool_of_pools"
    assert dict(agent.with_groups({"a": "g"}).inner.groups) == {"a": "g"}
    deaf = CalibratedAggregator(inner=PoolAggregator(), recalibrate=True)
    assert deaf.with_groups({"a": "g"}) is deaf
    bayes = BayesianAggregator(mode="pool_of_pools")
    assert dict(bayes.with_groups({"a": "g"}).groups) == {"a": "g"}
    assert BayesianAggregator().with_groups({"a": "g"}) == BayesianAggregator()


def test_errors():
    with pytest.raises(ConfigError, match="conformal_rate"):
        CalibratedAggregator(inner=INNER, conformal_rate=2.0)
    with pytest.raises(AgentError, match="not started for horizon 1"):
        CalibratedAggregator(inner=INNER).spread_of(1)
