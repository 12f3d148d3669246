"""Coordinate search with restarts for attacks whose rounds do not separate."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence

import numpy as np
from numpy.typing import NDArray

from .dynamic_programming import within_budget

__all__ = ["coordinate_search", "search_steps"]

Array = NDArray[np.float64]
Places = NDArray[np.intp]


def coordinate_search(
    evaluate: Callable[[Places], Array],
    starts: Sequence[Places],
    costs: Array,
    hits: Array,
    budget: float,
    *,
    promise: Array | None = None,
    candidates: int = 8,
    sweeps: int = 8,
    climbs: int | None = None,
) -> tuple[Places, float]:
    """Return the best attack that changes of one or two rounds lead to from several starts.

    Each sweep tries, in one batch, every other hit in the rounds that are hit and in the most
    promising `candidates` others, and every move of a hit to one of these; the best of them is
    taken. A search ends where nothing is better, or after `sweeps`. The result is never worse than
    any start, cut to the budget.

    Args:
        evaluate: Function from places on the grid, shape (attack, round), to what is gained by
            them, shape (attack,).
        starts: Attacks from which the search starts, shape (round,) each, at least one.
        costs: Units that are booked for each hit, shape (round, hit), in step scales.
        hits: Nominal hits, shape (hit,), in step scales, 0 among them.
        budget: Units that may be spent, in step scales.
        promise: Gain that is expected of each hit, shape (round, hit): rounds are tried in this
            order, and a hit moves to the best one of another round; None: all are tried.
        candidates: Number of rounds without a hit that are tried, where there is a promise.
        sweeps: Largest number of sweeps from one start; 0: the starts alone are compared.
        climbs: Number of starts that are searched from, the best first; None: all.

    Returns:
        Places on the grid, shape (round,), and what is gained by them.
    """
    steps = search_steps(
        starts,
        costs,
        hits,
        budget,
        promise=promise,
        candidates=candidates,
        sweeps=sweeps,
        climbs=climbs,
    )
    asked = next(steps)
    while True:
        try:
            asked = steps.send(evaluate(asked))
        except StopIteration as end:
            found: tuple[Places, float] = end.value
            return found


def search_steps(
    starts: Sequence[Places],
    costs: Array,
    hits: Array,
    budget: float,
    *,
    promise: Array | None = None,
    candidates: int = 8,
    sweeps: int = 8,
    climbs: int | None = None,
) -> Generator[Places, Array, tuple[Places, float]]:
    """Yield what `coordinate_search` evaluates, so that several searches can be played together.

    Args:
        starts: Attacks, as for `coordinate_search`.
        costs: Units that are booked, likewise.
        hits: Nominal hits, likewise.
        budget: Units that may be spent, likewise.
        promise: Gain that is expected of each hit, likewise.
        candidates: Number of rounds that are tried, likewise.
        sweeps: Largest number of sweeps, likewise.
        climbs: Number of starts that are searched from, likewise.

    Yields:
        Attacks, shape (attack, round); what is gained by them is to be sent, shape (attack,).

    Returns:
        Places on the grid, shape (round,), and what is gained by them.
    """
    none = int(np.flatnonzero(hits == 0.0)[0])
    begun = np.unique(within_budget(np.stack(starts), costs, hits, budget), axis=0)
    gains = yield begun
    order = np.argsort(-gains, kind="stable")
    best, reached = begun[order[0]], float(gains[order[0]])
    rounds = begun.shape[1]
    promising = np.arange(rounds)
    if promise is not None:
        promise = np.nan_to_num(promise, nan=0.0)
        promising = np.argsort(-promise.max(axis=1), kind="stable")
    tried: set[bytes] = set()
    for place in order[:climbs]:
        here, gain = begun[place], float(gains[place])
        for _ in range(sweeps):
            neighbours = _neighbours(here, none, hits.size, promising, candidates, promise)
            cut = np.unique(within_budget(neighbours, costs, hits, budget), axis=0)
            fresh = np.array([one for one in cut if one.tobytes() not in tried], dtype=np.intp)
            if fresh.size == 0:
                break
            tried.update(one.tobytes() for one in fresh)
            found = yield fresh
            top = int(np.argmax(found))
            if not found[top] > gain:
                break
            here, gain = fresh[top], float(found[top])
        if gain > reached:
            best, reached = here, gain
    return best, reached


def _neighbours(
    here: Places, none: int, size: int, promising: Places, candidates: int, promise: Array | None
) -> Places:
    """Return attacks that differ in one round, or have a hit in another round."""
    hit = np.flatnonzero(here != none)
    empty = promising[here[promising] == none]
    empty = empty if promise is None else empty[:candidates]
    found = []
    for r in (*hit.tolist(), *empty.tolist()):
        for place in range(size):
            if place != here[r]:
                other = here.copy()
                other[r] = place
                found.append(other)
    for r in hit.tolist():
        for to in empty.tolist():
            to_try = range(size) if promise is None else [int(np.argmax(promise[to]))]
            for place in to_try:
                if place != none:
                    other = here.copy()
                    other[r], other[to] = none, place
                    found.append(other)
    return np.array(found, dtype=np.intp).reshape(-1, here.size)
