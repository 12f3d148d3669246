"""The forecast of the last period is the one that a longer game issues there."""

from dataclasses import replace

import numpy as np
import pytest

from fg_core import (
    AgentRegistry,
    AutoRegression,
    ConfigError,
    DefenderAgent,
    Drift,
    ForecastGame,
    ForecastState,
    PoolAggregator,
    RandomHits,
    RandomWalk,
    RefactoringAgent,
    ReplayWorld,
    SimulationConfig,
)
from fg_core.game import GameGroup
from fg_core.testing._play import fingerprint
from fg_core.worlds import Release, SimulatedWorld, VintageWorld

BEGIN = 30
START = ForecastState(t=0, value=10.0, exogenous=0.0, hidden_shift=0.0)


DEFENDERS = (DefenderAgent(),)


def game_of(column, *, defenders=DEFENDERS, seed=5, game=0, **changes):
    config = SimulationConfig(
        horizon=1000,
        max_rounds=1000,
        horizons=(2, 1, 4),
        refit_every=4,
        attack_total=20.0,
        attack_cap=3.0,
    )
    registry = AgentRegistry(
        (RandomWalk(), Drift(), AutoRegression(2), column),
        (RandomHits(size=3.0, probability=0.4),),
        defenders,
        PoolAggregator(),
        RefactoringAgent(step_size=0.3),
    )
    return ForecastGame(replace(config, **changes), seed=seed, registry=registry, game=game)


@pytest.mark.parametrize("origin", [30, 31, 34, 37, 38])  # 30, 34 and 38 are refit origins
@pytest.mark.parametrize("lag", [1, 2])
@pytest.mark.parametrize("segments", [False, True])
def test_it_is_what_the_longer_game_issues_there(series, column, origin, lag, segments):
    world = series(60, 3, decimals=2, segments=segments)
    known = ReplayWorld(world.rows[: origin + 1])
    game = game_of(column, reveal_lag=lag)
    # In a record that ends with its origin a game cannot begin: there it begins earlier.
    begin = min(BEGIN, origin)
    found = game.forecast(known.initial_state(begin), world=known)
    longer = game.run(world.initial_state(begin), 12, world=world, disturbed=False)
    wanted = longer.steps[origin - begin].issued
    assert [(one.origin, one.horizon) for one in found] == [(origin, h) for h in (2, 1, 4)]
    assert fingerprint(found) == fingerprint(wanted)


def test_without_defenders_too(series, column):
    world = series(60, 3)
    game = game_of(column, defenders=())
    known = ReplayWorld(world.rows[:36])
    found = game.forecast(known.initial_state(BEGIN), world=known)
    longer = game.run(world.initial_state(BEGIN), 8, world=world, disturbed=False)
    assert fingerprint(found) == fingerprint(longer.steps[5].issued)
    assert all(one.p_bad == 0.0 and one.forecast == one.undefended for one in found)


def test_the_last_value_is_reported_as_it_is_though_hits_came_before(series, column):
    """A look at the last period changes nothing that a game later does with it."""
    world = series(60, 3)
    game = game_of(column, disturbance_prob=0.0)
    disturbed = game.run(world.initial_state(BEGIN), 9, world=world)
    assert any(step.attack for step in disturbed.steps[:5])
    found = game.forecast(world.initial_state(BEGIN), 5, world=world, disturbed=True)
    assert {one.base for one in found} == {world.rows[BEGIN + 5].value}
    calm = [r for r in range(1, 9) if disturbed.steps[r].attack == 0.0]
    for r in calm:
        there = game.forecast(world.initial_state(BEGIN), r, world=world, disturbed=True)
        assert fingerprint(there) == fingerprint(disturbed.steps[r].issued)
    assert calm


def test_it_goes_on_from_where_a_game_stopped(series, column):
    world = series(60, 3)
    game = game_of(column, reveal_lag=2)
    options = {"world": world, "disturbed": False}
    part = game.run(world.initial_state(BEGIN), 6, attribution=False, **options)
    for rounds in (0, 3):
        found = game.forecast(
            world.initial_state(BEGIN), rounds, resume=part.continuation, **options
        )
        whole = game.forecast(world.initial_state(BEGIN), 6 + rounds, **options)
        assert fingerprint(found) == fingerprint(whole)


def test_groups_get_the_forecast_of_each(series, column):
    a, b, c = series(45, 1), series(41, 2, decimals=1, columns=("x",)), series(45, 3, segments=True)
    groups = (
        GameGroup(a.initial_state(BEGIN), a, n_games=2),
        GameGroup(b.initial_state(BEGIN), b, seed=8),
        GameGroup(c.initial_state(40), c, game=3),
        GameGroup(START, None, rounds=3, n_games=2, game=1),
        GameGroup(a.initial_state(BEGIN), a, rounds=2),
    )
    game = game_of(column, reveal_lag=2)
    for disturbed in (False, True):
        found = game.forecast_groups(groups, disturbed=disturbed)
        wanted = []
        for one in groups:
            for j in range(one.n_games):
                seed = 5 if one.seed is None else one.seed
                alone = game_of(column, reveal_lag=2, seed=seed, game=one.game + j)
                options = {"world": one.world, "disturbed": disturbed}
                wanted.append(alone.forecast(one.initial, one.rounds, **options))
        assert [fingerprint(plain(x)) for x in found] == [fingerprint(plain(x)) for x in wanted]


