"""The adversary that has a copy of the defender."""

from datetime import UTC, datetime

import numpy as np
import pytest

from fg_core import (
    AgentRegistry,
    AutoRegression,
    ConfigError,
    ForecastGame,
    PoolAggregator,
    ReplayWorld,
    SimulationConfig,
)
from fg_core.agents import DefenderAgent, EpisodeFilter, EvasiveHit
from fg_core.observation import Observation
from fg_core.testing import check_adversary

N, START = 90, 40


def record():
    rng = np.random.default_rng(4)
    paths = np.cumsum(rng.normal(size=(3, N)), axis=1)
    days = [datetime(1900 + t, 1, 1, tzinfo=UTC) for t in range(N)]
    rows = [
        Observation(d, float(y), {"a": float(a), "b": float(b)}, d, "x", "v")
        for d, y, a, b in zip(days, *paths, strict=True)
    ]
    return ReplayWorld(tuple(rows))


def play(adversary, defender=None, **settings):
    given = {"attack_cap": 6.0, "attack_total": 1000.0, "horizon": 30}
    config = SimulationConfig(disturbance_prob=0.0, **{**given, **settings})
    agents = (defender or EpisodeFilter(),)
    registry = AgentRegistry((AutoRegression(2),), (adversary,), agents, PoolAggregator())
    world = record()
    return ForecastGame(config, registry=registry).run(world.initial_state(START), world=world)


def left(out):
    """Return what the defender left of the hits, in the unit of the series."""
    return [
        abs(one.actions[0].delta + one.actions[1].p_bad * one.actions[1].delta)
        for one in out.steps
        if one.actions[0].delta
    ]


@pytest.mark.parametrize("known", [EpisodeFilter(), DefenderAgent()])
def test_no_hit_of_one_size_gets_further_past_the_defender_that_it_knows(known):
    # Its first hit: later ones meet a defender that has learned from other hits.
    best = left(play(EvasiveHit(size=6.0, known=known), known))[0]
    for size in (1.0, 2.0, 3.0, 6.0):
        assert left(play(EvasiveHit(size=size, steps=1, known=known), known))[0] <= best + 1e-9


@pytest.mark.slow
def test_it_conforms():
    check_adversary(EvasiveHit())


def test_the_budget_pays_for_columns_too():
    out = play(EvasiveHit(size=6.0, columns=2, every=3), attack_total=9.0)
    spent = sum(
        abs(one.actions[0].delta) + sum(map(abs, one.actions[0].context.values()))
        for one in out.steps
    )
    hit = [one.actions[0] for one in out.steps if one.actions[0].delta]
    assert sorted(hit[0].context) == ["a", "b"]
    assert spent < 15.0  # one-step scales are near 1


def test_constants_out_of_range_are_refused():
    for bad in ({"size": -1.0}, {"every": 0}, {"steps": 0}, {"columns": -1}):
        with pytest.raises(ConfigError, match=next(iter(bad))):
            EvasiveHit(**bad)
