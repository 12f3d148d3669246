"""The table's scores are those of played games, to the last bit; and it says where they are not."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fg_core import (
    AgentAction,
    AgentRegistry,
    AutoRegression,
    ConfigError,
    DefenderAgent,
    Drift,
    ForecastGame,
    ForecastState,
    Observation,
    PoolAggregator,
    RandomWalk,
    RefactoringAgent,
    ReplayWorld,
    ScriptedAdversary,
    SimulationConfig,
)
from fg_core.defenses import defense_from_name
from fg_core.forecast import mixture_forecast
from fg_core.game import payoffs
from fg_core.testing import DrawingDefender, DrawingForecaster, PooledTrend

HITS = (-2.0, -0.7, 0.0, 0.31, 1.5)
DOUBTS = ((0.0, 0.0), (0.4, 1.0), (1.0, 0.5), (1.0, 0.0))
SHIFTS = (-0.5, 0.0, 0.25)
START = ForecastState(0, 10.0, 0.3, 0.0)
MEMORYLESS = ("none", "clipping", "dampening")


def record(decimals, n=60, seed=4):
    values = np.cumsum(np.random.default_rng(seed).normal(0.1, 1.0, n)) + 30.0
    first = datetime(2000, 1, 1, tzinfo=UTC)
    return ReplayWorld(
        tuple(
            Observation(day, round(float(value), decimals), {}, day, "s", "x")
            for day, value in zip(
                (first + timedelta(days=i) for i in range(n)), values, strict=True
            )
        )
    )


@dataclass(frozen=True)
class ScriptedDoubts:
    """Doubts each period's value as told: a probability, and a scale in predictive deviations."""

    doubts: tuple[tuple[float, float], ...]
    first_t: int
    name: str = "scripted doubts"

    def act(self, state, predictive):
        p_bad, scale = self.doubts[state.t - self.first_t]
        return AgentAction(
            self.name,
            predictive.mean - state.value,
            p_bad=p_bad,
            scale=scale * predictive.scale,
        )


@dataclass(frozen=True)
class ScriptedBias:
    """A refactorer that corrects each round as told; it learns what period it is."""

    shifts: tuple[float, ...]
    first_t: int
    t: int
    name: str = "scripted bias"
    waits_for_reveals = True

    def bias(self, horizon=1):
        return (
            self.shifts[self.t - self.first_t] if self.t - self.first_t < len(self.shifts) else 0.0
        )

    def update(self, outcome):
        return replace(self, t=outcome.state.t + outcome.horizon + 1)


@dataclass(frozen=True)
class Gossip:
    """A forecaster that learns from what was reported."""

    name: str = "gossip"
    off: float = 0.0

    def update(self, revealed):
        return replace(self, off=revealed.reported - revealed.value)

    def act(self, state, horizon=1):
        return AgentAction(self.name, -0.5 * self.off, scale=1.0)


def registry(**changes):
    agents = AgentRegistry(
        (RandomWalk(), Drift(), AutoRegression(order=2)), (), (), PoolAggregator()
    )
    return replace(agents, **changes)


@st.composite
def games(draw):
    """A game whose rounds separate, the state that it begins in, and its world."""
    simulated = draw(st.booleans())
    config = SimulationConfig(
        horizon=draw(st.integers(1, 7)),
        horizons=draw(st.sampled_from(((1,), (1, 3), (2, 1), (3,)))),
        disturbance_prob=draw(st.sampled_from((0.0, 0.4))) if simulated else 0.0,
        attack_cap=2.0,
        attack_total=5.0,
        attack_cost=draw(st.sampled_from((0.0, 0.3))),
        refit_every=draw(st.sampled_from((0, 2))),
    )
    defenders = tuple(
        DefenderAgent(defense_from_name(name), name)
        for name in draw(st.lists(st.sampled_from(MEMORYLESS), max_size=2, unique=True))
    )
    agents = registry(
        defenders=defenders,
        aggregator=PoolAggregator(draw(st.sampled_from(("bayesian", "equal", "rank")))),
    )
    game = ForecastGame(
        config, seed=draw(st.integers(0, 99)), registry=agents, game=draw(st.integers(0, 5))
    )
    if simulated:
        return game, START, None
    world = record(draw(st.sampled_from((1, 12))))
    return game, world.initial_state(40), world


