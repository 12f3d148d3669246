r"""A defender's own autoregression: least squares on settled values, one row at a time.

The sums of products over $(1, y_{t-1}, \dots, y_{t-4}, y_t)$ are kept in steps of the series from
the mean of the training window, so that they lose no digits to its level and scale with nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from .lanes import Lanes

__all__ = ["ORDER", "Autoregression", "Moments"]

Array = NDArray[np.float64]

ORDER = 4
_FEWEST = 3 * (ORDER + 1)
"""Rows below which a random walk stands in for the regression."""
_RIDGE = 1e-10
"""Share of the diagonal that is added to it, so that flat series can be solved as well."""
_WALK = np.eye(ORDER + 1)[1]
"""Intercept and coefficients of a random walk."""
_WALK.flags.writeable = False
_LEAST = 1e-6
"""Least standard deviation, in steps."""


@dataclass(frozen=True, eq=False)
class Autoregression:
    """Autoregressions in each of many games, in steps.

    Args:
        intercept: Shape (game,), in steps.
        phi: Coefficients, shape (game, lag), newest lag first.
        sigma: Standard deviation of the one-step errors, shape (game,), in steps.
        sd: Standard deviation of the one-step changes, likewise.
    """

    intercept: Array
    phi: Array
    sigma: Array
    sd: Array

    def surprises(self, values: Array) -> Array:
        """Return what each value is above its one-step forecast from those before it.

        Args:
            values: Values in steps, shape (game, period), oldest first.

        Returns:
            Shape (game, period - 4), oldest first, in steps.
        """
        n = values.shape[1] - ORDER
        found = values[:, ORDER:] - self.intercept[:, np.newaxis]
        for k in range(ORDER):
            first = ORDER - 1 - k
            found = found - self.phi[:, k : k + 1] * values[:, first : first + n]
        return found


@dataclass(frozen=True, eq=False)
class Moments(Lanes):
    """Sums over settled values in each of many games.

    Args:
        origin: Number that is subtracted from each value, shape (game,), in the unit of the series.
        unit: One step: the one-step scale of the training window, likewise, above 0.
        products: Sums of products of regressors and target, shape (game, 6, 6), in steps.
        changes: Number, sum and sum of squares of one-step changes, shape (game, 3), in steps.
    """

    origin: Array
    unit: Array
    products: Array
    changes: Array

    @classmethod
    def of(cls, values: Array, unit: float) -> Self:
        """Return the sums of one game over the values of a training window.

        Args:
            values: Values, shape (period,), oldest first, in the unit of the series.
            unit: One-step scale, above 0.
        """
        origin = np.array([float(np.mean(values))])
        steps = (values - origin) / unit
        change = np.diff(steps)
        row = np.stack([np.ones_like(change), change, change * change], axis=-1)
        n = max(0, steps.size - ORDER)
        x = np.ones((n, ORDER + 2))
        for lag in range(ORDER):
            x[:, lag + 1] = steps[ORDER - 1 - lag : ORDER - 1 - lag + n]
        x[:, -1] = steps[ORDER : ORDER + n]
        products = x[:, :, np.newaxis] * x[:, np.newaxis, :]
        # Summed one row after the other, as `with_row` does.
        sums = [one.sum(axis=0)[np.newaxis] for one in (products, row)]
        return cls(origin, np.array([unit]), *sums)

    def steps(self, values: Sequence[Array] | Sequence[float]) -> Array:
        """Return values of consecutive periods in steps, shape (game, period).

        Args:
            values: One array of shape (game,) per period, oldest first; numbers for one game.
        """
        # Rows one after the other in memory: sums along them then do not depend on how they came.
        stacked = np.ascontiguousarray(np.array(values, np.float64).reshape(len(values), -1).T)
        return np.asarray((stacked - self.origin[:, np.newaxis]) / self.unit[:, np.newaxis])

    def with_row(self, values: Sequence[Array]) -> Self:
        """Return the sums with one more period.

        Args:
            values: Its value, and up to four before it, oldest first, one array of shape (game,)
                each; of fewer than two nothing is learned.
        """
        return self._with(self.steps(values)) if len(values) > 1 else self

    def _with(self, steps: Array) -> Self:
        change = steps[:, -1] - steps[:, -2]
        row = np.stack([np.ones_like(change), change, change * change], axis=-1)
        products = self.products
        if steps.shape[1] > ORDER:
            ones = np.ones((steps.shape[0], 1))
            x = np.concatenate([ones, steps[:, -2 : -ORDER - 2 : -1], steps[:, -1:]], axis=1)
            products = products + x[:, :, np.newaxis] * x[:, np.newaxis, :]
        return type(self)(self.origin, self.unit, products, self.changes + row)

    @cached_property
    def fitted(self) -> Autoregression:
        """Autoregressions by least squares; random walks where rows are too few."""
        n, total, squares = self.changes[:, 0], self.changes[:, 1], self.changes[:, 2]
        spread = squares - total * total / np.maximum(n, 1.0)
        sd = np.sqrt(np.maximum(spread / np.maximum(n - 1.0, 1.0), 0.0))
        sd = np.where((n >= 2.0) & (sd > _LEAST), sd, 1.0)
        left, right = self.products[:, :-1, :-1], self.products[:, :-1, -1]
        ridged = left.copy()
        diagonal = ridged.reshape(len(ridged), -1)[:, :: ORDER + 2]
        diagonal += _RIDGE * (1.0 + diagonal)
        solved = np.asarray(np.linalg.solve(ridged, right[..., np.newaxis]), np.float64)[..., 0]
        rows = left[:, 0, 0]
        # From the sums: the target's squares less what the regression explains of them.
        rest = self.products[:, -1, -1] - (solved * right).sum(axis=-1)
        sigma = np.sqrt(np.maximum(rest / np.maximum(rows - ORDER - 1.0, 1.0), 0.0))
        enough = rows >= _FEWEST
        found: Array = np.where(enough[:, np.newaxis], solved, _WALK)
        sigma = np.where(enough, np.maximum(sigma, _LEAST), sd)
        return Autoregression(found[:, 0], found[:, 1:], sigma, sd)
