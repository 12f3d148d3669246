"""A forecast as each pool of a grid makes it; axes as in `grid_memory`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fg_core.batch.lazy import lazy
from fg_core.pooling import ordered_dot

from .grid_weights import GridWeights
from .lanes import Lanes, blocks, joined, n_lanes, rows

__all__ = ["Pooled"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Pooled:
    """A forecast as each pool makes it.

    Args:
        means: Means of the forecasters, (..., k); 0 for the absent.
        stated_scales: The scales that the forecasters had stated, (..., k); NaN where there is
            none.
        present: Forecasters that have a forecast, (..., k).
        scales: Standard deviations that the pools believe, (..., d, k); 1 for the absent.
        weighing: Weights of forecasters and pools.
    """

    means: Array
    stated_scales: Array
    present: NDArray[np.bool_]
    scales: Array
    weighing: GridWeights

    @lazy
    def centres(self) -> Array:
        """Means of the pools, (..., s, d, t); 0 for those of no set that is alive."""
        own = self.means[..., np.newaxis, np.newaxis, np.newaxis, :]
        return ordered_dot(self.weighing.forecasters, own)

    @lazy
    def variances(self) -> Array:
        """Variances of the pools, within plus between forecasters, before any recalibration.

        Shape (..., s, d, t); 1 for those of no set that is alive.
        """
        own = self.means[..., np.newaxis, np.newaxis, np.newaxis, :]
        away = own - self.centres[..., np.newaxis]
        away *= away
        # Not in place: scales or weights may be those of lanes although the means are of one.
        away = away + np.square(self.scales)[..., np.newaxis, :, np.newaxis, :]
        found = ordered_dot(self.weighing.forecasters, away)
        alive = self.weighing.alive
        if np.count_nonzero(alive) == alive.size:
            return found
        return np.where(alive[..., np.newaxis, np.newaxis], found, 1.0)

    @lazy
    def mixture(self) -> tuple[Array, Array, Array]:
        """Weights, means and scales of all pools together, a component per forecaster: (..., k)."""
        weighing, where = self.weighing, []
        if self.lanes > 1:
            where = blocks(self.lanes, int(np.prod(weighing.forecasters.shape[-4:])))
        if len(where) < 2:
            return weighing.mixture(self.means, self.centres, self.scales)
        parts = [self.take(lanes).mixture for lanes in where]
        weights, means, scales = (joined(each, 1, where) for each in zip(*parts, strict=True))
        return weights, means, scales

    @lazy
    def lanes(self) -> int:
        """Number of lanes that the forecast tells apart; 1: it is the same in all lanes."""
        said = max(n_lanes(self.means, 1), n_lanes(self.scales, 2))
        return max(said, self.weighing.lanes)

    def take(self, lanes: Lanes) -> Pooled:
        """Return the forecast in some lanes, with all that is known of it already.

        Returns:
            Forecast whose lanes are those chosen, in that order.
        """
        found = Pooled(
            rows(self.means, 1, lanes),
            rows(self.stated_scales, 1, lanes),
            self.present[lanes] if n_lanes(self.present, 1) > 1 else self.present,
            rows(self.scales, 2, lanes),
            self.weighing.take(lanes),
        )
        for name in {"centres", "variances"} & self.__dict__.keys():
            found.__dict__[name] = rows(self.__dict__[name], 3, lanes)
        return found
