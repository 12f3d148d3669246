"""Worst cases equal brute force where rounds separate, and are never below simpler attacks."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import numpy as np
import pytest

from fg_core import (
    AgentRegistry,
    AutoRegression,
    ConfigError,
    DefenderAgent,
    ForecastGame,
    ForecastState,
    Observation,
    PoolAggregator,
    RandomWalk,
    ReplayWorld,
    ScriptedAdversary,
    SimulationConfig,
)
from fg_core.attack import best_hits, coordinate_search, worst_case
from fg_core.attack.dynamic_programming import within_budget
from fg_core.defenses import defense_from_name
from fg_core.game import payoffs

HITS = (-2.0, -0.7, 0.0, 0.3, 1.5)
BEGIN = 40


def record(decimals, n=60, seed=4):
    values = np.cumsum(np.random.default_rng(seed).normal(0.1, 1.0, n)) + 30.0
    first = datetime(2000, 1, 1, tzinfo=UTC)
    days = [first + timedelta(days=i) for i in range(n)]
    return ReplayWorld(
        tuple(
            Observation(day, round(float(x), decimals), {}, day, "s", "x")
            for day, x in zip(days, values, strict=True)
        )
    )


def game_of(defense, rounds=6, **settings):
    config = SimulationConfig(
        horizon=rounds,
        max_rounds=rounds,
        disturbance_prob=0.0,
        attack_cap=2.0,
        attack_cost=0.0,
        refit_every=2,
        enable_refactor=False,
        **settings,
    )
    registry = AgentRegistry(
        (RandomWalk(), AutoRegression(order=2)),
        (),
        (DefenderAgent(defense_from_name(defense)),),
        PoolAggregator(),
    )
    return ForecastGame(config, seed=3, registry=registry)


def played(game, world, attack, budget):
    """Scores one step ahead of a game that is played with this attack within the budget."""
    registry = replace(game.registry, adversaries=(ScriptedAdversary(attack, first_t=BEGIN),))
    config = replace(game.config, attack_total=budget)
    out = ForecastGame(config, seed=game.seed, registry=registry).run_batch(
        world.initial_state(BEGIN), 1, world=world
    )
    return out.horizons[1].score[0]


@pytest.mark.parametrize("budget", [0.0, 0.5, 2.6, 4.0, 30.0])
def test_programme_equals_brute_force_over_every_sequence(budget):
    rng = np.random.default_rng(int(10 * budget))
    scores, hits = rng.normal(size=(6, 5)), np.array(HITS)
    # Booked costs differ from nominal ones, as rounding makes them.
    costs = np.abs(hits) + rng.uniform(-0.05, 0.05, (6, 5)) * (hits != 0.0)
    best = -np.inf
    for places in product(range(5), repeat=6):
        spent, total = 0.0, 0.0
        for r, place in enumerate(places):
            if abs(hits[place]) > max(0.0, budget - spent) + 1e-9:
                break
            spent, total = spent + costs[r, place], total + scores[r, place]
        else:
            best = max(best, total)
    found = best_hits(scores, costs, hits, budget)
    assert scores[np.arange(6), found].sum() == pytest.approx(best, abs=1e-12)
    assert (within_budget(found, costs, hits, budget) == found).all()


@pytest.mark.parametrize("decimals", [1, 12])
def test_worst_case_is_the_worst_of_every_sequence_and_the_game_says_the_same(decimals):
    game, world, budget = game_of("clipping"), record(decimals), 4.1
    start = world.initial_state(BEGIN)
    table = payoffs(game, start, HITS, world=world)
    sequences = np.array(list(product(range(5), repeat=6)))
    allowed = within_budget(sequences, table.budget_used, table.hits, budget)
    sums = table.scores[np.arange(6), allowed].sum(axis=1)
    found = worst_case(game, start, budget, world=world, hits=HITS)
    assert found.exact
    assert found.scores.sum() == pytest.approx(sums.max(), rel=1e-12)
    assert played(game, world, found.attacks[0], budget) == pytest.approx(
        found.scores[0], rel=1e-12
    )


def test_search_reaches_95_per_cent_of_the_programme_without_its_help():
    for seed in range(6):
        rng = np.random.default_rng(seed)
        hits, rounds = np.array(HITS), 20
        gains = np.abs(rng.normal(size=(rounds, 1))) * np.abs(hits) ** rng.uniform(0.7, 2.0)
        costs = np.tile(np.abs(hits), (rounds, 1))

        def evaluate(places, gains=gains):
            return gains[np.arange(20), places].sum(axis=1)

        starts = [np.full(rounds, place) for place in range(5)]
        _, found = coordinate_search(evaluate, starts, costs, hits, 6.0, sweeps=20)
        best = evaluate(best_hits(gains, costs, hits, 6.0)[np.newaxis])[0]
        assert 0.95 * best <= found <= best + 1e-9


@pytest.mark.slow
@pytest.mark.parametrize("settings", [{}, {"reveal_lag": 2}])
def test_search_is_never_below_simpler_attacks_nor_below_a_smaller_budget(settings):
    game, world = game_of("innovation_gate", 6, horizons=(1, 3), **settings), record(12)
    start = world.initial_state(BEGIN)
    found = worst_case(game, start, (1.5, 6.0), world=world, hits=HITS, sweeps=1)
    assert not found.exact
    assert any("learns" in reason for reason in found.reasons)
    assert (found.damage >= 0.0).all()
    assert (np.diff(found.damage) >= 0.0).all()
    for i, budget in enumerate(found.budgets):
        # What is said of the attack is what the game makes of it.
        assert played(game, world, found.attacks[i], budget) == pytest.approx(
            found.scores[i], rel=1e-12
        )
    rng = np.random.default_rng(8)
    simple = [np.full(6, hit) for hit in HITS]
    simple += [rng.choice(HITS, 6) * (rng.random(6) < 0.3) for _ in range(4)]
    costs = np.tile(np.abs(HITS), (6, 1))
    for attack in simple:
        places = np.array([HITS.index(hit) for hit in attack.tolist()])
        cut = np.array(HITS)[within_budget(places, costs, np.array(HITS), 6.0)]
        score = played(game, world, cut * found.step_scale, 6.0).sum()
        assert score <= found.scores[-1].sum() + 1e-9


def test_damage_of_an_undefended_forecast_grows_without_bound():
    game, world = game_of("none"), record(12)
    game.config = replace(game.config, attack_cap=np.inf)
    start = world.initial_state(BEGIN)
    sizes = (10.0, 1000.0, 1e5)
    damage = [
        worst_case(game, start, 2 * size, world=world, hits=(-size, 0.0, size)).damage[0]
        for size in sizes
    ]
    assert damage[1] > 50 * damage[0] > 0
    assert damage[2] > 50 * damage[1]


def test_rounds_before_the_first_are_neither_hit_nor_counted():
    game, world = game_of("none", horizons=(2,)), record(12)
    start = world.initial_state(BEGIN)
    found = worst_case(game, start, 4.0, world=world, hits=HITS, first_round=3)
    assert found.origins.tolist() == [BEGIN + 3, BEGIN + 4, BEGIN + 5]
    assert found.attacks.shape == found.scores.shape == (1, 3)
    assert np.isnan(found.scores[0, -1])  # its target does not come
    assert found.attacks[0, -1] == 0.0


@pytest.mark.parametrize(
    ("budget", "options", "says"),
    [
        (-1.0, {}, "at least 0"),
        ((4.0, 4.0), {}, "increasing"),
        (np.nan, {}, "finite"),
        (1.0, {"hits": (1.0, 2.0)}, "no hit"),
        (1.0, {"hits": (0.0, 2.5)}, "cap of 2"),
        (1.0, {"first_round": 6}, "from 0 to 5"),
        (1.0, {"horizon": 9}, "horizon"),
    ],
)
def test_what_is_out_of_range_is_refused(budget, options, says):
    game = game_of("none")
    with pytest.raises(ConfigError, match=says):
        worst_case(game, ForecastState(0, 10.0, 0.0, 0.0), budget, **options)
