r"""A game of attack and defence whose rounds do not hang together, as tables.

In round $t$ the adversary, who knows the round, picks a hit $a$; the defender sees the cell
$c(t, a)$ that the hit leaves, and picks a doubt $b$ by its table $\pi(b \mid c)$. The loss is
$S_t(a, b)$: that of `fg_core.payoffs`, or any other. With $y_t(a)$ the adversary's probabilities,

$$L(\pi, y) = \sum_t \sum_a y_t(a) \sum_b \pi(b \mid c(t, a)) S_t(a, b)$$

is linear in either, so best responses are exact, means of policies are worth the mean, and a pair
without a gain for either side exists (von Neumann 1928). The adversary's budget is a bound on the
*expected* sum of costs: what it can do with the same budget for certain is at most that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fg_core.errors import ConfigError, DataError
from fg_core.game import Payoffs
from fg_core.window import immutable_array

__all__ = ["TabledGame", "join_games", "worst_hits"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class TabledGame:
    """Losses of the team by round, hit and doubt.

    Args:
        losses: shape (round, hit, doubt), finite, in any unit.
        cells: number of the cell that the defender sees, shape (round, hit), from 0.
        n_cells: number of cells.
        costs: what a hit takes from the budget, shape (round, hit), at least 0; in each round one
            hit is free.
        budget: most that all rounds may cost in expectation, at least 0.

    Raises:
        ConfigError: Shapes that do not match, or numbers out of their range.

    >>> pennies = TabledGame.of_matrix([[1, -1], [-1, 1]])
    >>> pennies.loss([[1.0, 0.0]], [[0.0, 1.0]])
    1.0
    """

    losses: Array
    cells: NDArray[np.intp]
    n_cells: int
    costs: Array
    budget: float = np.inf

    def __post_init__(self) -> None:
        for name in ("losses", "costs"):
            object.__setattr__(self, name, immutable_array(getattr(self, name)))
        cells = np.array(self.cells, dtype=np.intp)
        cells.flags.writeable = False
        object.__setattr__(self, "cells", cells)
        losses, costs = self.losses, self.costs
        if losses.ndim != 3 or 0 in losses.shape or not np.isfinite(losses).all():
            raise ConfigError(
                f"losses must be finite, of shape (round, hit, doubt): {losses.shape}"
            )
        for name, table in (("cells", cells), ("costs", costs)):
            if table.shape != losses.shape[:2]:
                raise ConfigError(f"{name} must have shape {losses.shape[:2]}, got {table.shape}")
        if self.n_cells < 1 or (cells < 0).any() or (cells >= self.n_cells).any():
            raise ConfigError(f"cells must be from 0 to {self.n_cells - 1}")
        if not (np.isfinite(costs).all() and (costs >= 0.0).all()):
            raise ConfigError("costs must be finite and at least 0")
        if (costs.min(axis=1) > 0.0).any():
            raise ConfigError("in each round one hit must be free: not to hit")
        if not self.budget >= 0.0:
            raise ConfigError(f"budget must be at least 0, got {self.budget!r}")

    @classmethod
    def of_payoffs(
        cls, table: Payoffs, cells: ArrayLike, n_cells: int, budget: float
    ) -> TabledGame:
        """Return the payoffs of a played game, in one-step scales, as a tabled game.

        Args:
            table: payoffs by round, hit and at most one action of the team.
            cells: number of the cell that the team sees, shape (round, hit).
            n_cells: number of cells.
            budget: most that hits may come to per round in expectation, in one-step scales.

        Returns:
            The game, with rounds without a target left out.
        """
        losses = table.scores.reshape(*table.attacks.shape, -1)
        due = np.isfinite(losses).all(axis=(1, 2))
        return cls(
            losses[due] / table.step_scale,
            np.asarray(cells)[due],
            n_cells,
            table.budget_used[due],
            budget * int(due.sum()),
        )

    @classmethod
    def of_matrix(
        cls, payoffs: ArrayLike, costs: ArrayLike | None = None, budget: float = np.inf
    ) -> TabledGame:
        """Return a matrix game, whose row player is the team, as one round.

        Args:
            payoffs: rewards of the team, shape (row, column).
            costs: what a column takes from the budget, shape (column,); None: nothing.
            budget: most that a round may cost in expectation.
        """
        matrix = np.asarray(payoffs, dtype=np.float64)
        if matrix.ndim != 2:
            raise ConfigError(f"payoffs must be of shape (row, column), got {matrix.shape}")
        m = matrix.shape[1]
        spent = np.zeros((1, m)) if costs is None else np.asarray(costs, dtype=np.float64)[None]
        return cls(-matrix.T[None], np.zeros((1, m), dtype=np.intp), 1, spent, budget)

    @property
    def n_doubts(self) -> int:
        """Number of the defender's actions."""
        return int(self.losses.shape[2])

    def loss(self, policy: ArrayLike, hits: ArrayLike) -> float:
        """Return the expected loss of all rounds.

        Args:
            policy: probabilities of the doubts, shape (cell, doubt).
            hits: probabilities of the hits, shape (round, hit).
        """
        return float((np.asarray(hits) * self.loss_of_hits(policy)).sum())

    def loss_of_hits(self, policy: ArrayLike) -> Array:
        """Return the expected loss of each hit against a policy, shape (round, hit)."""
        shares = np.asarray(policy, dtype=np.float64)[self.cells]
        return np.asarray((self.losses * shares).sum(axis=2))

    def best_policy(self, hits: ArrayLike) -> Array:
        """Return the defender's best response, shape (cell, doubt); uniform in cells never seen."""
        worth = np.zeros((self.n_cells, self.n_doubts))
        weights = np.asarray(hits, dtype=np.float64)
        np.add.at(worth, self.cells, self.losses * weights[:, :, None])
        seen = np.zeros(self.n_cells)
        np.add.at(seen, self.cells, weights)
        pure = np.eye(self.n_doubts)[worth.argmin(axis=1)]
        return np.where(seen[:, None] > 0.0, pure, 1.0 / self.n_doubts)

    def worst_hits(self, policy: ArrayLike) -> Array:
        """Return the adversary's best response within the budget, shape (round, hit).

        Of each round the hits on the upper hull of damage over cost count; steps along all hulls
        are bought in the order of damage per cost, and of the last one the share that is left. That
        is the solution of the linear program (a knapsack with a choice per round, and shares).
        """
        return worst_hits(self.loss_of_hits(policy), self.costs, self.budget)

    def nash_conv(self, policy: ArrayLike, hits: ArrayLike) -> float:
        """Return what both sides together gain by best responses, in the unit of the losses."""
        worst = self.loss(policy, self.worst_hits(policy))
        return worst - self.loss(self.best_policy(hits), hits)


