"""Certificates: nothing that is played costs more, and where theory says so they are exact."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from fg_core import (
    AgentRegistry,
    AutoRegression,
    ConfigError,
    DefenderAgent,
    Drift,
    ForecastGame,
    ForecastState,
    PoolAggregator,
    RandomWalk,
    ScriptedAdversary,
    SeasonalNaive,
    SimulatedWorld,
    SimulationConfig,
)
from fg_core.attack import certified_damage, worst_case
from fg_core.attack.dynamic_programming import within_budget
from fg_core.defenses import defense_from_name
from fg_core.pooling import Likelihood
from fg_core.pooling.rules import BayesWeights, EqualWeights, RankWeights

from .test_worst_case import record

BEGIN, FIRST, ROUNDS = 40, 2, 7
STUDENT = BayesWeights(alpha=0.9, likelihood=Likelihood("student_t"))
LINEAR = (
    RandomWalk(),
    Drift(),
    SeasonalNaive(3),
    AutoRegression(order=2),
    AutoRegression(0),
    AutoRegression(max_order=3),
)


def game_of(forecasters, pool=None, defense="none", rounds=ROUNDS, **changes):
    config = SimulationConfig(
        horizon=rounds,
        max_rounds=rounds,
        disturbance_prob=0.0,
        attack_cap=3.0,
        attack_cost=0.0,
        enable_refactor=False,
        **{"refit_every": 3, "horizons": (1, 2), **changes},
    )
    defenders = () if defense == "none" else (DefenderAgent(defense_from_name(defense)),)
    registry = AgentRegistry(forecasters, (), defenders, pool or PoolAggregator())
    return ForecastGame(config, seed=3, registry=registry)


def named(forecasters):
    return tuple(replace(one, name=f"f{i}") for i, one in enumerate(forecasters))


def damages(game, world, attacks, budget):
    """Return the damage of attacks in step scales, shape (attack, round), by horizon."""
    start = world.initial_state(BEGIN)
    scale = world.training(start).step_scale
    script = ScriptedAdversary(
        np.vstack([np.zeros_like(attacks[:1]), attacks]) * scale, first_t=BEGIN
    )
    config = replace(game.config, attack_total=budget)
    registry = replace(game.registry, adversaries=(script,))
    out = ForecastGame(config, seed=game.seed, registry=registry).run_batch(
        start, len(attacks) + 1, world=world
    )
    found = {}
    for h, arrays in out.horizons.items():
        total = np.nansum(arrays.score[:, FIRST + h - 1 :], axis=1)
        found[h] = total[1:] - total[0]
    return found


def any_game(test, examples):
    """Return the test for games of linear forecasters, with all rules and defenses."""
    for wrap in (
        given(
            members=st.sets(st.sampled_from(LINEAR), min_size=1, max_size=4),
            rule=st.sampled_from([BayesWeights(), STUDENT, EqualWeights(), RankWeights()]),
            defense=st.sampled_from(["none", "none", "clipping", "dampening", "innovation_gate"]),
            decimals=st.sampled_from([0, 1, 12]),
            refit_every=st.sampled_from([0, 1, 3]),
            seed=st.integers(0, 1000),
            budget=st.floats(0.3, 9.0),
        ),
        settings(max_examples=examples, deadline=None, derandomize=True, phases=[Phase.generate]),
    ):
        test = wrap(test)
    return test


def costs_no_more(members, rule, defense, decimals, refit_every, seed, budget):
    """Check that hits of any size, and the worst on a grid, cost no more than is certified."""
    game = game_of(
        named(sorted(members, key=repr)), PoolAggregator(rule), defense, refit_every=refit_every
    )
    world = record(decimals, seed=seed)
    start = world.initial_state(BEGIN)
    found = certified_damage(game, start, budget, world=world, first_round=FIRST, steps=6)
    # Hits of any size, many of them as large as the budget lets them be.
    rng = np.random.default_rng(seed)
    attacks = rng.uniform(-3.0, 3.0, (20, ROUNDS)) * (rng.random((20, ROUNDS)) < 0.5)
    attacks[::3] = 3.0 * np.sign(attacks[::3])
    attacks[:, :FIRST] = 0.0
    worst = worst_case(game, start, budget, world=world, first_round=FIRST, sweeps=0)
    for h, damage in damages(game, world, attacks, budget).items():
        if not found[h].applies:
            # Weights of any size times an order of any size: the one thing that is left out.
            assert "choose their order" in found[h].reasons[0]
            assert isinstance(rule, RankWeights)
            continue
        assert (damage <= found[h].damage[0]).all()
        assert worst.horizon != h or worst.damage[0] <= found[h].damage[0]


test_nothing_that_is_played_costs_more = any_game(costs_no_more, 4)
test_nothing_that_is_played_costs_more_in_many_games = pytest.mark.slow(any_game(costs_no_more, 60))


@pytest.mark.parametrize("rescale", [False, True])
def test_the_bound_of_a_random_walk_is_reached(rescale):
    game, world = game_of((RandomWalk(),), PoolAggregator(rescale=rescale)), record(12)
    start = world.initial_state(BEGIN)
    budgets = (3.0, 6.0)
    found = certified_damage(game, start, budgets, world=world, first_round=FIRST)[1]
    worst = worst_case(game, start, budgets, world=world, first_round=FIRST)
    assert worst.exact
    assert found.damage == pytest.approx(worst.damage, rel=1e-6 if not rescale else 0.01)
    assert (found.damage >= worst.damage).all()


def test_where_all_hits_are_on_the_grid_any_agents_are_bounded_by_every_sequence():
    forecasters = (RandomWalk(), AutoRegression(max_order=3))
    game = game_of(forecasters, PoolAggregator("rank"), "clipping", rounds=5)
    world, budget = record(0), 4.0
    start = world.initial_state(BEGIN)
    found = certified_damage(game, start, budget, world=world, first_round=FIRST)
    assert all(one.applies for one in found.values())
    scale = world.training(start).step_scale
    sizes = np.arange(-int(3.0 * scale), int(3.0 * scale) + 1) / scale
    sequences = np.array(list(product(range(sizes.size), repeat=3)))
    costs = np.tile(np.abs(sizes), (3, 1))
    allowed = np.unique(within_budget(sequences, costs, sizes, budget), axis=0)
    attacks = np.zeros((len(allowed), 5))
    attacks[:, FIRST:] = sizes[allowed] * (1.0 + 1e-9)
    for h, damage in damages(game, world, attacks, budget + 1e-6).items():
        assert damage.max() <= found[h].damage[0]
        assert found[h].damage[0] <= 1.3 * damage.max()


def test_the_bound_grows_with_the_budget_and_gets_tighter_with_the_grid():
    game, world = game_of(named(LINEAR[:4])), record(12)
    start = world.initial_state(BEGIN)
    coarse, fine = (
        certified_damage(game, start, (0.5, 3.0, 9.0), world=world, first_round=FIRST, steps=steps)[
            1
        ].damage
        for steps in (3, 24)
    )
    assert (np.diff(fine) > 0.0).all()
    assert (fine <= coarse).all()
    worst = worst_case(game, start, (0.5, 3.0, 9.0), world=world, first_round=FIRST)
    assert (fine[1:] <= 1.05 * worst.damage[1:]).all()


class Squared(RandomWalk):
    """A forecaster that says that it is linear, and is not."""

    def act(self, state, horizon=1):
        return replace(super().act(state, horizon), delta=0.01 * state.value**2)

    def act_array(self, state, horizon=1):
        return replace(super().act_array(state, horizon), delta=0.01 * state.value**2)


@pytest.mark.parametrize(
    ("game", "says"),
    [
        (game_of((AutoRegression(), AutoRegression(name="again"))), "chooses among models"),
        (game_of((RandomWalk(),), PoolAggregator(combination="logarithmic")), "no linear pool"),
        (game_of((RandomWalk(),), defense="stack:clipping,dampening"), "is not bounded"),
        (game_of((RandomWalk(),), reveal_lag=2), "revealed after 2"),
        (game_of((AutoRegression(order=2),), horizons=(1, 9), rounds=12), "degree 18"),
    ],
)
def test_what_is_not_bounded_is_said(game, says):
    world, first = record(12), max(game.config.horizons)
    found = certified_damage(game, world.initial_state(BEGIN), 3.0, world=world, first_round=first)
    refused = [one for one in found.values() if not one.applies]
    assert refused
    assert says in " ".join(refused[-1].reasons)
    assert np.isinf(refused[-1].damage).all()


def test_a_forecaster_that_is_not_what_it_says_is_found_out():
    game, world = game_of((Squared(name="squared"),)), record(12)
    start = world.initial_state(BEGIN)
    found = certified_damage(game, start, 3.0, world=world, first_round=FIRST)[1]
    assert found.reasons == ("a forecaster is not the polynomial of the print that it says it is",)


@pytest.mark.parametrize(
    ("changes", "options", "says"),
    [
        ({}, {"budget": -1.0}, "at least 0"),
        ({}, {"first_round": 1}, "longest horizon"),
        ({}, {"steps": 0}, "steps"),
        ({"attack_cap": np.inf}, {}, "finite attack_cap"),
    ],
)
def test_what_is_out_of_range_is_refused(changes, options, says):
    game, world = game_of((RandomWalk(),)), record(12)
    game.config = replace(game.config, **changes)
    asked = {"budget": 3.0, "first_round": FIRST, **options}
    with pytest.raises(ConfigError, match=says):
        certified_damage(game, world.initial_state(BEGIN), world=world, **asked)


def test_a_simulated_world_is_no_record():
    game = game_of((RandomWalk(),))
    world = SimulatedWorld.from_config(game.config, game.seed)
    found = certified_damage(
        game, ForecastState(0, 10.0, 0.0, 0.0), 3.0, world=world, first_round=FIRST
    )
    assert "no record" in " ".join(found[1].reasons)
