"""Measure what a trained defender buys: trained on us_macro before 1985, scored from 1985 on.

    uv run python benchmarks/trained_defense.py

The game: an AR(4) refitted every four quarters, taken at its word, one quarter ahead. Hits are on a
grid and may come to a budget of so many one-step scales per quarter in expectation; the worst ones
are found exactly for each defender (`fg_training.tabled_game.worst_hits`), so each is judged under
its own worst case. Figures are CRPS in one-step scales of the training period, on clean data and in
the worst case, and the mean over four series. Intervals are of the paired difference to the best
fixed defense, by a circular block bootstrap over quarters (blocks of eight, 2,000 draws), all
series of a quarter together.

The gate learns from what was reported, so its rounds do not separate and its worst case is not
known: its column is of hits that are the worst of its table, played in the game, a lower bound.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from fg_core import (
    AgentRegistry,
    AutoRegression,
    DefenderAgent,
    ForecastGame,
    PoolAggregator,
    ReplayWorld,
    ScriptedAdversary,
    SimulationConfig,
)
from fg_core.defenses import defense_from_name
from fg_core.game import payoffs
from fg_data import load_dataset
from fg_training import RADversarialTrainer, TableDefender, TabledGame, tabulate_defense
from fg_training.tabled_game import worst_hits

SERIES = ("infl", "unemp", "tbilrate", "growth")
HITS = (-4.0, -3.0, -2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 3.0, 4.0)
DOUBTS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
FIXED = ("none", "dampening", "clipping", "bias_guard", "ensemble")
Array = NDArray[np.float64]


def world_of(name: str) -> ReplayWorld:
    rows = load_dataset("us_macro").series(name)
    return ReplayWorld(tuple(replace(row, macro_context={}) for row in rows))


def game_of(world: ReplayWorld, first: int, last: int, defenders: tuple = ()) -> ForecastGame:
    changes = np.diff(
        [row.value for row in world.rows[: world.row_of(datetime(1985, 1, 1, tzinfo=UTC))]]
    )
    config = SimulationConfig(
        horizon=last - first,
        max_rounds=last - first,
        refit_every=4,
        disturbance_prob=0.0,
        attack_cap=np.inf,
        attack_total=np.inf,
        step_scale=float(np.std(changes, ddof=1)),
        enable_refactor=False,
        max_round_timeout_s=600.0,
    )
    pool = PoolAggregator("equal", rescale=False)
    registry = AgentRegistry((AutoRegression(order=4, name="ar4"),), (), defenders, pool)
    return ForecastGame(config, seed=0, registry=registry)


def played(
    world: ReplayWorld, first: int, last: int, defender: object, budget: float
) -> tuple[Array, Array]:
    """Return losses by round, clean and in the worst case, in one-step scales."""
    game = game_of(world, first, last, (defender,))
    start = world.initial_state(first)
    table = payoffs(game, start, HITS, world=world)
    losses = table.scores / table.step_scale
    hits = worst_hits(losses, table.budget_used, budget * losses.shape[0])
    clean = losses[:, HITS.index(0.0)]
    if table.separates:
        return clean, (losses * hits).sum(axis=1)
    # The likeliest hit of each round, played: at most one round had a mixed one.
    chosen = table.attacks[np.arange(losses.shape[0]), hits.argmax(axis=1)]
    registry = replace(game.registry, adversaries=(ScriptedAdversary(chosen, first_t=first),))
    out = ForecastGame(game.config, seed=0, registry=registry).run_batch(start, 1, world=world)
    return clean, np.asarray(out.horizons[1].score[0]) / table.step_scale


def joined(games: list[TabledGame], budget: float) -> TabledGame:
    """Return the games after each other, as one with one table of the defender."""
    losses = np.concatenate([one.losses for one in games])
    return TabledGame(
        losses,
        np.concatenate([one.cells for one in games]),
        games[0].n_cells,
        np.concatenate([one.costs for one in games]),
        budget * losses.shape[0],
    )


def interval(difference: Array, rng: np.random.Generator) -> tuple[float, float]:
    """Return the 95 % interval of the mean over (series, quarter), blocks of quarters drawn."""
    n, block = difference.shape[1], 8
    by_quarter = difference.mean(axis=0)
    starts = rng.integers(0, n, (2000, -(-n // block)))
    places = (starts[:, :, None] + np.arange(block)).reshape(2000, -1)[:, :n] % n
    means = by_quarter[places].mean(axis=1)
    return float(np.quantile(means, 0.025)), float(np.quantile(means, 0.975))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=300)
    parser.add_argument("--budgets", type=float, nargs="+", default=[0.1, 0.25, 0.5])
    options = parser.parse_args()
    year = lambda world, y: world.row_of(datetime(y, 1, 1, tzinfo=UTC))  # noqa: E731
    worlds = [world_of(name) for name in SERIES]
    for budget in options.budgets:
        games = [
            tabulate_defense(
                game_of(world, year(world, 1970), year(world, 1985)),
                world.initial_state(year(world, 1970)),
                hits=HITS,
                doubts=DOUBTS,
                budget=budget,
                world=world,
            )[0]
            for world in worlds
        ]
        training = joined(games, budget)
        found = RADversarialTrainer().train(training, epochs=options.epochs)
        calm = training.best_policy(np.tile(np.array(HITS) == 0.0, (training.losses.shape[0], 1)))
        shuffled = found.policy[np.random.default_rng(0).permutation(training.n_cells)]
        defenders = {name: DefenderAgent(defense_from_name(name)) for name in FIXED}
        defenders["innovation_gate (lower bound)"] = DefenderAgent()
        defenders["trained without an adversary"] = TableDefender.from_policy(calm, DOUBTS)
        defenders["trained, table shuffled"] = TableDefender.from_policy(shuffled, DOUBTS)
        defenders["trained"] = TableDefender.from_policy(found.policy, DOUBTS)
        last = found.curve[-1]
        rounds = training.losses.shape[0]
        print(
            f"\nbudget {budget} a quarter; training: {rounds} rounds, NashConv "
            f"{last.nash_conv / rounds:.4f} a round, coverage {found.coverage:.0%}"
        )
        print("p_bad by cell:", " ".join(f"{p:.2f}" for p in defenders["trained"].p_bad))
        results = {}
        for name, defender in defenders.items():
            both = [
                played(world, year(world, 1985), len(world.rows) - 1, defender, budget)
                for world in worlds
            ]
            results[name] = tuple(np.array([one[k] for one in both]) for k in (0, 1))
        best = min(FIXED, key=lambda name: results[name][1].mean())
        print(f"{'defense':32} {'clean':>7} {'worst':>7}   worst less that of {best}, 95 %")
        for name, (clean, worst) in results.items():
            low, high = interval(worst - results[best][1], np.random.default_rng(1))
            print(f"{name:32} {clean.mean():7.4f} {worst.mean():7.4f}   {low:+.4f} {high:+.4f}")


if __name__ == "__main__":
    main()