def check_separates(table: Payoffs) -> None:
    """Refuse payoffs that no `TabledGame` can be made of.

    Raises:
        DataError: Rounds of the game do not separate, so that a table is not the game.
        ConfigError: No hit of 0 is among the hits.
    """
    if not table.separates:
        raise DataError(f"rounds do not separate: {'; '.join(table.reasons)}")
    if not (table.hits == 0.0).any():
        raise ConfigError("0 must be among the hits: not to hit")


def join_games(games: Sequence[TabledGame]) -> TabledGame:
    """Return games after each other, as one with one table of the defender and one budget.

    Args:
        games: games with the same hits, doubts and cells.

    Returns:
        The game; its budget is the sum of theirs, to be spent in any of them.

    Raises:
        ConfigError: There is none, or they differ in hits, doubts or cells.
    """
    shapes = {(one.losses.shape[1:], one.n_cells) for one in games}
    if len(shapes) != 1:
        raise ConfigError(f"games of one shape wanted, got {len(shapes)} different ones")
    return TabledGame(
        np.concatenate([one.losses for one in games]),
        np.concatenate([one.cells for one in games]),
        games[0].n_cells,
        np.concatenate([one.costs for one in games]),
        sum(one.budget for one in games),
    )


def worst_hits(losses: Array, costs: Array, budget: float) -> Array:
    """Return probabilities of hits with the largest expected loss within a budget.

    Args:
        losses: loss by round and hit, shape (round, hit).
        costs: cost of each, of that shape; at least 0, and 0 for one hit of each round.
        budget: most expected cost of all rounds.

    Returns:
        Shape (round, hit), rows that add up to 1, with at most one row of more than one hit.
    """
    found = np.zeros(losses.shape)
    steps: list[tuple[float, int, int, int]] = []
    for t, (loss, cost) in enumerate(zip(losses.tolist(), costs.tolist(), strict=True)):
        hull = _upper_hull(cost, loss)
        found[t, hull[0]] = 1.0
        for before, after in pairwise(hull):
            rate = (loss[after] - loss[before]) / (cost[after] - cost[before])
            steps.append((-rate, t, before, after))
    left = budget
    # Rates fall along a hull, so a sorted order takes its steps one after the other.
    for _, t, before, after in sorted(steps):
        price = float(costs[t, after] - costs[t, before])
        share = 1.0 if price <= left else left / price
        found[t, before] -= share
        found[t, after] += share
        left -= price * share
        if left <= 0.0:
            break
    return found


def _upper_hull(cost: list[float], loss: list[float]) -> list[int]:
    """Return the hits from the free one on, along which each unit of cost buys less damage."""
    order = sorted(range(len(cost)), key=lambda a: (cost[a], -loss[a]))
    hull: list[int] = []
    for a in order:
        if hull and (loss[a] <= loss[hull[-1]] or cost[a] == cost[hull[-1]]):
            continue
        while len(hull) > 1:
            first, last = hull[-2], hull[-1]
            was = (loss[last] - loss[first]) * (cost[a] - cost[first])
            now = (loss[a] - loss[first]) * (cost[last] - cost[first])
            if now < was:
                break
            hull.pop()
        hull.append(a)
    return hull
