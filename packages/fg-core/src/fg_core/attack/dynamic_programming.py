"""The best hits within a budget, by dynamic programming over (round, budget left)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fg_core.errors import ConfigError

__all__ = ["best_hits", "check_budgets", "check_hits", "within_budget"]

Array = NDArray[np.float64]
Places = NDArray[np.intp]

_TOLERANCE = 1e-9
_SAME_SPENDING = 6
"""Decimals to which spending is told apart, in step scales."""


def check_budgets(given: float | Sequence[float]) -> Array:
    """Return budgets as an array, which must increase.

    Args:
        given: Units that may be spent, in step scales, one budget or several.

    Returns:
        Budgets, shape (budget,), in step scales.

    Raises:
        ConfigError: A budget that is negative or not finite, or budgets that do not increase.

    >>> check_budgets(4.0).tolist()
    [4.0]
    """
    budgets = np.atleast_1d(np.asarray(given, dtype=np.float64))
    right = budgets.ndim == 1 and budgets.size and np.isfinite(budgets).all()
    if not right or (budgets < 0.0).any() or (np.diff(budgets) <= 0.0).any():
        raise ConfigError(f"budgets must be finite, at least 0 and increasing, got {given!r}")
    return budgets


def check_hits(hits: ArrayLike) -> Array:
    """Return a grid of hits, which must have the hit 0 in it.

    Args:
        hits: Hits in step scales, shape (hit,).

    Returns:
        The grid as an array, shape (hit,), in step scales.

    Raises:
        ConfigError: Hits that are not finite, of another shape, or without 0.
    """
    grid = np.asarray(hits, dtype=np.float64)
    if grid.ndim != 1 or not np.isfinite(grid).all() or not (grid == 0.0).any():
        raise ConfigError(
            f"hits must be finite numbers of shape (hit,), 0 (no hit) among them, got {hits!r}"
        )
    return grid


def best_hits(scores: ArrayLike, costs: ArrayLike, hits: ArrayLike, budget: float) -> Places:
    """Return the hits with the largest sum of scores that a budget allows.

    The programme keeps, after each round, what was spent and scored by every choice that no other
    one dominates (as much scored for as little spent), so that it is exact for costs of any size.
    The rule of spending is that of the game: a hit is allowed where its nominal size is at most
    what is left, and what is booked is its size after rounding, so that the last one may go beyond
    the budget by half a unit of the resolution. Spending is told apart to 1e-6 step scales.

    Args:
        scores: Score of each round by hit, shape (round, hit), in the unit of the series; NaN
            counts as 0.
        costs: Units that are booked for each hit, shape (round, hit), in step scales, at least 0.
        hits: Nominal hits, shape (hit,), in step scales, 0 among them.
        budget: Units that may be spent, in step scales, at least 0.

    Returns:
        Place on the grid of each round's hit, shape (round,).

    Raises:
        ConfigError: Arrays of other shapes, a grid without 0, or a budget that is NaN or negative.

    >>> costs = [[0.0, 1.0]] * 3
    >>> best_hits([[0.0, 3.0], [0.0, 4.0], [0.0, 2.0]], costs, [0.0, 1.0], 2.0).tolist()
    [1, 1, 0]
    """
    grid = check_hits(hits)
    gains = np.nan_to_num(np.asarray(scores, dtype=np.float64), nan=0.0)
    units = np.asarray(costs, dtype=np.float64)
    if gains.ndim != 2 or gains.shape != units.shape or gains.shape[1] != grid.size:
        raise ConfigError(
            f"scores and costs must have the shape (round, {grid.size}), got {gains.shape} and "
            f"{units.shape}"
        )
    if not budget >= 0.0:
        raise ConfigError(f"budget must be at least 0, got {budget!r}")
    spent, scored = np.zeros(1), np.zeros(1)
    steps: list[tuple[Places, Places]] = []
    for gain, unit in zip(gains, units, strict=True):
        allowed = np.abs(grid) <= np.maximum(0.0, budget - spent)[:, np.newaxis] + _TOLERANCE
        parent, hit = np.nonzero(allowed | (grid == 0.0))
        after, total = spent[parent] + unit[hit], scored[parent] + gain[hit]
        order = np.lexsort((-total, np.round(after, _SAME_SPENDING)))
        best = np.maximum.accumulate(total[order])
        kept = order[np.concatenate([[True], best[1:] > best[:-1]])]
        steps.append((parent[kept], hit[kept]))
        spent, scored = after[kept], total[kept]
    place = int(np.argmax(scored))
    found = np.zeros(len(steps), dtype=np.intp)
    for r in range(len(steps) - 1, -1, -1):
        parents, chosen = steps[r]
        found[r], place = chosen[place], int(parents[place])
    return found


def within_budget(places: Places, costs: Array, hits: Array, budget: float) -> Places:
    """Return these hits as far as the budget allows, by the rule of `best_hits`; else none.

    Args:
        places: Places on the grid, shape (..., round).
        costs: Units that are booked, shape (round, hit), in step scales.
        hits: Nominal hits, shape (hit,), in step scales, 0 among them.
        budget: Units that may be spent, in step scales.

    Returns:
        Places on the grid, in the shape of `places`.
    """
    none = int(np.flatnonzero(hits == 0.0)[0])
    found = np.array(places, dtype=np.intp)
    spent: Array = np.zeros(found.shape[:-1])
    for r in range(found.shape[-1]):
        place = found[..., r]
        left = np.maximum(0.0, budget - spent) + _TOLERANCE
        found[..., r] = np.where(np.abs(hits[place]) <= left, place, none)
        spent = spent + costs[r][found[..., r]]
    return found
