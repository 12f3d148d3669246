"""Direct regressions: one equation per horizon, with the series and its context on the right."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from fg_core import TrainingWindow

from .ridge_regression import Ridge, ridge

__all__ = ["DirectFit"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class DirectFit:
    """Result of `TopDownAgent.fit`: a window, and a regression per horizon when it is asked for.

    Args:
        window: The training window.
        changes: Number of recent changes that are regressors.
        penalty: Penalty of the context's coefficients, in rows.
        columns: Names of the context columns that are used, sorted.
    """

    window: TrainingWindow
    changes: int
    penalty: float
    columns: tuple[str, ...]
    # A function of the above, worked out when it is first asked for.
    _known: dict[int, Ridge | None] = field(default_factory=dict, compare=False, repr=False)

    @property
    def n_own(self) -> int:
        """Number of regressors that are of the series itself: they come before the context."""
        return 1 + self.changes

    def regressors(self, window: TrainingWindow) -> Array:
        """Return the regressors of every row, shape (time, column); NaN: missing.

        A number that is not finite counts as missing.

        Returns:
            Levels and changes in the unit of the series, then context in its own units.
        """
        values = window.values
        n = values.size
        table = np.full((n, self.n_own + len(self.columns)), np.nan)
        table[:, 0] = values
        changes = np.diff(values)
        for i in range(self.changes):
            table[i + 1 :, 1 + i] = changes[: max(0, n - 1 - i)]
        for j, name in enumerate(self.columns if window.contexts else (), start=self.n_own):
            table[:, j] = [row.get(name, math.nan) for row in window.contexts]
        table[~np.isfinite(table)] = np.nan
        return table

    def regression(self, horizon: int) -> Ridge | None:
        """Return the regression of a horizon; None: there are too few complete rows.

        Returns:
            Regression of the change over that many steps, in the unit of the series.
        """
        if horizon not in self._known:
            self._known[horizon] = self._regress(horizon)
        return self._known[horizon]

    def _regress(self, horizon: int) -> Ridge | None:
        values = self.window.values
        n = values.size - horizon
        if n <= 0:
            return None
        table = self.regressors(self.window)[:n]
        target = values[horizon:] - values[:n]
        complete = ~np.isnan(table).any(axis=1)
        n_columns = table.shape[1]
        if np.count_nonzero(complete) < n_columns + 3:
            return None
        penalties = np.where(np.arange(n_columns) < self.n_own, 0.0, self.penalty)
        return ridge(
            table[complete],
            target[complete],
            penalties,
            times=np.flatnonzero(complete).astype(np.float64),
            horizon=horizon,
        )
