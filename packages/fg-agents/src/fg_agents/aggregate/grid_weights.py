r"""Weights of pools and forecasters, and what the mixture of all pools is made of.

Nothing here depends on what the forecasters say, but for which of them have a forecast at all:
where a thousand lanes share what was learned, it is computed once for all of them.

Pool p is the mixture of its forecasters' normals, drawn together or apart around its own mean
$c_p$ by its recalibration $g_p$, and it also runs as it is ($g = 1$). In all pools together
forecaster i has weight, mean and variance as in `fg_core.pooling.moment_match`, of which this is
the arithmetic for a grid: with the share $a_{p,i}$ that the recalibrated pool p has in the weight
of forecaster i, and the share $b_i$ of all pools that are as they are,

$$m_i^* = m_i + e_i, \qquad e_i = \sum_p a_{p,i} (g_p - 1)(m_i - c_p),$$
$$s_i^{*2} = \sum_d h_{d,i} s_{d,i}^2
    + \sum_p a_{p,i} \{(g_p - 1)(m_i - c_p) - e_i\}^2 + b_i e_i^2,$$

where $h_{d,i}$ sums the shares, times the squares of their factors, over the pools that believe the
scale $s_{d,i}$.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fg_core.batch.lazy import lazy
from fg_core.pooling import ordered_rows, ordered_sum

from .lanes import Lanes, n_lanes, rows

__all__ = ["GridWeights", "over_pools"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class GridWeights:
    """Weights in forecasts that certain forecasters have part in.

    Args:
        forecasters: Weights of the forecasters in the pools, (..., s, d, t, k); rows of sum 1, or
            all zero in a set without a forecaster.
        alive: Sets that have a member with a forecast, (..., s).
        pools: Weights of the pools, (..., s, d, t, r); sum 1, zero for sets without a forecaster.
        spread: Recalibration, (..., s, d, t).
        recalibrate: Whether each entry of r is recalibrated.
    """

    forecasters: Array
    alive: NDArray[np.bool_]
    pools: Array
    spread: Array
    recalibrate: tuple[bool, ...]

    @lazy
    def lanes(self) -> int:
        """Number of lanes that the weights tell apart; 1: they are the same in all lanes."""
        return max(n_lanes(self.forecasters, 4), n_lanes(self.pools, 4), n_lanes(self.spread, 3))

    def take(self, lanes: Lanes) -> GridWeights:
        """Return the weights of some lanes; those that are the same in all lanes as they are.

        Returns:
            Weights whose lanes are those chosen, in that order.
        """
        if self.lanes == 1:
            return self
        return GridWeights(
            rows(self.forecasters, 4, lanes),
            self.alive[lanes] if n_lanes(self.alive, 1) > 1 else self.alive,
            rows(self.pools, 4, lanes),
            rows(self.spread, 3, lanes),
            self.recalibrate,
        )

    @lazy
    def total(self) -> Array:
        """The forecasters' weights in all pools together, (..., k)."""
        return over_pools(self._of_pools[..., np.newaxis] * self.forecasters)

    @lazy
    def _of_pools(self) -> Array:
        """The weights of the pools, recalibrated or not, (..., s, d, t)."""
        return ordered_sum(self.pools)

    @lazy
    def _shares(self) -> tuple[Array | None, Array | None]:
        """Shares in the forecasters' weights of the pools that are drawn, and of the others."""
        total = self.total
        some = total > 0.0
        if np.count_nonzero(some) < some.size:
            total = np.where(some, total, 1.0)
        in_total = self.forecasters / total[..., np.newaxis, np.newaxis, np.newaxis, :]
        drawn = plain = None
        for i, is_drawn in enumerate(self.recalibrate):
            share = self.pools[..., i, np.newaxis] * in_total
            drawn, plain = (share, plain) if is_drawn else (drawn, share)
        return drawn, plain

    @lazy
    def _drawn(self) -> tuple[Array, Array, Array] | None:
        """a, (..., p, k), g - 1, (..., p, 1), and b, (..., k); None where no pool is drawn."""
        drawn, plain = self._shares
        if drawn is None:
            return None
        shape = (*drawn.shape[:-4], -1, drawn.shape[-1])
        rest = np.zeros(1) if plain is None else over_pools(plain)
        pull = (self.spread - 1.0).reshape((*self.spread.shape[:-3], -1, 1))
        return drawn.reshape(shape), pull, rest

    @lazy
    def _within(self) -> Array:
        """h, (..., d, k)."""
        drawn, plain = self._shares
        terms: Array | float = 0.0 if plain is None else plain
        if drawn is not None:
            terms = terms + drawn * np.square(self.spread)[..., np.newaxis]
        n_sets, n_temperatures = self.forecasters.shape[-4], self.forecasters.shape[-2]
        parts = [(i, j) for i in range(n_sets) for j in range(n_temperatures)]
        found = np.asarray(terms)[..., 0, :, 0, :]
        for i, j in parts[1:]:
            found = found + np.asarray(terms)[..., i, :, j, :]
        return found

    @lazy
    def somebody(self) -> bool:
        """Whether a forecaster of a pool has a forecast, in every lane."""
        return bool(self.alive.any(axis=-1).all())

    def mixture(self, means: Array, centres: Array, scales: Array) -> tuple[Array, Array, Array]:
        """Return weights, means and scales of one component per forecaster.

        Args:
            means: Means of the forecasters, (..., k), in the unit of the series; any where absent.
            centres: Means of the pools, (..., s, d, t).
            scales: Standard deviations of the forecasters, (..., d, k).

        Returns:
            Three arrays of shape (..., k), whose lanes broadcast. Where the weight is 0, the mean
            is the forecaster's and the scale 1.
        """
        variance = ordered_rows(self._within * np.square(scales))
        if self._drawn is not None:
            drawn, pull, rest = self._drawn
            of_pools = centres.reshape((*centres.shape[:-3], -1, 1))
            # As distances from the forecaster's own mean: sums of numbers of one size lose no
            # digits.
            moved = means[..., np.newaxis, :] - of_pools
            moved = pull * moved
            shift = ordered_rows(drawn * moved)
            moved = moved - shift[..., np.newaxis, :]
            moved *= moved
            variance = variance + ordered_rows(drawn * moved)
            variance += rest * np.square(shift)
            means = means + shift
        some = self.total > 0.0
        if np.count_nonzero(some) < some.size:
            variance = np.where(some, variance, 1.0)
        return self.total, means, np.sqrt(variance)


def over_pools(terms: Array) -> Array:
    """Return the sums over the pools, strictly in their order.

    Args:
        terms: Terms of shape (..., s, d, t, k).

    Returns:
        Shape (..., k).
    """
    return ordered_rows(terms.reshape((*terms.shape[:-4], -1, terms.shape[-1])))
