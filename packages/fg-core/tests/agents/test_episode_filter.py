"""The defender whose doubt lasts."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import ClassVar

import numpy as np
import pytest

from fg_core import (
    AgentRegistry,
    AutoRegression,
    ConfigError,
    ForecastGame,
    PoolAggregator,
    RandomHits,
    ReplayWorld,
    SimulationConfig,
)
from fg_core.agents import DefenderAgent, EpisodeFilter
from fg_core.agents.by_name import defender_from_name
from fg_core.game import GameGroup
from fg_core.observation import Observation
from fg_core.registry import check_names, default_agent_factory
from fg_core.testing import check_defender
from fg_core.worlds import Release, VintageWorld

N, START = 96, 40


def path(seed=0, n=N, shocks=()):
    """Return an autoregression with nearly a unit root, as unemployment and rates are."""
    rng, y = np.random.default_rng(seed), np.zeros(n)
    for t in range(2, n):
        y[t] = dict(shocks).get(t, 0.0)
        y[t] += y[t - 1] + 0.3 * (y[t - 1] - y[t - 2]) - 0.05 * y[t - 1] + rng.standard_normal()
    return y


def record_of(values):
    years = [datetime(1900 + t, 1, 1, tzinfo=UTC) for t in range(len(values))]
    rows = [Observation(y, float(v), {}, y, "x", "v") for y, v in zip(years, values, strict=True)]
    return ReplayWorld(tuple(rows))


LATE, DOUBTED = {"settled_after": 8}, {"settled_after": 1, "doubted_for": 8}


def world_of(values, pairs=(), size=6.0, record=None, singles=(), settled=LATE):
    """Return a world in which two prints from each of `pairs` on are false, then both revised."""
    releases = [Release(t, t, float(v)) for t, v in enumerate(values)]
    for t in pairs:
        releases += [Release(s, s, float(values[s] + size)) for s in (t, t + 1)]
        releases += [Release(s, t + 2, float(values[s])) for s in (t, t + 1)]
    for t in singles:
        releases += [Release(t, t, float(values[t] + size)), Release(t, t + 1, float(values[t]))]
    return VintageWorld.of(record or record_of(values), releases, **settled)


def game_of(defender=None, adversaries=(), **settings):
    given = {"horizon": N - 1 - START, "horizons": (1, 2), "refit_every": 4}
    config = SimulationConfig(disturbance_prob=0.0, **{**given, **settings})
    forecasters = (AutoRegression(2),)
    registry = AgentRegistry(
        forecasters, adversaries, (defender or EpisodeFilter(),), PoolAggregator()
    )
    return ForecastGame(config, registry=registry)


class Diary(EpisodeFilter):
    """A filter that notes what it says."""

    said: ClassVar[dict] = {}

    def act(self, state, predictive):
        action = super().act(state, predictive)
        self.said[state.t] = action
        return action


def diary(world):
    Diary.said = {}
    game_of(Diary()).run(world.initial_state(START), world=world)
    return Diary.said


def doubt_of(action, age):
    """Return how probably the print of so many periods ago is false."""
    return sum(
        one.probability
        for one in action.alternatives
        if len(one.pattern) > age and one.pattern[age] != 0.0
    )


@pytest.mark.slow
def test_it_conforms():
    check_defender(EpisodeFilter())


@pytest.mark.parametrize("shock", [0.0, 6.0])
def test_a_print_that_is_never_revised_is_soon_believed(shock):
    values = path(shocks=((82, shock),))
    said = diary(world_of(values))
    assert all(doubt_of(said[t + 2], 2) < 0.02 for t in range(START, N - 3))
    assert 0.01 < doubt_of(said[82], 0) < 0.5 if shock else doubt_of(said[82], 0) < 0.1


def test_a_pair_that_was_seen_makes_the_second_print_of_the_next_doubtful():
    values = path()
    said = diary(world_of(values, pairs=(64, 70, 78, 86)))
    for t in (78, 86):
        assert doubt_of(said[t + 1], 0) > 0.5
        assert doubt_of(said[t + 1], 1) > 0.5
        moved = sum(
            one.probability * one.delta * one.pattern[0] for one in said[t + 1].alternatives
        )
        assert -8.0 < moved < -3.0
    # The second print itself surprises nobody: a filter that has seen single prints revised at the
    # next origin believes it.
    single = diary(world_of(values, pairs=(86,), singles=(64, 70, 78)))
    assert doubt_of(single[87], 0) < doubt_of(said[87], 0) - 0.3


def test_corrections_scale_with_the_series():
    values = path()
    small = diary(world_of(values, pairs=(64, 70, 78)))
    large = diary(world_of(1000.0 + 8.0 * values, pairs=(64, 70, 78), size=48.0))
    for t, action in small.items():
        for one, other in zip(action.alternatives, large[t].alternatives, strict=True):
            assert other.probability == pytest.approx(one.probability, abs=1e-6)
            assert other.delta == pytest.approx(8.0 * one.delta, rel=1e-4, abs=1e-4)
            assert other.scale == pytest.approx(8.0 * one.scale, rel=1e-4, abs=1e-4)


def test_a_truth_behind_the_same_vintages_moves_no_bit():
    values, other = path(), path()
    other[START + 1 :] += np.random.default_rng(5).normal(size=N - START - 1)
    said = []
    for record in (record_of(values), record_of(other)):
        world = world_of(values, (64, 78), record=record)
        out = game_of().run(world.initial_state(START), world=world)
        said.append([f.forecast.mean for step in out.steps for f in step.issued])
    assert said[0] == said[1]


def test_what_is_settled_may_be_doubted_as_if_it_were_not():
    values, pairs = path(), (64, 70, 78, 86)
    # Of what was settled when the games began, and is still doubted in one of them, both know.
    late, apart, at_once = (
        diary(world_of(values, pairs, settled=one)) for one in (LATE, DOUBTED, {})
    )
    for t in range(START + 8, N - 1):
        for one, other in zip(late[t].alternatives, apart[t].alternatives, strict=True):
            assert other.pattern == one.pattern
            assert other.probability == pytest.approx(one.probability, abs=1e-6)
            assert other.delta == pytest.approx(one.delta, rel=1e-6, abs=1e-6)
        assert at_once[t].alternatives == ()


def test_whoever_doubts_the_newest_print_alone_does_not_see_how_long_others_may():
    means = []
    for settled in ({}, DOUBTED):
        world = world_of(path(), (64, 70, 78), settled=settled)
        out = game_of(DefenderAgent()).run(world.initial_state(START), world=world)
        means.append([f.forecast.mean for step in out.steps for f in step.issued])
    assert means[0] == means[1]


@pytest.mark.parametrize("settled", [LATE, DOUBTED])
def test_many_games_give_the_bits_of_each(settled):
    worlds = [world_of(path(), pairs, settled=settled) for pairs in ((), (44, 49, 55))]
    worlds.append(world_of(50.0 + 7.0 * path(3), (46, 53), size=30.0, settled=settled))
    game = game_of(horizon=20)
    groups = [GameGroup(one.initial_state(START), one) for one in worlds]
    whole = game.run_groups(groups)
    alone = game.run_groups(groups, games_per_block=1)
    for h in (1, 2):
        for name in ("mean", "variance", "score"):
            together, apart = (getattr(one.horizons[h], name) for one in (whole, alone))
            assert together.tobytes() == apart.tobytes()
    assert whole.p_bad.tobytes() == alone.p_bad.tobytes()
    assert whole.p_bad.max() > 0.5
    first = game.run(worlds[1].initial_state(START), world=worlds[1])
    means = np.array([step.issued[0].forecast.mean for step in first.steps])
    assert means.tobytes() == whole.horizons[1].mean[1].tobytes()


def test_it_plays_where_prints_are_settled_at_once_or_two_rounds_later():
    record = record_of(path())
    for lag in (1, 2):
        game = game_of(adversaries=(RandomHits(),), reveal_lag=lag, attack_cap=5.0, horizon=12)
        out = game.run_groups([GameGroup(record.initial_state(START), record, n_games=3)])
        alone = game.run(record.initial_state(START), world=record)
        assert np.isfinite(out.horizons[1].mean).all()
        means = [step.issued[0].forecast.mean for step in alone.steps]
        assert means == out.horizons[1].mean[0].tolist()


def test_settings_name_it():
    config = SimulationConfig(defense_model="episode_filter")
    check_names(config)
    (defender,) = default_agent_factory(config).defenders
    assert isinstance(defender, EpisodeFilter)
    assert defender_from_name("stack:clipping,innovation_gate").name == "defender"


def test_constants_out_of_range_are_refused():
    for bad in ({"tail_share": 0.0}, {"tail_factor": 0.5}, {"discount": 0.0}, {"tail_weight": 0.0}):
        with pytest.raises(ConfigError, match=next(iter(bad))):
            replace(EpisodeFilter(), **bad)
