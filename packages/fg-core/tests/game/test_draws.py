"""Agents that draw random numbers: the same alone, in a batch, in parts, and beside whomever."""

from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fg_core import (
    AgentAction,
    AgentRegistry,
    ForecastGame,
    ForecastState,
    RandomHits,
    RandomWalk,
    SimulationConfig,
)
from fg_core.game import GameGroup
from fg_core.game.draws import LaneSeed
from fg_core.rng import Stream
from fg_core.testing import DrawingDefender, DrawingForecaster

START = ForecastState(t=0, value=10.0, exogenous=0.0, hidden_shift=0.0)
KEEP = ("components", "claims", "continuation")


@dataclass(frozen=True)
class SlowDrawer:
    """A forecaster without an array form that draws, learns, and says which game it is in."""

    name: str = "slow_drawer"
    level: float = 0.0
    draws: object = field(default=None, repr=False)

    def with_draws(self, draws):
        return replace(self, draws=draws)

    def update(self, revealed):
        return replace(self, level=0.5 * self.level + 0.01 * revealed.value)

    def act(self, state, horizon=1):
        return AgentAction(self.name, self.level + self.draws.normal(horizon) + state.game, scale=1)


def game_of(*, others=(), slow=True, lag=1, seed=5, game=0, **changes):
    drawers = (DrawingForecaster(0.5), *((SlowDrawer(),) if slow else ()))
    registry = AgentRegistry(
        (RandomWalk(), *drawers, *others),
        (RandomHits(size=1.0, probability=0.5),),
        (DrawingDefender(0.5),),
    )
    config = SimulationConfig(
        horizon=9, horizons=(1, 2), reveal_lag=lag, disturbance_prob=0.5, **changes
    )
    return ForecastGame(config, seed=seed, registry=registry, game=game)


@given(
    st.integers(1, 3),
    st.sampled_from((0, 3)),
    st.integers(0, 2**64 - 1),
    st.integers(0, 9),
    st.integers(1, 3),
    st.booleans(),
)
@settings(max_examples=max(5, settings.default.max_examples // 5))
def test_alone_in_a_batch_and_in_blocks(
    assert_is_game, series, lag, refit, seed, first, block, slow
):
    game = game_of(lag=lag, seed=seed, game=first, slow=slow, refit_every=refit)
    world = series(60, 1)
    groups = (
        GameGroup(START, game=first, n_games=2),
        GameGroup(world.initial_state(30), world, seed=7, game=4),
        GameGroup(START, seed=8, rounds=4),
    )
    out = game.run_groups(groups, attribution=True, keep=KEEP, games_per_block=block)
    i = 0
    for one in groups:
        for j in range(one.n_games):
            own = seed if one.seed is None else one.seed
            alone = ForecastGame(game.config, seed=own, registry=game.registry, game=one.game + j)
            assert_is_game(out, i, alone.run(one.initial, one.rounds, world=one.world))
            i += 1


@pytest.mark.parametrize("lag", [1, 2])
def test_in_two_parts(lag):
    game = game_of(lag=lag)
    whole = game.run(START)
    many = game.run_batch(START, 3)
    for cut in (0, 1, 4):
        first = game.run(START, cut)
        assert first.joined(game.run(START, resume=first.continuation)) == whole
        part = game.run_batch(START, 3, cut, keep=KEEP)
        rest = game.run_batch(START, 3, keep=KEEP, resume=part.continuation)
        assert np.array_equal(part.joined(rest).means, many.means)
        assert np.array_equal(part.joined(rest).p_bad, many.p_bad)


def test_another_agent_shifts_nothing():
    plain = game_of().run(START)
    more = game_of(others=(DrawingForecaster(2.0, name="another"),)).run(START)
    for a, b in zip(plain.steps, more.steps, strict=True):
        drawn = [
            [(x.actor, x.delta) for x in step.issued[0].actions if x.actor != "another"]
            for step in (a, b)
        ]
        assert drawn[0] == drawn[1]
        # Its numbers are its own.
        assert b.issued[0].actions[-1].delta / 2.0 != b.issued[0].actions[1].delta / 0.5
        assert a.attack == b.attack
        assert a.target == b.target


def test_games_agents_rounds_and_seeds_have_numbers_of_their_own():
    out = game_of(slow=False).run_batch(START, 3, keep=KEEP)
    deltas = out.first.deltas[:, :, 1]
    assert np.unique(deltas).size == deltas.size
    other = game_of(slow=False, seed=6).run_batch(START, 3, keep=KEEP)
    assert not np.isin(deltas, other.first.deltas[:, :, 1]).any()


def test_asked_twice_in_a_round_it_says_the_same():
    """What is forecast in a round, and once more when its value is revealed, differs by no draw."""
    asked = {}

    class Asked(DrawingForecaster):
        def act(self, state, horizon=1):
            said = super().act(state, horizon)
            asked.setdefault((state.t, horizon), set()).add(said.delta)
            return said

    registry = AgentRegistry((RandomWalk(), Asked()), (RandomHits(size=1.0, probability=1.0),))
    ForecastGame(SimulationConfig(horizon=6, horizons=(1, 3)), seed=5, registry=registry).run(START)
    assert len(asked) >= 2 * 6
    assert {len(said) for said in asked.values()} == {1}


def test_agents_see_the_number_of_their_game():
    seen = set()

    class Sees(SlowDrawer):
        def act(self, state, horizon=1):
            seen.add(state.game)
            return super().act(state, horizon)

    registry = AgentRegistry((RandomWalk(), Sees()))
    game = ForecastGame(SimulationConfig(horizon=3), seed=5, registry=registry, game=11)
    game.run(START)
    assert seen == {11}
    seen.clear()
    game.run_groups((GameGroup(START, game=2, n_games=2), GameGroup(START, game=40)))
    assert seen == {2, 3, 40}


def test_draws_of_lanes_are_those_of_their_games():
    seeds = LaneSeed(((5, 2, 2), (9, 0, 1)))
    assert (seeds.n, seeds.games.tolist()) == (3, [2, 3, 0])
    together = seeds.arrays("forecaster", "a")
    for r in (0, 70):
        wanted = [
            Stream(seed, "forecaster", "a", game).normal(r, 1)
            for seed, game in ((5, 2), (5, 3), (9, 0))
        ]
        assert together.normal(r, 1).tolist() == wanted
        assert [one.normal(r, 1) for one in seeds.each("forecaster", "a")] == wanted
    alone = LaneSeed(((9, 0, 1),)).draws("forecaster", "a")
    assert alone.normal(70, 1).tolist() == wanted[2:]
    assert alone.uniform(3).tolist() == [Stream(9, "forecaster", "a", 0).uniform(3)]
