"""Search by dynamic programming over a table of payoffs that is corrected by what is played.

Where a defender learns from what was reported, a round's loss depends on earlier hits, but little:
the table of what a hit brings in its own round is nearly right for attacks like those that it was
read off. So each step solves the table, plays what it promises for several budgets at once, reads
off what the hits brought in those games, and solves again. Disturbed tables, and those without the
hits of earlier solutions, are the restarts.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .dynamic_programming import best_hits, within_budget

__all__ = ["FoundAttack", "probes", "table_search"]

Array = NDArray[np.float64]
Places = NDArray[np.intp]

_LEAST_WEIGHT = 0.05
_DISTURBANCES = (0.15, 0.5)
"""Relative standard deviations by which tables are disturbed, in turn."""


@dataclass(frozen=True, eq=False)
class FoundAttack:
    """Worst attack that a search has found for a budget.

    Args:
        places: Places on the grid of hits, shape (round,).
        loss: Sum of the losses of its rounds.
        number: Number of its game, counted over all that were played, in their order.
        played: Number of attacks within the budget that were played.
    """

    places: Places
    loss: float
    number: int
    played: int


def probes(rounds: int, n_hits: int, none: int, apart: int) -> Places:
    """Return attacks with the same hit in every n-th round, which tell what each hit brings alone.

    Args:
        rounds: Number of rounds.
        n_hits: Number of hits on the grid.
        none: Place of no hit on the grid.
        apart: Number of rounds from one hit to the next.

    Returns:
        Places on the grid, shape (attack, round): each hit but none, begun in each of the first
        `apart` rounds, so that every hit is played once in every round.

    >>> probes(4, 2, 0, 2).tolist()
    [[1, 0, 1, 0], [0, 1, 0, 1]]
    """
    found = []
    for place in range(n_hits):
        for begin in range(min(apart, rounds)) if place != none else ():
            one = np.full(rounds, none, dtype=np.intp)
            one[begin::apart] = place
            found.append(one)
    return np.array(found, dtype=np.intp).reshape(-1, rounds)


def table_search(
    played: Places,
    losses: Array,
    costs: Array,
    hits: Array,
    budgets: Sequence[float],
    *,
    steps: int = 2,
    guesses: int = 16,
    seed: int = 0,
) -> Generator[Places, Array, list[FoundAttack]]:
    """Yield attacks to be played, and return the worst within each budget of all that were.

    Every attack counts for every budget that allows it, so that the losses found never fall with
    the budget, and never lie below those of an attack that was played before the search.

    Args:
        played: Attacks that were played already, shape (attack, round), no attack among them, and
            each hit in each round in at least one of them; they need not be within a budget.
        losses: Losses of their rounds, shape (attack, round).
        costs: Units that are booked for each hit, shape (round, hit), in step scales.
        hits: Nominal hits, shape (hit,), in step scales, 0 among them.
        budgets: Units that may be spent, in step scales, increasing.
        steps: Number of batches of attacks that are played.
        guesses: Number of tables that are solved per budget and step: the table itself, disturbed
            ones, and those without the hits of earlier solutions.
        seed: Seed of the disturbances.

    Yields:
        Attacks, shape (attack, round); losses of their rounds are to be sent, in the same shape.

    Returns:
        Worst attack within each budget.
    """
    none = int(np.flatnonzero(hits == 0.0)[0])
    places, booked = np.asarray(played, dtype=np.intp), np.asarray(losses, dtype=np.float64)
    clean = booked[(places == none).all(axis=1)][0]
    for step in range(steps):
        draws = np.random.Generator(np.random.Philox(key=[seed, step]))
        wanted = []
        for budget in budgets:
            table = _table(places, booked - clean, costs, budget)
            others, rounds = table.copy(), np.arange(table.shape[0])
            for guess in range(guesses):
                kind = guess % (1 + len(_DISTURBANCES))
                if kind == 0:
                    # The best attack without the hits of those before it, the first without any.
                    one = best_hits(others, costs, hits, budget)
                    others[rounds[one != none], one[one != none]] = 0.0
                else:
                    noise = _DISTURBANCES[kind - 1] * draws.standard_normal(table.shape)
                    one = best_hits(table * (1.0 + noise), costs, hits, budget)
                wanted.append(one)
        known = {one.tobytes() for one in places}
        fresh = [one for one in np.unique(np.stack(wanted), axis=0) if one.tobytes() not in known]
        if not fresh:
            break
        found = yield np.stack(fresh)
        places, booked = np.concatenate([places, fresh]), np.concatenate([booked, found])
    return [_worst(places, booked, costs, hits, budget) for budget in budgets]


def _table(places: Places, gains: Array, costs: Array, budget: float) -> Array:
    """Return the mean gain of each hit in its own round, shape (round, hit).

    Games count by how near what they spend is to the budget, since a defender expects more of what
    it has seen often.
    """
    rounds = np.arange(places.shape[1])
    spent = costs[rounds, places].sum(axis=1)
    nearness = np.minimum(spent, budget) / np.maximum(np.maximum(spent, budget), 1e-300)
    weights = np.maximum(nearness, _LEAST_WEIGHT)
    total, count = np.zeros(costs.shape), np.zeros(costs.shape)
    for one, gain, weight in zip(places, gains, weights, strict=True):
        total[rounds, one] += weight * gain
        count[rounds, one] += weight
    return total / count


def _worst(places: Places, booked: Array, costs: Array, hits: Array, budget: float) -> FoundAttack:
    """Return the attack with the largest loss of those within a budget."""
    allowed = (within_budget(places, costs, hits, budget) == places).all(axis=1)
    totals = np.where(allowed, booked.sum(axis=1), -np.inf)
    best = int(np.argmax(totals))
    return FoundAttack(places[best], float(totals[best]), best, int(np.count_nonzero(allowed)))
