"""Certificates of linear forecasters: no hits within the budget cost more."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from fg_agents.aggregate import PoolOfPools
from fg_agents.linear.plugins import (
    ar_discounted,
    ar_shrunk,
    ari_discounted,
    ari_shrunk,
    bvar,
    bvar_changes,
)
from fg_core import (
    AgentRegistry,
    DefenderAgent,
    ForecastGame,
    Observation,
    PoolAggregator,
    RandomWalk,
    ReplayWorld,
    ScriptedAdversary,
    SimulationConfig,
)
from fg_core.attack import certified_damage
from fg_core.defenses import defense_from_name
from fg_core.testing.examples import example_dataset

BEGIN, FIRST, ROUNDS = 60, 2, 6
FORECASTERS = (ar_shrunk, ar_discounted, ari_shrunk, ari_discounted, bvar, bvar_changes)


def world_of(seed):
    rng = np.random.default_rng(seed)
    rows = example_dataset(BEGIN + ROUNDS + 4).series("alpha")
    walk, rate = rng.normal(size=(2, len(rows))).cumsum(axis=1)
    return ReplayWorld(
        tuple(
            Observation(
                row.timestamp,
                round(float(y), 3),
                {"rate": round(float(x), 2)},
                row.available_at,
                row.series_id,
                row.source,
            )
            for row, y, x in zip(rows, walk, rate, strict=True)
        )
    )


def game_of(forecasters, pool, defense, refit_every):
    config = SimulationConfig(
        horizon=ROUNDS,
        max_rounds=ROUNDS,
        disturbance_prob=0.0,
        attack_cap=3.0,
        attack_cost=0.0,
        enable_refactor=False,
        refit_every=refit_every,
        horizons=(1, 2),
    )
    defenders = () if defense == "none" else (DefenderAgent(defense_from_name(defense)),)
    registry = AgentRegistry(forecasters, (), defenders, pool)
    return ForecastGame(config, seed=3, registry=registry)


def most_damage(game, world, budget, seed):
    """Return the largest damage of random hits within the budget, by horizon."""
    start, rng = world.initial_state(BEGIN), np.random.default_rng(seed)
    attacks = rng.uniform(-3.0, 3.0, (25, ROUNDS)) * (rng.random((25, ROUNDS)) < 0.6)
    attacks[0], attacks[1::3] = 0.0, 3.0 * np.sign(attacks[1::3])
    attacks[:, :FIRST] = 0.0
    script = ScriptedAdversary(attacks * world.training(start).step_scale, first_t=BEGIN)
    config = replace(game.config, attack_total=budget)
    registry = replace(game.registry, adversaries=(script,))
    out = ForecastGame(config, seed=game.seed, registry=registry).run_batch(
        start, len(attacks), world=world
    )
    totals = {h: np.nansum(o.score[:, FIRST + h - 1 :], axis=1) for h, o in out.horizons.items()}
    return {h: float((total - total[0]).max()) for h, total in totals.items()}


def check(game, world, budget, seed):
    start = world.initial_state(BEGIN)
    found = certified_damage(game, start, budget, world=world, first_round=FIRST, steps=6)
    for h, damage in most_damage(game, world, budget, seed).items():
        assert found[h].applies, found[h].reasons
        assert 0.0 < damage <= found[h].damage[0]


@pytest.mark.slow
@pytest.mark.parametrize("defense", ["none", "clipping", "dampening"])
@given(
    members=st.sets(st.sampled_from(FORECASTERS), min_size=1, max_size=3),
    seed=st.integers(0, 1000),
    budget=st.floats(0.5, 8.0),
)
@settings(max_examples=6, deadline=None, derandomize=True, phases=[Phase.generate])
def test_linear_forecasters_in_a_pool(defense, members, seed, budget):
    forecasters = (RandomWalk(), *(make() for make in sorted(members, key=lambda f: f.__name__)))
    refit_every = 0 if defense == "none" else 1
    game = game_of(forecasters, PoolAggregator(), defense, refit_every)
    check(game, world_of(seed), budget, seed)


def test_what_is_not_followed_is_said():
    world = world_of(0)
    start = world.initial_state(BEGIN)
    for pool, refit_every, says in (
        (PoolOfPools(), 0, "no linear pool"),
        (PoolAggregator(), 1, "'ar_shrunk' is no polynomial of the print where it is fitted"),
    ):
        game = game_of((RandomWalk(), ar_shrunk()), pool, "none", refit_every)
        found = certified_damage(game, start, 2.0, world=world, first_round=FIRST, steps=2)
        assert not found[1].applies
        assert says in "; ".join(found[1].reasons)


@pytest.mark.parametrize("make", FORECASTERS)
def test_with_a_given_fit_the_mean_is_a_line_in_the_newest_value_and_the_scale_stays(make):
    world = world_of(1)
    start = world.initial_state(BEGIN)
    agent = make().fit(world.training(start))
    path = [row.value for row in world.rows[BEGIN - 20 : BEGIN]]
    assert agent.degrees_in_newest(2, refitted=False) == (1, 0)
    assert agent.degrees_in_newest(2, refitted=True) is None
    for horizon in (1, 2):
        said = [
            agent.act(replace(start, value=value, history=tuple(path)), horizon)
            for value in (-3.0, 0.0, 3.0)
        ]
        levels = [value + one.delta for value, one in zip((-3.0, 0.0, 3.0), said, strict=True)]
        assert levels[1] - levels[0] == pytest.approx(levels[2] - levels[1], rel=1e-9)
        assert len({one.scale for one in said}) == 1
