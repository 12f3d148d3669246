"""A tabled game in which the adversary has a budget that it sees running out.

`TabledGame` bounds what hits cost *in expectation*, which makes best responses linear. Here the
budget is that of a played game: in each stretch of rounds (a series) hits may cost so much for
certain, and a hit that what is left does not allow becomes the largest smaller one of its sign. So
budget left is a part of the adversary's state, and it alone links rounds: the best response of an
adversary that knows the future is exact by dynamic programming (`fg_core.attack`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fg_core.attack.dynamic_programming import best_hits, check_hits
from fg_core.errors import ConfigError
from fg_core.window import immutable_array

from .features import ATTACK_CELLS, FeatureGrid
from .tabled_game import TabledGame, join_games

__all__ = ["BudgetedGame", "join_budgeted", "own_features", "weaker_hits"]

Array = NDArray[np.float64]
Places = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class BudgetedGame:
    """Tables of one or several series, with a budget for each.

    Args:
        tables: losses, cells that the defender sees, and costs in step scales.
        rewards: rewards of the adversary, shape (round, hit, doubt), in the unit of the losses.
        hits: nominal hits in step scales, shape (hit,), 0 among them.
        features: number of the cell that the adversary sees in each round, its budget and its own
            last hit left out, shape (round,).
        starts: first round of each series, ascending from 0.
        budgets: units that hits on each series may cost, at least 0, in step scales.
        grid: cells of the adversary; the last feature is the share of its budget that is left, and
            the one before it may be its own last hit (`last_action`).

    Raises:
        ConfigError: Shapes that do not match, or numbers out of their range.
    """

    tables: TabledGame
    rewards: Array
    hits: Array
    features: Places
    starts: tuple[int, ...]
    budgets: tuple[float, ...]
    grid: FeatureGrid = ATTACK_CELLS

    def __post_init__(self) -> None:
        object.__setattr__(self, "rewards", immutable_array(self.rewards))
        object.__setattr__(self, "hits", immutable_array(check_hits(self.hits)))
        features = np.array(self.features, dtype=np.intp)
        features.flags.writeable = False
        object.__setattr__(self, "features", features)
        shape = self.tables.losses.shape
        if self.rewards.shape != shape or not np.isfinite(self.rewards).all():
            raise ConfigError(f"rewards must be finite, of shape {shape}: {self.rewards.shape}")
        if self.hits.shape != shape[1:2] or features.shape != shape[:1]:
            raise ConfigError(
                f"hits and features must have shapes {shape[1:2]} and {shape[:1]}, got "
                f"{self.hits.shape} and {features.shape}"
            )
        ends = [*self.starts, shape[0]]
        if len(self.starts) != len(self.budgets) or ends[0] != 0 or (np.diff(ends) <= 0).any():
            raise ConfigError(
                f"{len(self.starts)} starts, ascending from 0, need as many budgets: {self.starts}"
            )
        if not all(budget >= 0.0 for budget in self.budgets):
            raise ConfigError(f"budgets must be at least 0, got {self.budgets!r}")
        own_features(self.grid)
        if (features < 0).any() or (features >= self.n_features).any():
            raise ConfigError(f"features must be cells from 0 to {self.n_features - 1}")

    @property
    def n_hits(self) -> int:
        """Number of the adversary's actions."""
        return int(self.hits.size)

    @property
    def n_rounds(self) -> int:
        """Number of rounds of all series."""
        return int(self.tables.losses.shape[0])

    @property
    def n_features(self) -> int:
        """Number of cells that the adversary tells apart by what does not depend on its hits."""
        return self.grid.n_cells // (len(self.grid.edges[-1]) + 1) // self.n_last

    @property
    def n_last(self) -> int:
        """Number of intervals of its own last hit that the adversary tells apart."""
        return len(own_features(self.grid)[1]) + 1

    @property
    def last(self) -> Places:
        """Interval that each hit is in when it is the last one, shape (round, hit)."""
        signed = np.sign(self.hits) * self.tables.costs
        return np.searchsorted(own_features(self.grid)[1], signed, side="right")

    @property
    def stretches(self) -> tuple[tuple[int, int, float], ...]:
        """First round, end and budget of each series."""
        ends = pairwise((*self.starts, self.n_rounds))
        return tuple((a, b, left) for (a, b), left in zip(ends, self.budgets, strict=True))

    def against(self, policy: ArrayLike) -> BudgetedGame:
        """Return the game of the adversary against a policy that stays as it is.

        Args:
            policy: probabilities of the doubts, shape (cell, doubt).

        Returns:
            A game with one doubt, whose losses and rewards are the policy's expected ones.
        """
        shares = np.asarray(policy, dtype=np.float64)[self.tables.cells]
        tables = replace(self.tables, losses=self.tables.loss_of_hits(policy)[:, :, None])
        return replace(self, tables=tables, rewards=(self.rewards * shares).sum(axis=2)[:, :, None])

    def of_damage(self) -> BudgetedGame:
        """Return the game in which rewards count from what the round would bring without a hit.

        That part (a mean over doubts) is the same for every hit of a round, so best responses stay
        and what an adversary learns from is less noisy.
        """
        none = int(np.flatnonzero(self.hits == 0.0)[0])
        without = self.rewards[:, none].mean(axis=1)
        return replace(self, rewards=self.rewards - without[:, None, None])

    def clairvoyant_hits(self, policy: ArrayLike) -> Places:
        """Return the hits of an adversary that knows the future, exactly, within each budget.

        Args:
            policy: probabilities of the doubts, shape (cell, doubt).

        Returns:
            Place of each round's hit among `hits`, shape (round,).
        """
        losses = self.tables.loss_of_hits(policy)
        return np.concatenate(
            [
                best_hits(losses[a:b], self.tables.costs[a:b], self.hits, budget)
                for a, b, budget in self.stretches
            ]
        )

    def clean_loss(self, policy: ArrayLike) -> float:
        """Return the mean expected loss of a policy where nobody hits."""
        none = np.full(self.n_rounds, int(np.flatnonzero(self.hits == 0.0)[0]))
        return self.loss_along(policy, none)

    def worst_loss(self, policy: ArrayLike) -> float:
        """Return the mean expected loss of a policy under `clairvoyant_hits`."""
        return self.loss_along(policy, self.clairvoyant_hits(policy))

    def loss_along(self, policy: ArrayLike, places: Places) -> float:
        """Return the mean expected loss of a policy under given hits, shape (round,)."""
        return float(self.tables.loss_of_hits(policy)[np.arange(self.n_rounds), places].mean())


