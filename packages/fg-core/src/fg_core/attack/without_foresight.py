r"""Hits of an adversary that does not know the future.

At an origin it knows the true series up to there, every agent, and so what would be forecast for
each of its hits. What comes it knows as little as the forecaster, and believes the forecast $F_0$
that would be issued without a hit. A hit that makes it $F_a$ is then expected to cost

$$E_{Y \sim F_0} \{\operatorname{CRPS}(F_a, Y) - \operatorname{CRPS}(F_0, Y)\}
  = \int (F_a - F_0)^2 \, dx
  = E|X_a - X_0| - \tfrac12 E|X_a - X_a'| - \tfrac12 E|X_0 - X_0'|,$$

the squared Cramer distance (Szekely & Rizzo 2013, J. Stat. Plan. Inference 143,
doi:10.1016/j.jspi.2013.03.018). Whether to hit now or later is decided by dynamic programming over
(rounds left, budget left): what hits will be worth in a later round is drawn from what they were
worth in the rounds so far.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fg_core.errors import ConfigError
from fg_core.scoring._kernels import expected_distance
from fg_core.transcendental import hypot

from .dynamic_programming import check_hits
from .played_hits import PlayedHits

__all__ = ["expected_gains", "hits_without_foresight"]

Array = NDArray[np.float64]
Places = NDArray[np.intp]

_REMEMBERED = 24
"""Number of rounds whose gains stand for those of the rounds to come."""
_STATES = 400
"""Largest number of steps in which budgets are told apart."""
_TOLERANCE = 1e-9


def expected_gains(played: PlayedHits) -> Array:
    """Return what each hit is expected to cost a forecast, by what is known at the origin.

    Args:
        played: Forecasts by hit, mixtures of normals.

    Returns:
        Gains in expected CRPS over no hit, shape (round, hit), in the unit of the series, at least
        0; 0 without a hit.
    """
    w, m, s = played.weights, played.means, played.scales
    none = [played.none]
    own = 0.5 * _mean_distance((w, m, s), (w, m, s))
    apart = _mean_distance((w, m, s), (w[:, none], m[:, none], s[:, none]))
    return np.asarray(np.maximum(apart - own - own[:, none], 0.0))


def _mean_distance(first: tuple[Array, ...], second: tuple[Array, ...]) -> Array:
    """Return the expected distance of draws from two mixtures, shape (round, hit)."""
    (w, m, s), (v, n, r) = first, second
    found = np.zeros(w.shape[:2])
    for i in range(w.shape[2]):
        one = [array[..., [i]] for array in (w, m, s)]
        found += (one[0] * v * expected_distance(one[1] - n, hypot(one[2], r))).sum(axis=-1)
    return found


def hits_without_foresight(
    gains: ArrayLike, costs: ArrayLike, hits: ArrayLike, budget: float, *, first_round: int = 0
) -> Places:
    """Return hits that are chosen round by round, by the gains of the rounds so far alone.

    Args:
        gains: Gains that are expected of each hit at the round's origin, shape (round, hit), in the
            unit of the series.
        costs: Units that are booked for each hit, shape (round, hit), in step scales.
        hits: Nominal hits, shape (hit,), in step scales, 0 among them.
        budget: Units that may be spent, in step scales, at least 0.
        first_round: First round that may be hit; gains of earlier ones are known by then.

    Returns:
        Place on the grid of each round's hit from `first_round` on, shape (round,).

    Raises:
        ConfigError: Arrays of other shapes, a grid without 0, or a budget that is negative or not
            finite.

    >>> costs = [[0.0, 1.0]] * 4
    >>> gains = [[0.0, 1.0], [0.0, 3.0], [0.0, 0.5], [0.0, 3.0]]
    >>> hits_without_foresight(gains, costs, [0.0, 1.0], 1.0, first_round=1).tolist()
    [1, 0, 0]
    """
    grid = check_hits(hits)
    table, units = np.asarray(gains, dtype=np.float64), np.asarray(costs, dtype=np.float64)
    if table.ndim != 2 or table.shape != units.shape or table.shape[1] != grid.size:
        raise ConfigError(
            f"gains and costs must have the shape (round, {grid.size}), got {table.shape} and "
            f"{units.shape}"
        )
    if not 0.0 <= budget < np.inf:
        raise ConfigError(f"budget must be finite and at least 0, got {budget!r}")
    none = int(np.flatnonzero(grid == 0.0)[0])
    size = _step(grid, budget)
    n_states = int(budget / size + _TOLERANCE) + 1
    # A hit of any size takes at least one step, so that a budget is never overrun.
    steps = np.ceil(np.abs(grid) / size - _TOLERANCE).astype(np.intp)
    after = np.arange(n_states)[:, np.newaxis] - steps
    found = np.full(table.shape[0] - first_round, none, dtype=np.intp)
    left = budget
    for r in range(first_round, table.shape[0]):
        known = table[max(0, r + 1 - _REMEMBERED) : r + 1]
        later = _worth(known, after, table.shape[0] - r - 1)
        state = min(int(left / size + _TOLERANCE), n_states - 1)
        total = np.where(after[state] >= 0, table[r] + later[np.maximum(after[state], 0)], -np.inf)
        # A hit now is no worse than one later that is worth as much; none is no worse than a hit
        # that is worth nothing.
        best = total >= total.max() - _TOLERANCE * np.abs(table[r]).max()
        place = int(np.argmax(np.where(best, table[r], -np.inf)))
        found[r - first_round] = place if table[r, place] > 0.0 else none
        left = max(0.0, left - units[r, found[r - first_round]])
    return found


def _step(grid: Array, budget: float) -> float:
    """Return the step in which budgets are told apart; hits are multiples of it, if they can be."""
    sizes = np.unique(np.abs(grid[grid != 0.0]))
    if not sizes.size or budget == 0.0:
        return max(budget, 1.0)
    for parts in range(1, 9):
        step = float(sizes[0]) / parts
        if budget / step > _STATES:
            break
        if (np.abs(sizes / step - np.rint(sizes / step)) < 1e-6).all():
            return step
    return budget / _STATES


def _worth(known: Array, after: NDArray[np.intp], rounds: int) -> Array:
    """Return what is expected of each budget left in that many rounds, shape (state,).

    Args:
        known: Gains that rounds to come are drawn from, shape (round, hit).
        after: State after each hit by the state before, negative where it cannot be paid, shape
            (state, hit).
        rounds: Number of rounds to come.
    """
    worth: Array = np.zeros(after.shape[0])
    paid, place = after >= 0, np.maximum(after, 0)
    for _ in range(rounds):
        later = np.where(paid, worth[place], -np.inf)
        new: Array = (known[:, np.newaxis] + later).max(axis=2).mean(axis=0)
        if (new - worth < 1e-12 * (np.abs(new) + 1e-300)).all():
            return new
        worth = new
    return worth