def within_budget(places, total):
    """Return these hits as far as the budget lasts; after that, none."""
    spent, found = 0.0, []
    for place in places:
        afford = spent + abs(HITS[place]) <= total
        found.append(place if afford else HITS.index(0.0))
        spent += abs(HITS[place]) if afford else 0.0
    return found


def played(game, initial, world, table, hit, **changes):
    """Return a game that is played along hits, with other agents."""
    script = ScriptedAdversary(
        [float(table.hits[i]) * table.step_scale for i in hit], first_t=initial.t
    )
    agents = replace(game.registry, adversaries=(script,), **changes)
    one = ForecastGame(game.config, seed=game.seed, registry=agents, game=game.game)
    return one.run_batch(initial, 1, world=world, reward=table.reward)


def by_origin(out, horizon):
    score = out.horizons[horizon].score[0]
    return np.concatenate([score[horizon - 1 :], np.full(min(horizon - 1, score.size), np.nan)])


def same(a, b):
    return a.shape == b.shape and np.array_equal(a, b, equal_nan=True)


def places(size):
    return st.lists(st.integers(0, size - 1), min_size=7, max_size=7)


@given(games(), places(len(HITS)), st.sampled_from(("crps", "error")))
@settings(max_examples=settings.default.max_examples // 2)
def test_a_game_is_the_sum_along_its_hits(drawn, hit, reward):
    game, initial, world = drawn
    hit = within_budget(hit[: game.config.horizon], game.config.attack_total)
    for horizon in game.config.horizons:
        table = payoffs(game, initial, HITS, world=world, reward=reward, horizon=horizon)
        assert table.separates == (game.config.disturbance_prob == 0.0)
        out = played(game, initial, world, table, hit)
        rows = np.arange(game.config.horizon)
        assert same(table.along(hit), by_origin(out, horizon))
        assert same(table.attacks[rows, hit], out.attacks[0])
        assert same(table.costs[rows, hit], out.costs[0])
        assert np.add.accumulate(table.budget_used[rows, hit])[-1] == out.attack_spent[0]
        assert table.origins.tolist() == (initial.t + rows).tolist()
        if horizon == game.config.horizons[0] == 1:
            assert same(table.team_rewards[rows, hit], out.team_rewards[0])
            assert same(table.adversary_rewards[rows, hit], out.adversary_rewards[0])
            assert table.along(hit).sum() == -out.team_rewards[0].sum()


@given(games(), places(len(HITS)), places(len(DOUBTS)), places(len(SHIFTS)))
@settings(max_examples=settings.default.max_examples // 3)
def test_and_along_its_doubts_and_corrections(drawn, hit, doubt, shift):
    game, initial, world = drawn
    n = game.config.horizon
    hit = within_budget(hit[:n], game.config.attack_total)
    doubt, shift = doubt[:n], shift[:n]
    horizon = game.config.horizons[-1]
    options = {"world": world, "horizon": horizon}
    table = payoffs(game, initial, HITS, DOUBTS, SHIFTS, **options)
    assert table.scores.shape == (n, len(HITS), len(DOUBTS), len(SHIFTS))
    doubting = ScriptedDoubts(tuple(DOUBTS[i] for i in doubt), initial.t)
    shifts = tuple(SHIFTS[i] * table.step_scale for i in shift)
    out = played(
        game,
        initial,
        world,
        table,
        hit,
        defenders=(doubting,),
        refactorer=ScriptedBias(shifts, initial.t, initial.t),
    )
    assert same(table.along(hit, doubt, shift), by_origin(out, horizon))
    without = payoffs(game, initial, HITS, DOUBTS, **options)
    assert same(without.scores, table.scores[..., SHIFTS.index(0.0)])


@dataclass(frozen=True)
class CorrectingPool:
    """A pool whose forecasts from the reported value of each period are moved as told."""

    pool: PoolAggregator
    shifts: tuple[float, ...]
    first_t: int
    name: str = "correcting"

    def start(self, names, window, horizons):
        return replace(self, pool=self.pool.start(names, window, horizons))

    def aggregate(self, state, actions, *, horizon=1, inflation=()):
        found = self.pool.aggregate(state, actions, horizon=horizon, inflation=inflation)
        place = state.t - self.first_t
        if not 0 <= place < len(self.shifts):
            return found
        parts = found.components
        return mixture_forecast(
            parts.weights, parts.means + self.shifts[place], parts.scales, parts.labels
        )

    def update(self, outcome):
        return replace(self, pool=self.pool.update(outcome))


@given(places(len(HITS)), places(len(SHIFTS)))
@settings(max_examples=settings.default.max_examples // 5)
def test_a_pool_that_corrects_itself_is_in_the_table_where_nobody_defends(hit, shift):
    world = record(2)
    initial = world.initial_state(40)
    config = SimulationConfig(
        horizon=7, disturbance_prob=0.0, attack_cap=2.0, attack_total=50.0, refit_every=3
    )
    game = ForecastGame(config, registry=registry())
    table = payoffs(game, initial, HITS, corrections=SHIFTS, world=world)
    shifts = tuple(SHIFTS[i] * table.step_scale for i in shift)
    pool = CorrectingPool(game.registry.aggregator, shifts, initial.t)
    out = played(game, initial, world, table, hit, aggregator=pool)
    assert same(table.along(hit, correction=shift), by_origin(out, 1))


def test_one_cell_is_asked_by_scalar_forms():
    world = record(12)
    game = ForecastGame(
        SimulationConfig(horizon=5, disturbance_prob=0.0), registry=registry(), game=3
    )
    initial = world.initial_state(40)
    whole = payoffs(game, initial, HITS, DOUBTS, SHIFTS, world=world)
    for i, hit in enumerate(HITS):
        one = payoffs(game, initial, [hit], [DOUBTS[1]], [SHIFTS[2]], world=world)
        assert same(one.scores[:, 0, 0, 0], whole.scores[:, i, 1, 2])
        assert same(one.attacks[:, 0], whole.attacks[:, i])


def test_prints_and_costs_are_those_of_the_rounded_hit():
    world = record(1)
    game = ForecastGame(
        SimulationConfig(horizon=6, disturbance_prob=0.0, attack_cost=0.5, step_scale=1.0),
        registry=registry(),
    )
    table = payoffs(game, world.initial_state(40), [0.04, 0.27, -0.27], world=world)
    assert (table.attacks[:, 0] == 0.0).all()
    assert table.attacks[:, 1] == pytest.approx(0.2)
    assert table.attacks[:, 2] == pytest.approx(-0.2)
    assert table.costs[:, 1] == pytest.approx(0.1)
    assert table.budget_used[:, 1] == pytest.approx(0.2)
    assert not table.scores.flags.writeable


# ------------------------------------------------------------------------- where it does not hold

GATE = (DefenderAgent(),)
NOT = {
    "revealed after 2 rounds": ({"reveal_lag": 2}, {}),
    "nature is not quiet": ({"disturbance_prob": 0.2}, {}),
    "defender 'defender' learns": ({}, {"defenders": GATE}),
    "forecaster 'gossip' learns": ({}, {"forecasters": (RandomWalk(), Gossip())}),
    "agent 'drawing' draws": (
        {},
        {"forecasters": (RandomWalk(), DrawingForecaster(name="drawing"))},
    ),
    "agent 'dice' draws": ({}, {"defenders": (DrawingDefender(name="dice"),)}),
}


@pytest.mark.parametrize("reason", NOT)
def test_it_says_why_rounds_do_not_separate(reason):
    settings_, agents = NOT[reason]
    config = SimulationConfig(**{"horizon": 4, "disturbance_prob": 0.0, **settings_})
    world = record(2)
    game = ForecastGame(config, registry=registry(**agents))
    table = payoffs(game, world.initial_state(40), HITS, world=world)
    assert not table.separates
    assert len(table.reasons) == 1
    assert reason in table.reasons[0]


def test_a_doubt_of_the_grid_replaces_a_defender_that_learns():
    world = record(2)
    game = ForecastGame(
        SimulationConfig(horizon=4, disturbance_prob=0.0), registry=registry(defenders=GATE)
    )
    assert payoffs(game, world.initial_state(40), HITS, DOUBTS, world=world).separates


def test_corrections_beside_a_refactorer_do_not_separate():
    world = record(2)
    game = ForecastGame(
        SimulationConfig(horizon=4, disturbance_prob=0.0),
        registry=registry(refactorer=RefactoringAgent()),
    )
    assert payoffs(game, world.initial_state(40), HITS, world=world).separates
    table = payoffs(game, world.initial_state(40), HITS, corrections=SHIFTS, world=world)
    assert "refactorer" in table.reasons[0]


@pytest.mark.parametrize(
    ("settings_", "agents"),
    [
        ({"reveal_lag": 2}, {}),
        ({}, {"defenders": GATE}),
        ({}, {"forecasters": (RandomWalk(), Gossip())}),
    ],
    ids=["lag", "gate", "gossip"],
)
def test_and_there_a_game_is_not_the_sum(settings_, agents):
    world = record(2)
    config = SimulationConfig(
        horizon=6, disturbance_prob=0.0, attack_cap=2.0, attack_total=50.0, **settings_
    )
    game = ForecastGame(config, registry=registry(**agents))
    initial = world.initial_state(40)
    table = payoffs(game, initial, HITS, world=world)
    hit = [0, 2, 4, 2, 0, 4]
    out = played(game, initial, world, table, hit)
    assert not same(table.along(hit), by_origin(out, 1))
    # A column is still a game: the one that hits alike in all rounds.
    assert same(table.scores[:, 4], by_origin(played(game, initial, world, table, [4] * 6), 1))


def test_an_agent_that_draws_draws_alike_in_every_cell():
    world = record(2)
    game = ForecastGame(
        SimulationConfig(horizon=6, disturbance_prob=0.0, attack_cap=2.0, attack_total=50.0),
        registry=registry(forecasters=(RandomWalk(), DrawingForecaster(name="drawing"))),
        game=7,
    )
    initial = world.initial_state(40)
    table = payoffs(game, initial, HITS, world=world)
    hit = [0, 2, 4, 2, 0, 4]
    assert same(table.along(hit), by_origin(played(game, initial, world, table, hit), 1))


# ------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"hits": []}, "hits must be finite"),
        ({"hits": [np.inf]}, "hits must be finite"),
        ({"hits": [["x"]]}, "array of numbers"),
        ({"doubts": [0.5, 1.0]}, r"shape \(doubt, 2\)"),
        ({"doubts": [[1.5, 1.0]]}, "pairs"),
        ({"doubts": [[0.5, -1.0]]}, "pairs"),
        ({"corrections": [[0.0]]}, "corrections"),
        ({"horizon": 3}, "none of the settings' horizons"),
        ({"reward": "fame"}, "reward"),
        ({"corrections": [0.0], "memory_limit": 10}, "coarser grid"),
    ],
)
def test_what_makes_no_table_is_refused(options, message):
    game = ForecastGame(SimulationConfig(horizon=4), registry=registry())
    with pytest.raises(ConfigError, match=message):
        payoffs(game, START, **{"hits": HITS, **options})


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ({"hit": 5}, "0 to 4"),
        ({"hit": -1}, "0 to 4"),
        ({"hit": [0, 1]}, "each of 4 rounds"),
        ({"hit": 1.0}, "whole numbers"),
        ({"hit": 0, "doubt": 0}, "no grid of doubts"),
    ],
)
def test_places_off_the_grid_are_refused(where, message):
    game = ForecastGame(SimulationConfig(horizon=4), registry=registry())
    with pytest.raises(ConfigError, match=message):
        payoffs(game, START, HITS).along(**where)


def test_an_agent_that_sees_panels_has_a_table_where_no_chance_plays():
    config = SimulationConfig(horizon=4, disturbance_prob=0.0, refit_every=2)
    agents = AgentRegistry((RandomWalk(), PooledTrend(name="pooled")))
    game, world = ForecastGame(config, registry=agents), record(2)
    table = payoffs(game, world.initial_state(40), HITS, world=world)
    # On a record each cell is a panel of one series.
    alone = payoffs(game, world.initial_state(40), HITS[3:4], world=world)
    assert np.array_equal(table.scores[:, 3:4], alone.scores)
    with pytest.raises(ConfigError, match=r"pooled sees all games .* where chance plays"):
        payoffs(game, START, HITS)
    assert payoffs(game, START, [0.5]).scores.shape == (4, 1)


def test_no_rounds_no_rows():
    game = ForecastGame(SimulationConfig(horizon=0), registry=registry())
    assert payoffs(game, START, HITS, DOUBTS).scores.shape == (0, 5, 4)
