"""The past of a series as columns of a regression, the same for a fit and for one state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ._reduction import FloatArray

__all__ = ["ChangeLags", "Lags", "LevelLags"]


class Lags(Protocol):
    """Columns of a regression that are of the series itself.

    `reach` is how many values before the origin they need; `columns` makes them, each of shape
    (origin,), for origins `at`, indices into `series` that are at least `reach`.
    """

    @property
    def reach(self) -> int: ...
    def columns(
        self, series: FloatArray, at: NDArray[np.int_], horizon: int
    ) -> list[FloatArray]: ...


@dataclass(frozen=True)
class LevelLags:
    r"""The last values, $z_t, \dots, z_{t-p+1}$, latest first.

    Args:
        count: $p$.

    >>> LevelLags(2).columns(np.array([1.0, 2.0, 4.0]), np.array([1, 2]), 1)
    [array([2., 4.]), array([1., 2.])]
    """

    count: int

    @property
    def reach(self) -> int:
        """Values before the origin."""
        return self.count - 1

    def columns(self, series: FloatArray, at: NDArray[np.int_], horizon: int) -> list[FloatArray]:  # noqa: ARG002
        """Return the columns, the same for every horizon."""
        return [series[at - k] for k in range(self.count)]


@dataclass(frozen=True)
class ChangeLags:
    r"""The value, and how far it is from earlier ones.

    $z_t$; $z_t - z_{t-k}$ for $k = 1, \dots, p$; and with a season of $m$ periods $z_t - z_{t-m}$
    and, for a horizon that is no multiple of $m$, the seasonal naive forecast of the change,
    $z_{t + r - m} - z_t$ with $r = h \bmod m$. A tree that cuts at one number sees a change over
    $k$ periods in one cut, where it would need many of the values themselves.

    Args:
        count: $p$.
        season: $m$; 1: none.

    >>> series = np.array([0.0, 1.0, 4.0, 9.0])
    >>> [column.tolist() for column in ChangeLags(1, season=3).columns(series, np.array([3]), 1)]
    [[9.0], [5.0], [9.0], [-8.0]]
    """

    count: int
    season: int = 1

    @property
    def reach(self) -> int:
        """Values before the origin."""
        return max(self.count, self.season if self.season > 1 else 0)

    def columns(self, series: FloatArray, at: NDArray[np.int_], horizon: int) -> list[FloatArray]:
        """Return the columns for a horizon."""
        now = series[at]
        found = [now, *(now - series[at - k] for k in range(1, self.count + 1))]
        if self.season > self.count:
            found.append(now - series[at - self.season])
        if self.season > 1 and horizon % self.season:
            found.append(series[at + horizon % self.season - self.season] - now)
        return found
