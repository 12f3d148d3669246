"""Pools of fg_agents in the game of fg_core, on data of fg_data before 1985."""

import warnings
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
import pytest

from fg_agents import (
    BayesianAggregator,
    CalibratedAggregator,
    default_lineup,
    macro_lineup,
    macro_pool,
)
from fg_backtest import WalkForwardBacktester
from fg_core import (
    AgentAction,
    AgentRegistry,
    AutoRegression,
    ForecastGame,
    ForecastState,
    PoolAggregator,
    RandomWalk,
    ReplayWorld,
    SimulationConfig,
    default_agent_factory,
)
from fg_core.mixture import mixture_quantile
from fg_core.pooling.rules import BayesWeights
from fg_core.protocols import RevealedForecast
from fg_data import load_dataset

END = datetime(1984, 12, 31, tzinfo=UTC)
START = datetime(1979, 1, 1, tzinfo=UTC)
WARMUP = datetime(1977, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def dataset():
    return load_dataset("us_macro", end=END)


def play(rows, lineup, first, rounds, *, horizons=(1, 4), resume=None):
    config = SimulationConfig(
        horizon=rounds,
        max_rounds=rounds,
        horizons=horizons,
        refit_every=4,
        enable_refactor=False,
        lookback=16,
    )
    world = ReplayWorld(rows)
    game = ForecastGame(config, seed=7, agent_factory=lineup)
    return game.run(world.initial_state(first), world=world, disturbed=False)


@pytest.mark.parametrize("lineup", [default_lineup, macro_lineup])
def test_late_information_changes_no_earlier_forecast_by_one_bit(dataset, lineup):
    rows = dataset.series("unemp")
    first, rounds, cut = len(rows) - 20, 16, len(rows) - 12
    changed = tuple(
        row
        if i <= cut
        else replace(
            row,
            value=row.value * 3.0 + 1.0,
            macro_context={k: 7.0 - 2.0 * v for k, v in row.macro_context.items()},
        )
        for i, row in enumerate(rows)
    )
    one, two = play(rows, lineup, first, rounds), play(changed, lineup, first, rounds)
    compared = differ = 0
    for a, b in zip(one.steps, two.steps, strict=True):
        for mine, theirs in zip(a.issued, b.issued, strict=True):
            if mine.origin <= cut:
                assert mine.forecast == theirs.forecast
                compared += 1
            else:
                differ += mine.forecast != theirs.forecast
    assert compared == 18
    assert differ > 0


@dataclass(frozen=True)
class Listening:
    """The pool of the macro line-up, with a note of every forecast that it is taught."""

    pool: object
    heard: dict
    name: str = "listening"

    def start(self, names, window, horizons):
        return replace(self, pool=self.pool.start(names, window, horizons))

    def aggregate(self, state, actions, *, horizon=1, inflation=()):
        return self.pool.aggregate(state, actions, horizon=horizon, inflation=inflation)

    def update(self, outcome):
        self.heard.setdefault((outcome.state.t, outcome.horizon), outcome.actions)
        return replace(self, pool=self.pool.update(outcome))


def test_the_game_teaches_a_pool_what_a_plain_loop_teaches_it(dataset):
    """Confirmed and provisional learning of the game against update and aggregate by hand."""
    rows = dataset.series("growth")
    first, rounds, heard = len(rows) - 30, 28, {}
    forecasters = (RandomWalk(), AutoRegression(2), AutoRegression(4, name="ar4"))
    registry = AgentRegistry(forecasters, aggregator=Listening(macro_pool(), heard))
    out = play(rows, lambda _config: registry, first, rounds)
    world = ReplayWorld(rows)
    window = world.training(world.initial_state(first))
    pool = macro_pool().start(registry.names, window, (1, 4))
    issued = {(one.origin, one.horizon): one for step in out.steps for one in step.issued}
    said = {key: one.actions for key, one in issued.items()} | heard
    claims, compared = {}, 0
    # The first forecast is the one of the first print, made in the period before.
    for t in range(first - 1, first + rounds):
        state = ForecastState(t, rows[t].value, 0.0, 0.0)
        for h in (1, 4):
            if (t - h, h) in claims:
                before, actions, forecast = claims[t - h, h]
                pool = pool.update(RevealedForecast(before, h, actions, forecast, rows[t].value))
        for h in (1, 4):
            if (t, h) not in said:
                continue
            claims[t, h] = state, said[t, h], pool.aggregate(state, said[t, h], horizon=h)
            if (t, h) in issued:
                assert claims[t, h][2] == issued[t, h].forecast, (t, h)
                compared += 1
    assert compared == 2 * rounds


def test_a_backtest_of_each_lineup_earns_its_place(dataset):
    """Targets before 1985 only: the years that its settings were chosen on."""
    skills = {}
    for name, factory in (
        ("core", default_agent_factory),
        ("default", default_lineup),
        ("macro", macro_lineup),
    ):
        found = WalkForwardBacktester(
            (1,), START, WARMUP, refit_every=4, agent_factory=factory
        ).run(dataset, ("unemp", "growth"))
        ensemble = found.summary.contenders["ensemble"]
        skills[name] = ensemble.mean_skill
        assert 0.5 <= ensemble.mean_coverage_80 <= 0.95
        weights = found.report.series["unemp"].horizons["1"].weights
        assert sum(weights.values()) == pytest.approx(1.0)
    assert skills["macro"] > skills["core"]
    assert skills["default"] > skills["core"]


def test_calibrated_quantiles_reach_the_report(dataset):
    def lineup(config):
        agents = default_agent_factory(config)
        inner = BayesianAggregator(likelihood="student_t", alpha=0.98, floor=0.001)
        return replace(
            agents, aggregator=CalibratedAggregator(inner=inner.settings(), conformal_rate=0.05)
        )

    found = WalkForwardBacktester((1,), START, WARMUP, agent_factory=lineup).run(dataset, "infl")
    moved = 0
    for origin in found.report.series["infl"].horizons["1"].origins:
        parts = origin.ensemble.components
        low, high = origin.ensemble.quantiles[0], origin.ensemble.quantiles[-1]
        plain = mixture_quantile([0.1, 0.9], parts.weights, parts.means, parts.scales)
        moved += abs(low - plain[0]) > 1e-6 or abs(high - plain[1]) > 1e-6
    assert moved >= 10


@pytest.mark.parametrize("mode", ["forgetting_grid", "bates_granger", "crps_learning", "log_pool"])
def test_a_batch_of_games_equals_single_games(mode):
    registry = AgentRegistry(
        (RandomWalk(), AutoRegression(2)),
        aggregator=BayesianAggregator(mode=mode, floor=0.001),
    )
    past = tuple(float(10 + (7 * i * i) % 11) for i in range(40))
    state = ForecastState(40, past[-1], 0.0, 0.0, history=past[:-1])
    config = SimulationConfig(horizon=15, max_rounds=15, horizons=(1, 2), enable_refactor=False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        batch = ForecastGame(config, seed=3, registry=registry).run_batch(state, 4)
    assert batch.slow_agents == ()
    for game in range(4):
        one = ForecastGame(config, seed=3, registry=registry, game=game).run(state)
        assert [s.forecast for s in one.steps] == batch.means[game].tolist()
        assert list(one.weights[1].values()) == batch.weights[1][game].tolist()


def test_a_pool_of_pools_plays_many_games_at_once():
    registry = AgentRegistry((RandomWalk(), AutoRegression(2)), aggregator=macro_pool())
    past = tuple(float(10 + (7 * i * i) % 11) for i in range(40))
    state = ForecastState(40, past[-1], 0.0, 0.0, history=past[:-1])
    config = SimulationConfig(horizon=6, max_rounds=6, enable_refactor=False)
    batch = ForecastGame(config, seed=3, registry=registry).run_batch(state, 2)
    assert batch.slow_agents == ()
    one = ForecastGame(config, seed=3, registry=registry, game=1).run(state)
    assert [s.forecast for s in one.steps] == batch.means[1].tolist()


def test_the_default_pool_of_the_core_is_what_it_was():
    """Weights of two rounds by hand: group priors and new modes changed nothing unasked."""
    pool = PoolAggregator(BayesWeights(alpha=1.0, floor=0.0), rescale=False, shrinkage=0.0)
    window = ReplayWorld(load_dataset("us_macro", series="infl", end=END).series("infl"))
    pool = pool.start(("a", "b"), window.training(window.initial_state(30)), (1,))
    state = ForecastState(0, 1.0, 0.0, 0.0)
    actions = (AgentAction("a", 0.0, scale=1.0), AgentAction("b", 1.0, scale=2.0))
    for y in (1.5, 0.0):
        forecast = pool.aggregate(state, actions)
        pool = pool.update(RevealedForecast(state, 1, actions, forecast, y))
    density = [
        np.exp(-0.5 * (1.5 - 1) ** 2) * np.exp(-0.5 * (0.0 - 1) ** 2),
        np.exp(-0.5 * ((1.5 - 2) / 2) ** 2) * np.exp(-0.5 * ((0.0 - 2) / 2) ** 2) / 4,
    ]
    expected = (np.array(density) / sum(density)).tolist()
    assert list(pool.weights().values()) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("rate", [0.0, 0.1])
def test_a_report_scores_the_intervals_that_it_shows(dataset, rate):
    """Conformal quantiles are what is issued, recorded and scored as coverage."""

    def agents(config):
        pool = BayesianAggregator(recalibrate=True, conformal_rate=rate)
        return replace(default_agent_factory(config), aggregator=pool)

    tester = WalkForwardBacktester((1, 4), START, WARMUP, agent_factory=agents)
    result = tester.run(dataset, "infl")
    differ = []
    for h in (1, 4):
        cell = result.cell("infl", h)
        levels = result.report.quantile_levels
        low, high = levels.index(0.1), levels.index(0.9)
        inside, of_mixture = [], []
        for origin in cell.origins:
            if origin.target is None:
                continue
            quantiles = origin.ensemble.quantiles
            inside.append(quantiles[low] <= origin.target <= quantiles[high])
            parts = origin.ensemble.components
            ends = mixture_quantile([0.1, 0.9], parts.weights, parts.means, parts.scales)
            of_mixture.append(ends[0] <= origin.target <= ends[1])
        assert cell.contenders["ensemble"].coverage_80 == np.mean(inside)
        differ.append(inside != of_mixture)
    assert any(differ) == (rate > 0.0)