def plain(issued):
    """What a forecast says; components of weight 0 are of no account."""
    return [
        (
            (one.origin, one.horizon, one.base, one.p_bad, dict(one.unavailable), one.actions),
            [(f.mean, f.variance, f.quantiles) for f in (one.forecast, one.undefended)],
        )
        for one in issued
    ]


@pytest.mark.parametrize(("attribution", "reward"), [(True, "crps"), (False, "error")])
def test_any_game_is_gone_on_with(series, column, attribution, reward):
    world = series(60, 3)
    game = game_of(column, reveal_lag=2)
    options = {"world": world, "disturbed": False}
    initial = world.initial_state(BEGIN)
    part = game.run(initial, 6, attribution=attribution, reward=reward, **options)
    found = game.forecast(initial, 0, resume=part.continuation, **options)
    assert fingerprint(found) == fingerprint(game.forecast(initial, 6, **options))


def test_what_is_no_checkpoint_is_refused(series, column):
    world = series(60, 3)
    with pytest.raises(ConfigError, match="got a str"):
        game_of(column).forecast(world.initial_state(BEGIN), world=world, resume="there")


def test_games_of_worlds_that_end_apart_go_on_each_to_its_end(series, column):
    """A part that is shorter than all of them is no reason to end together."""
    game = game_of(column)
    groups = [
        GameGroup(world.initial_state(BEGIN), world, n_games=2)
        for world in (series(44, 1), series(40, 2), series(47, 3))
    ]
    keep = ("continuation",)
    whole = game.run_groups(groups)
    first = game.run_groups([replace(one, rounds=3) for one in groups], keep=keep)
    both = first.joined(game.run_groups(groups, resume=first.continuation))
    for name in ("means", "variances", "targets"):
        np.testing.assert_array_equal(getattr(both, name), getattr(whole, name))


def stacking():
    """A game whose forecasters of several series are asked at once, so that these make a block."""
    agents = AgentRegistry((RandomWalk(), Drift()), (), DEFENDERS, PoolAggregator())
    config = SimulationConfig(horizon=20, disturbance_prob=0.0)
    return ForecastGame(config, registry=agents)


def test_games_that_were_played_together_are_not_cut_where_one_of_them_ends(series):
    game = stacking()
    worlds = [series(44, 1), series(44, 2)]
    groups = [GameGroup(one.initial_state(BEGIN), one, rounds=3) for one in worlds]
    first = game.run_groups(groups, keep=("continuation",))
    apart = [replace(one, rounds=n) for one, n in zip(groups, (2, 4), strict=True)]
    with pytest.raises(ConfigError, match="2 or 4 rounds left"):
        game.run_groups(apart, resume=first.continuation)


def test_games_go_on_together_only_where_values_come_out_together(series):
    game = stacking()
    worlds, grown = [], []
    for seed, late in ((1, 0), (2, 1)):
        record = series(48, seed)
        for found, n in ((worlds, 36), (grown, 48)):
            part = replace(record, rows=record.rows[:n])
            # From period 36 on, the second series comes out a period late.
            releases = [
                Release(t, t + late * (t >= 36), row.value) for t, row in enumerate(part.rows)
            ]
            found.append(VintageWorld.of(part, releases))
    groups = [GameGroup(one.initial_state(BEGIN), one, rounds=3) for one in worlds]
    first = game.run_groups(groups, keep=("continuation",))
    later = [replace(one, world=world) for one, world in zip(groups, grown, strict=True)]
    game.run_groups([replace(one, rounds=1) for one in later], resume=first.continuation)
    with pytest.raises(ConfigError, match="come out at different origins"):
        game.run_groups([replace(one, rounds=8) for one in later], resume=first.continuation)


def test_the_past_of_a_game_alone_is_asked_for_once(monkeypatch):
    asked = []
    training = SimulatedWorld.training
    monkeypatch.setattr(
        SimulatedWorld, "training", lambda self, at: asked.append(at) or training(self, at)
    )
    game = ForecastGame(SimulationConfig(horizon=2), seed=3)
    alone = game.run(START)
    assert len(asked) == 1
    # Of several groups, the pasts are compared first.
    together = game.run_groups((GameGroup(START), GameGroup(replace(START, value=12.0))))
    assert together.targets[0].tolist() == [step.target for step in alone.steps]
