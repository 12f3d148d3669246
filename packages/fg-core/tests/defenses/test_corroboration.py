"""Large moves that other columns support, and those that they do not."""

from datetime import UTC, datetime

import numpy as np
import pytest

from fg_core import (
    AgentRegistry,
    AutoRegression,
    ForecastGame,
    PoolAggregator,
    ReplayWorld,
    ScriptedAdversary,
    SimulationConfig,
)
from fg_core.agents import EpisodeFilter
from fg_core.defenses.episodes import ColumnChanges, CommonShock
from fg_core.game import GameGroup
from fg_core.observation import Observation

N, START, AT = 70, 40, 60
COLUMNS = ("a", "b", "c", "d", "e")


def world(shock=0.0, moved=(), seed=1, scale=1.0):
    """Return a random walk beside five others; at `AT` it and some of them move by as many sd."""
    steps = np.random.default_rng(seed).normal(size=(len(COLUMNS) + 1, N))
    steps[0, AT] += shock
    for name in moved:
        steps[1 + COLUMNS.index(name), AT] += shock
    paths = np.cumsum(steps, axis=1)
    paths[1:] *= scale
    rows = []
    for t in range(N):
        day = datetime(1900 + t, 1, 1, tzinfo=UTC)
        beside = dict(zip(COLUMNS, paths[1:, t].tolist(), strict=True))
        rows.append(Observation(day, float(paths[0, t]), beside, day, "x", "v"))
    return ReplayWorld(tuple(rows))


def doubt(record, adversary=None, n_games=1):
    """Return how probably the print of `AT` is false, by game."""
    config = SimulationConfig(
        horizon=N - 1 - START, disturbance_prob=0.0, attack_cap=100.0, attack_total=1000.0
    )
    adversaries = () if adversary is None else (adversary,)
    registry = AgentRegistry((AutoRegression(2),), adversaries, (EpisodeFilter(),), POOL)
    game = ForecastGame(config, registry=registry)
    group = GameGroup(record.initial_state(START), record, n_games=n_games)
    return game.run_groups([group], disturbed=adversary is not None).p_bad[:, AT - START]


POOL = PoolAggregator()


def test_a_common_shock_is_believed_and_a_lone_one_is_not():
    lone = doubt(world(25.0))[0]
    assert lone > 0.99
    assert doubt(world(25.0, "ab"))[0] < 0.05  # two of five
    assert doubt(world(25.0, "abcd"))[0] < 0.05
    # One column may be false as well, or have moved by itself.
    assert doubt(world(25.0, "a"))[0] == pytest.approx(lone, abs=1e-3)


def test_what_other_columns_are_measured_in_makes_no_difference():
    for moved in ("", "ab"):
        plain, scaled = (doubt(world(9.0, moved, scale=one))[0] for one in (1.0, 4096.0))
        assert plain == scaled


def hit_beside(size, names):
    """Return the doubt about a false print where an adversary moves some columns as well."""
    context = {name: {AT: size} for name in names}
    return doubt(world(), ScriptedAdversary({AT: 25.0}, context=context))[0]


def test_who_hits_several_columns_needs_as_many_and_as_large_hits():
    assert hit_beside(0.0, "") > 0.99
    assert hit_beside(2.0, "ab") > 0.99
    assert hit_beside(40.0, "a") > 0.99
    # The weak spot, and its price: two columns of five.
    assert hit_beside(20.0, "ab") < 0.1


def test_games_of_several_series_give_the_bits_of_each():
    worlds = [world(15.0), world(15.0, "abc"), world(0.0, seed=3)]
    config = SimulationConfig(horizon=N - 1 - START, disturbance_prob=0.0)
    game = ForecastGame(
        config, registry=AgentRegistry((AutoRegression(2),), (), (EpisodeFilter(),), POOL)
    )
    groups = [GameGroup(one.initial_state(START), one) for one in worlds]
    whole = game.run_groups(groups)
    alone = game.run_groups(groups, games_per_block=1)
    assert whole.p_bad.tobytes() == alone.p_bad.tobytes()
    assert whole.horizons[1].mean.tobytes() == alone.horizons[1].mean.tobytes()


def test_series_with_other_columns_are_stacked_as_they_were():
    rng = np.random.default_rng(2)
    rows = rng.normal(size=(30, 3)).cumsum(axis=0)
    first = ColumnChanges.of([dict(zip("abc", row, strict=True)) for row in rows.tolist()])
    other = ColumnChanges.of([dict(zip("bd", row[:2], strict=True)) for row in rows.tolist()])
    stacked = ColumnChanges.stack([first, None, other])
    now = [{"a": 5.0, "b": 4.0, "c": -9.0}, {"a": 1.0}, {"b": 7.0, "d": 3.0}]
    expected = [first.support(now[:1])[0], 0.0, other.support(now[2:])[0]]
    assert stacked.support(now).tolist() == expected
    assert ColumnChanges.of([{"a": 1.0}, {"a": 2.0}]) is None


def test_a_shock_is_never_more_probable_than_not_to_be_of_the_print_alone():
    shock = CommonShock.of(np.array([[0.0, 3.0, 5.0, 50.0, 1000.0]]), 5.0)
    assert (np.diff(shock.weight[0]) >= 0.0).all()
    assert shock.weight[0, 0] < 0.001
    assert shock.weight[0, -1] == 0.5
    assert shock.factor[0].tolist() == [5.0, 5.0, 5.0, 50.0, 1000.0]
