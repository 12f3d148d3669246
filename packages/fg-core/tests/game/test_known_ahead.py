"""Context that is known in advance: who sees what of it when, and what it moves."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from fg_core import (
    AgentAction,
    AgentRegistry,
    AutoRegression,
    ForecastGame,
    ForecastState,
    RandomWalk,
    ScriptedAdversary,
    SimulatedWorld,
    SimulationConfig,
)
from fg_core.batch import ActionArrays
from fg_core.game import GameGroup
from fg_core.testing import PlainAggregator
from fg_core.testing._play import fingerprint
from fg_core.worlds import Release, VintageWorld

BEGIN, HORIZONS = 30, (1, 2, 4)


@dataclass(frozen=True)
class Planner:
    """A forecaster that reads what is known in advance of the period that it forecasts."""

    column: str = "sale"
    name: str = "planner"

    def act(self, state, horizon=1):
        ahead = state.known_ahead[horizon - 1] if len(state.known_ahead) >= horizon else {}
        return AgentAction(self.name, 0.5 * ahead.get(self.column, -9.0), scale=1.0)

    def act_array(self, state, horizon=1):
        ahead = state.known_ahead[horizon - 1] if len(state.known_ahead) >= horizon else {}
        known = np.full(state.n_games, ahead.get(self.column, np.nan))
        return ActionArrays(0.5 * np.where(np.isnan(known), -9.0, known), 1.0)


@dataclass(frozen=True)
class Watcher:
    """A forecaster that keeps every state that it acts on."""

    seen: list
    name: str = "watcher"

    def act(self, state, horizon=1):
        self.seen.append(state)
        return AgentAction(self.name, 0.0, scale=1.0)


def game_of(*forecasters, adversaries=(), **more):
    config = SimulationConfig(
        **{"horizon": 8, "horizons": HORIZONS, "disturbance_prob": 0.0, "refit_every": 3} | more
    )
    registry = AgentRegistry(forecasters, adversaries, aggregator=PlainAggregator())
    return ForecastGame(config, seed=5, registry=registry)


def world_of(series, n=60, **more):
    return series(n, 3, columns=("sale", "rate"), known_ahead=("sale",), **more)


def changed(world, t, column, by=1.0):
    """The same record with another number in a column of row `t` (and of all after it)."""
    rows = [
        replace(row, macro_context={**row.macro_context, column: row.macro_context[column] + by})
        if i == t
        else row
        for i, row in enumerate(world.rows)
    ]
    return replace(world, rows=tuple(rows))


def said(out):
    """What the planner says, by origin and horizon."""
    return {(f.origin, f.horizon): f.actions[0].delta for s in out.steps for f in s.issued}


def played(game, world, **options):
    return game.run(world.initial_state(BEGIN), world=world, **options)


def test_what_is_known_in_advance_moves_the_horizons_concerned_and_nothing_else(series):
    world, game = world_of(series), game_of(Planner())
    target = BEGIN + 5
    before, after = played(game, world), played(game, changed(world, target, "sale"))
    for (origin, h), delta in said(before).items():
        moved = 0.5 if origin + h == target else 0.0
        assert said(after)[origin, h] - delta == pytest.approx(moved, abs=1e-12), (origin, h)
        if not moved:
            assert said(after)[origin, h] == delta
    assert {delta for delta in said(before).values() if delta == -4.5} == set()


@pytest.mark.parametrize("lag", [1, 2])
def test_what_is_not_known_in_advance_moves_nothing_before_its_time(series, column, lag):
    world = world_of(series)
    game = game_of(Planner(), column, AutoRegression(2), reveal_lag=lag)
    cut = BEGIN + 5
    other = world
    for t in range(cut, len(world.rows)):
        other = changed(other, t, "rate", 7.0)
    before, after = played(game, world), played(game, other)
    rounds = cut - BEGIN
    assert [s.issued for s in before.steps[:rounds]] == [s.issued for s in after.steps[:rounds]]
    assert [s.issued for s in before.steps[rounds:]] != [s.issued for s in after.steps[rounds:]]


@pytest.mark.parametrize("lag", [1, 2])
def test_each_period_shows_what_its_records_say_as_far_as_games_look(series, lag):
    seen: list = []
    world = world_of(series, n=40)
    game = game_of(Watcher(seen), horizon=20, reveal_lag=lag)
    out = played(game, world)
    assert len(out.steps) == 9
    # The periods before the game too, from which its first values are forecast.
    assert {state.t for state in seen} == set(range(BEGIN - lag, 39))
    for state in seen:
        rows = world.rows[state.t + 1 : state.t + 1 + max(HORIZONS)]
        wanted = [{"sale": row.macro_context["sale"]} for row in rows]
        assert [dict(entry) for entry in state.known_ahead] == wanted
    assert all(len(step.next_state.known_ahead) <= max(HORIZONS) for step in out.steps)


def test_columns_that_are_withheld_are_in_nothing_that_is_known_in_advance(series):
    seen: list = []
    world = replace(world_of(series), withheld=frozenset({"sale"}))
    played(game_of(Watcher(seen)), world)
    assert seen
    assert all(state.known_ahead == () for state in seen)
    # A world that says what it withholds is not believed.
    loud = Loud(world)
    seen.clear()
    game_of(Watcher(seen)).run(loud.initial_state(BEGIN), world=loud)
    assert seen
    assert all(state.known_ahead == () for state in seen)


class Loud:
    """A world of one's own whose states say more than anybody may see."""

    def __init__(self, inner):
        self.inner = inner

    def __getattr__(self, name):
        if name in ("looking_ahead", "known_ahead", "advance_array") or name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.inner, name)

    def initial_state(self, t):
        return replace(self.inner.initial_state(t), known_ahead=({"sale": 1.0},) * 9)

    def advance(self, state, **options):
        return replace(self.inner.advance(state, **options), known_ahead=({"sale": 1.0},) * 9)


