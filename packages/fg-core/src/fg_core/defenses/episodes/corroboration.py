r"""Do other columns move as well? A shock that is seen elsewhere too is no false print.

The change of each context column is measured in standard deviations of its earlier changes. What
supports a large move of the series is how far one in three of the columns moved at least, and two
in any case: $u$, the second or a later largest of these. Single columns may be false as well, or
move for reasons of their own. With $q = 0.002$ the share of periods with a shock to all series and
$\kappa$ the width of turmoil,

$$c = \frac{1}{2} \frac{q r}{1 - q + q r}, \qquad
r = \frac{1}{\kappa_u} e^{\frac{1}{2} u^2 (1 - 1/\kappa_u^2)}, \qquad \kappa_u = \max(\kappa, u)$$

is the probability that a true surprise comes from such a shock, which is $\kappa_u$ times as wide
as usual. It is never above one half: a print that differs by far more than the others do stays
doubtful. Settings were chosen on `us_macro` before 1985.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from operator import is_
from typing import Self

import numpy as np
from numpy.typing import NDArray

from fg_core.frozen import replace_unchecked
from fg_core.transcendental import exp

__all__ = ["ColumnChanges", "CommonShock"]

Array = NDArray[np.float64]
Contexts = Sequence[Mapping[str, float]]

_FEWEST = 12.0
"""Changes of a column below which it supports nothing."""
_DISCOUNT = 0.98
_PART = 3
"""One in so many columns must move as far, and two at least."""
_SHARE = 0.002
"""Share of periods with a shock to all series, before other columns are seen."""
_FARTHEST = 1e3
"""In standard deviations: moves beyond are taken for it."""


@dataclass(frozen=True, eq=False)
class CommonShock:
    """A shock to all series as an explanation of true surprises.

    Args:
        weight: Probability that a surprise is of it, in [0, 1/2], shape (game, print).
        factor: Its standard deviation over that of calm surprises, likewise.
    """

    weight: Array
    factor: Array

    @classmethod
    def of(cls, support: Array, factor: float) -> Self:
        """Return the shock that moves of other columns speak of.

        Args:
            support: How far one in three of the other columns moved at least, in standard
                deviations.
            factor: kappa, by how much wider surprises in turmoil are.
        """
        wide = np.maximum(support, factor)
        half = np.minimum(0.5 * support * support * (1.0 - 1.0 / wide**2), 600.0)
        odds = _SHARE * exp(half) / wide
        return cls(0.5 * odds / (1.0 - _SHARE + odds), wide)

    def take(self, prints: slice | NDArray[np.intp]) -> Self:
        """Return the shock at some of the prints."""
        return type(self)(self.weight[:, prints], self.factor[:, prints])


@dataclass(frozen=True, eq=False)
class ColumnChanges:
    """What is known of the changes of context columns in each of many games.

    Args:
        names: Names of the columns.
        last: Latest value known, shape (game, column), in the unit of the column; NaN: none.
        sums: Discounted number, sum and sum of squares of changes, shape (game, column, 3).
    """

    names: tuple[str, ...]
    last: Array
    sums: Array

    @classmethod
    def of(cls, contexts: Contexts) -> Self | None:
        """Return the changes over the periods of a training window; None: fewer than two columns.

        Args:
            contexts: Context of each period, oldest first.
        """
        names = tuple(sorted({name for row in contexts for name in row}))
        if len(names) < 2:
            return None
        values = np.array([[row.get(name, np.nan) for name in names] for row in contexts])
        known = ~np.isnan(values)
        # Before each period, the latest period in which a column had a value; -1: none yet.
        period = np.where(known, np.arange(len(values))[:, np.newaxis], -1)
        latest = np.maximum.accumulate(period, axis=0)
        columns = np.arange(len(names))
        change = values[1:] - np.where(latest[:-1] < 0, np.nan, values[latest[:-1], columns])
        sums = np.zeros((len(names), 3))
        for row, seen in zip(*_rows_of(change), strict=True):
            sums = np.where(seen, _DISCOUNT * sums + row, sums)
        last = np.where(latest[-1] < 0, np.nan, values[latest[-1], columns])
        return cls(names, last[np.newaxis], sums[np.newaxis])

    @classmethod
    def stack(cls, parts: Sequence[Self | None]) -> Self | None:
        """Return the changes in several games as one; a game has no value of others' columns."""
        there = [one for one in parts if one is not None]
        if not there:
            return None
        names = tuple(sorted({name for one in there for name in one.names}))
        last = np.full((len(parts), len(names)), np.nan)
        sums = np.zeros((len(parts), len(names), 3))
        for i, one in enumerate(parts):
            if one is not None:
                places = [names.index(name) for name in one.names]
                last[i, places], sums[i, places] = one.last[0], one.sums[0]
        return cls(names, last, sums)

    def rows(self, games: slice) -> Self:
        """Return the changes in some of the games."""
        if len(self.last) == 1:
            return self
        return replace(self, last=self.last[games], sums=self.sums[games])

    def after(self, contexts: Contexts) -> Self:
        """Return the changes with those to the contexts of one more period, one per game."""
        values = self._values(contexts)
        row, seen = _rows_of(values - self.last)
        sums = np.where(seen, _DISCOUNT * self.sums + row, self.sums)
        last = np.where(np.isnan(values), self.last, values)
        return replace_unchecked(self, last=last, sums=sums)

    def support(self, contexts: Contexts) -> Array:
        """Return how far columns moved to the contexts of a period; see the module.

        Args:
            contexts: Context of each game.

        Returns:
            Moves in standard deviations of a column's changes, at least 0, shape (game,).
        """
        values = self._values(contexts)
        # A doubt and what is told after it ask for the same.
        known = self.__dict__.get("_support_known")
        if known is not None and np.array_equal(known[0], values, equal_nan=True):
            return known[1]  # type: ignore[no-any-return]
        found = self._support(values)
        self.__dict__["_support_known"] = values, found
        return found

    def _support(self, values: Array) -> Array:
        """Return `support` of the values of a period, shape (game, column)."""
        expected, sd, known = self._spread
        change = np.abs(values - self.last - expected)
        usable = known & ~np.isnan(change)
        z = np.where(usable, change, 0.0) / np.where(usable, sd, 1.0)
        # Columns that a game has not do not count: `stack` may have brought in those of others.
        rank = np.maximum(2, -(-usable.sum(axis=-1) // _PART))
        ordered = np.sort(z, axis=-1)
        place = np.maximum(len(self.names) - rank, 0)
        return np.asarray(np.minimum(ordered[np.arange(len(place)), place], _FARTHEST))

    @cached_property
    def _spread(self) -> tuple[Array, Array, NDArray[np.bool_]]:
        """Mean and standard deviation of changes, and whether they are known well enough."""
        n = self.sums[..., 0]
        many = np.maximum(n, 1.0)
        mean = self.sums[..., 1] / many
        sd = np.sqrt(np.maximum(self.sums[..., 2] / many - mean * mean, 0.0))
        return mean, sd, (n >= _FEWEST) & (sd > 0.0)

    def _values(self, contexts: Contexts) -> Array:
        """Return values per game, or those of the one context that all games have."""
        seen = self.__dict__.get("_values_known")
        if seen is not None and len(seen[0]) == len(contexts) and all(map(is_, seen[0], contexts)):
            return seen[1]  # type: ignore[no-any-return]
        known: dict[int, list[float]] = {}
        for row in contexts:
            if id(row) not in known:
                get = row.get
                known[id(row)] = [get(name, np.nan) for name in self.names]
        if len(known) == 1:
            values = np.array([known[id(contexts[0])]], dtype=np.float64)
        else:
            values = np.array([known[id(row)] for row in contexts], dtype=np.float64)
        self.__dict__["_values_known"] = contexts, values
        return values


def _rows_of(change: Array) -> tuple[Array, NDArray[np.bool_]]:
    """Return number, change and square of changes, and whether there was one; NaN: none."""
    seen = ~np.isnan(change)
    row = np.empty((*change.shape, 3))
    row[..., 0], row[..., 1] = seen, np.where(seen, change, 0.0)
    row[..., 2] = row[..., 1] * row[..., 1]
    return row, seen[..., np.newaxis]