@lru_cache(maxsize=64)
def own_features(grid: FeatureGrid) -> tuple[FeatureGrid | None, tuple[float, ...]]:
    """Return what an adversary's cells show of the series, and the edges of its own last hit.

    Args:
        grid: cells of an adversary.

    Returns:
        Cells without the features that its own hits decide (None: there are no others), and edges
        of the last hit, none where it is no feature.

    Raises:
        ConfigError: The last feature is not the budget, or the own last hit is not before it.
    """
    names, edges = grid.names, grid.edges
    if names[-1] != "budget":
        raise ConfigError(f"the last feature must be the budget, got {names!r}")
    own = 2 if "last_action" in names else 1
    if own == 2 and names[-2:] != ("last_action", "budget"):
        raise ConfigError(f"the own last hit must be the feature before the budget, got {names!r}")
    others = FeatureGrid(edges[:-own], names[:-own]) if len(names) > own else None
    return others, edges[-2] if own == 2 else ()


def weaker_hits(hits: ArrayLike) -> list[int]:
    """Return for each hit the next smaller one of its sign, at last the hit 0, by its place.

    >>> weaker_hits([-2.0, -1.0, 0.0, 3.0])
    [1, 2, 2, 2]
    """
    grid = check_hits(hits).tolist()
    none = grid.index(0.0)
    found = []
    for hit in grid:
        smaller = [k for k, x in enumerate(grid) if x * hit > 0.0 and abs(x) < abs(hit)]
        found.append(max(smaller, key=lambda k: abs(grid[k])) if smaller else none)
    return found


def join_budgeted(games: Sequence[BudgetedGame]) -> BudgetedGame:
    """Return games after each other; each keeps its budget.

    Args:
        games: games with the same hits, doubts and cells.

    Returns:
        The game, with the stretches of all of them.

    Raises:
        ConfigError: There is none, or they differ in hits, doubts or cells.
    """
    tables = join_games([one.tables for one in games])
    first = games[0]
    for one in games[1:]:
        if one.grid != first.grid or not np.array_equal(one.hits, first.hits):
            raise ConfigError("games of one grid of hits and of cells wanted")
    offsets = np.cumsum([0, *(one.n_rounds for one in games)])[:-1].tolist()
    return BudgetedGame(
        tables,
        np.concatenate([one.rewards for one in games]),
        first.hits,
        np.concatenate([one.features for one in games]),
        tuple(start + off for one, off in zip(games, offsets, strict=True) for start in one.starts),
        tuple(budget for one in games for budget in one.budgets),
        first.grid,
    )
