"""Forecasters that read other columns, in games whose adversary hits these columns."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from fg_agents.linear import macro_forecasters
from fg_core import (
    AgentRegistry,
    ForecastGame,
    Observation,
    PoolAggregator,
    RandomWalk,
    ReplayWorld,
    ScriptedAdversary,
    SimulationConfig,
)
from fg_core.game import GameGroup

BEGIN, ROUNDS = 80, 6


def world(window):
    begin = datetime(1960, 1, 1, tzinfo=UTC)
    return ReplayWorld(
        tuple(
            Observation(
                begin + timedelta(days=91 * t),
                round(value, 2),
                {name: round(number, 1) for name, number in context.items()},
                begin + timedelta(days=91 * t + 120),
                "made up",
                "test",
            )
            for t, (value, context) in enumerate(
                zip(window.values.tolist(), window.contexts, strict=True)
            )
        )
    )


@pytest.mark.parametrize("lag", [1, 2])
def test_hits_on_columns_reach_those_who_read_them_until_they_are_revealed(macro, lag):
    replay = world(macro)
    scripts = np.zeros((4, ROUNDS))
    scripts[1:3, 2] = 1.2
    scripts[3, 3] = -0.8
    config = SimulationConfig(
        horizon=ROUNDS,
        horizons=(1, 2),
        reveal_lag=lag,
        refit_every=2,
        disturbance_prob=0.0,
        attack_cap=9.0,
        attack_total=9.0,
    )
    agents = macro_forecasters(cutoff=2.5)
    registry = AgentRegistry(
        (*agents, RandomWalk()),
        (ScriptedAdversary(context={"infl": scripts}, first_t=BEGIN),),
        (),
        PoolAggregator(),
    )
    game = ForecastGame(config, seed=1, registry=registry)
    initial = replay.initial_state(BEGIN)
    out = game.run_groups((GameGroup(initial, replay, n_games=4),), keep=("claims",))
    said = out.first.deltas
    # Games that were shown the same say the same, and a hit moves someone in its round.
    assert np.array_equal(said[1], said[2], equal_nan=True)
    assert np.array_equal(said[0, :2], said[1, :2], equal_nan=True)
    assert not np.array_equal(said[0, 2], said[1, 2], equal_nan=True)
    assert not np.array_equal(said[0, 3], said[3, 3], equal_nan=True)
    # Whoever reads no other column says what it would have said.
    walk = out.forecasters.index("random_walk")
    assert np.array_equal(said[0, :, walk], said[1, :, walk])
    if lag == 1:
        assert np.array_equal(said[0, 3:], said[1, 3:], equal_nan=True)
    for h, weights in out.weights.items():
        if lag == 1:
            assert np.array_equal(weights[0], weights[1]), h
    for i in (0, 1, 3):
        one = ForecastGame(config, seed=1, registry=registry, game=i).run(initial, world=replay)
        for r, step in enumerate(one.steps):
            deltas = [np.nan if a is None else a.delta for a in step.issued[0].actions]
            assert np.array_equal(said[i, r], deltas, equal_nan=True), (i, r)
        assert np.array_equal(out.crps[i], [_score(step) for step in one.steps], equal_nan=True)
        assert out.attack_spent[i] == one.convergence["attack_spent"]


def _score(step):
    return next((one.crps for one in step.scored if one.issued.horizon == 1), np.nan)