def test_the_last_row_knows_what_the_caller_says(series):
    world, game = world_of(series, n=50), game_of(Planner(), RandomWalk(), horizon=30)
    plan = ({"sale": 1.0}, {}, {}, {"sale": 3.0})
    planned = replace(world, future_context=plan)
    issued = game.forecast(planned.initial_state(BEGIN), world=planned)
    assert [one.actions[0].delta for one in issued] == [0.5, -4.5, 1.5]
    # It is what the game on a longer record issues at that origin, to the last bit.
    longer = replace(
        world,
        rows=tuple(
            replace(row, macro_context={**row.macro_context, **plan[t - 40]})
            if 40 <= t < 44
            else row
            for t, row in enumerate(world.rows)
        ),
    )
    known = tuple({"sale": row.macro_context["sale"]} for row in longer.rows[40:])
    short = replace(longer, rows=longer.rows[:40], future_context=known)
    out = played(game_of(Planner(), RandomWalk(), horizon=12), longer)
    last = game.forecast(short.initial_state(BEGIN), world=short)
    assert last == out.steps[39 - BEGIN].issued


def test_games_that_differ_in_what_is_known_are_those_alone(series, assert_is_game):
    worlds = (
        world_of(series),
        series(34, 5, columns=("rate", "sale"), known_ahead=("sale", "rate")),
        series(50, 6, columns=("sale",)),
    )
    game = game_of(Planner(), RandomWalk(), AutoRegression(2), horizon=3)
    # The second series ends in period 33: from the second round on it does not look four ahead.
    groups = [GameGroup(one.initial_state(BEGIN), one, n_games=2) for one in worlds]
    keep = ("components", "claims")
    out = game.run_groups(groups, keep=keep)
    assert out.slow_agents == ("plain",)
    for i in range(6):
        one = ForecastGame(game.config, seed=5, registry=game.registry, game=i % 2)
        assert_is_game(out, i, played(one, worlds[i // 2]))


def test_a_simulated_world_goes_along_with_what_its_first_state_says(assert_is_game):
    world = SimulatedWorld(0.0, 0.1, coeff_map={"sale": 2.0})
    plan = ({"sale": 1.0}, {}, {"sale": 0.0}, {"sale": 1.0}, {"sale": 5.0})
    initial = ForecastState(3, 10.0, 0.0, 0.0, macro_context={"sale": 0.0}, known_ahead=plan)
    game = game_of(Planner(), disturbance_prob=0.3, refit_every=0)
    one = game.run(initial, world=world)
    context = [step.next_state.macro_context["sale"] for step in one.steps]
    # No horizon looks further than four periods ahead.
    assert context == [1.0, 1.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0]
    out = game.run_batch(initial, 3, world=world, keep=("components", "claims"))
    for i in range(3):
        alone = ForecastGame(game.config, seed=5, registry=game.registry, game=i)
        assert_is_game(out, i, alone.run(initial, world=world))


SETTLED_AFTER = 3


@dataclass(frozen=True)
class Checker:
    """A forecaster that compares the rows of its windows with the record, and with its states."""

    rows: tuple
    late: int
    log: list
    name: str = "checker"
    last: tuple = ()

    def fit(self, window):
        first = window.end_t + 1 - len(window)
        for i, shown in enumerate(window.contexts):
            assert shown["sale"] == self.rows[first + i].macro_context["sale"]
            published = self.rows[first + i + self.late].macro_context["rate"]
            hit = shown["rate"] - published
            # Only beside values that are not settled stands a rate that was hit.
            assert abs(hit) < 1e-9 or first + i > window.end_t - SETTLED_AFTER
            self.log.append((first + i, round(hit, 6)))
        return replace(self, last=(window.end_t, window.contexts[-1]))

    def act(self, state, horizon=1):
        if state.t == self.last[0]:
            assert state.macro_context == self.last[1]
        return AgentAction(self.name, 0.0, scale=1.0)


@pytest.mark.parametrize("late", [0, 2])
def test_values_that_come_late_hide_nothing_that_is_known_in_advance(series, late):
    record = world_of(series, n=50)
    releases = [Release(t, t + late, row.value) for t, row in enumerate(record.rows)]
    world = VintageWorld.of(record, releases, settled_after=SETTLED_AFTER)
    # What is reported at the first origin and the next is hit: with values two rounds late, the
    # contexts of periods before the game.
    log: list = []
    checker = Checker(record.rows, late, log)
    lie = ScriptedAdversary({}, context={"rate": {BEGIN: 1.0, BEGIN + 1: 1.0}})
    game = game_of(
        Planner(), checker, adversaries=(lie,), refit_every=1, attack_cap=99.0, attack_total=99.0
    )
    out = played(game, world)
    hits = {(BEGIN - late, 1.0), (BEGIN + 1 - late, 1.0)}
    assert {(period, hit) for period, hit in log if hit} == hits
    assert {period for period, _ in log} >= set(range(BEGIN - late, BEGIN + 4))
    for step in out.steps:
        for one in step.issued:
            target = record.rows[one.origin + one.horizon]
            assert one.actions[0].delta == 0.5 * target.macro_context["sale"]


def test_later_delays_show_in_no_state_before_them(series):
    """How far states look at an origin is no hint of how late later values will be."""
    record, cut = world_of(series, n=60), BEGIN + 6
    shown, issued = [], []
    for longest in (0, 7):
        releases = [
            Release(t, t + (longest if t > cut else t % 2), row.value)
            for t, row in enumerate(record.rows)
        ]
        world = VintageWorld.of(record, releases)
        seen: list = []
        watcher = Watcher(seen)
        game = game_of(Planner(), watcher, adversaries=(Spy(seen),), horizons=(2, 1))
        initial = world.initial_state(BEGIN)
        out = game.run(initial, cut - BEGIN, world=world)
        seen += [step.next_state for step in out.steps]
        issued.append([step.issued for step in out.steps])
        shown.append(seen)
    # The states that forecasts are asked from for more distances are the same ones.
    few, more = ({fingerprint(state) for state in seen} for seen in shown)
    assert few == more
    assert issued[0] == issued[1]
    assert len({len(state.known_ahead) for state in shown[0]}) > 1


@dataclass(frozen=True)
class Spy:
    """An adversary that keeps every state that it sees, and does nothing."""

    seen: list
    name: str = "spy"

    def act(self, state, budget=None):
        self.seen.append(state)
        return AgentAction(self.name, 0.0)
