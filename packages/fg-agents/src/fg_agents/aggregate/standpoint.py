"""What a pool of pools believes at one moment, and the forecasts that follow from it."""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fg_core.pooling import by_forecaster, setting_weights

from .grid_learning import GridLearning, MemoryView, Pooled
from .grid_memory import Beliefs

__all__ = ["Standpoint"]

Array = NDArray[np.float64]
_REMEMBERED = 64
"""Forecasts that are kept because they will be asked for again: the game asks for the same one
when a print comes and when it turns out to have been true."""


@dataclass(frozen=True, eq=False)
class Standpoint:
    """Beliefs of all horizons.

    Args:
        learning: The rules.
        beliefs: What is believed, by horizon.
    """

    learning: GridLearning
    beliefs: Mapping[int, Beliefs]
    _views: tuple[MemoryView, ...] = field(default=(), repr=False)
    _pooled: dict[tuple[int, bytes, bytes], Pooled] = field(default_factory=dict, init=False)

    def __getstate__(self) -> dict[str, Any]:
        # Memories and what was computed from them stay behind.
        return {**self.__dict__, "_views": (), "_pooled": {}}

    @classmethod
    def of(cls, learning: GridLearning, views: Mapping[int, MemoryView]) -> Standpoint:
        """Return what is believed with these memories; the same one again while it is in use."""
        own = tuple(views.values())
        registry: weakref.WeakSet[Standpoint] = own[0].standpoints
        for known in registry:
            if all(a is b for a, b in zip(known._views, own, strict=True)):
                return known
        found = cls(learning, {h: view.beliefs for h, view in views.items()}, own)
        registry.add(found)
        return found

    def pooled(self, horizon: int, means: Array, claimed: Array) -> Pooled:
        """Return the forecast as each pool makes it.

        Args:
            horizon: In rounds.
            means: Of the forecasters, (k,); NaN for the absent.
            claimed: Their standard deviations; NaN for one who claims none.
        """
        key = (horizon, means.tobytes(), claimed.tobytes())
        known = self._pooled.get(key)
        if known is not None:
            return known
        own, x = self.beliefs[horizon], self.learning.grid.horizon_sharing
        factor = own.factor
        shortest = min(self.beliefs)
        if x > 0.0 and horizon != shortest:
            # The shortest horizon hears of a change first.
            factor = factor ** (1.0 - x) * self.beliefs[shortest].factor ** x
        scales = np.where(np.isnan(claimed), own.seen, claimed * factor)
        present = ~np.isnan(means)
        if np.count_nonzero(present) < present.size:
            means, scales = np.where(present, means, 0.0), np.where(present, scales, 1.0)
        # A claim of exactly no uncertainty is no density; the smallest step there is stands in.
        scales = np.maximum(scales, np.maximum(1e-12 * np.abs(means), 1e-300))
        weights, alive = self._weights(own.ratio, present)
        centres = (weights * means).sum(axis=-1)
        away = means - centres[..., np.newaxis]
        away *= away
        away += np.square(scales)[:, np.newaxis, :]
        away *= weights
        variances = away.sum(axis=-1)
        if not alive.all():
            variances = np.where(alive[:, np.newaxis, np.newaxis], variances, 1.0)
        found = Pooled(means, present, scales, weights, alive, centres, variances, own.spread)
        if len(self._pooled) >= _REMEMBERED:
            self._pooled.clear()
        self._pooled[key] = found
        return found

    def _weights(self, ratio: Array, present: NDArray[np.bool_]) -> tuple[Array, NDArray[np.bool_]]:
        """Return the weights of those present in each pool, and which sets have any."""
        prior, alive = self.learning.members.prior(present)
        shrinkage = self.learning.grid.shrinkage
        weights = prior * ratio
        total = weights.sum(axis=-1, keepdims=True)
        weights *= (1.0 - shrinkage) / np.where(total > 0.0, total, 1.0)
        weights += shrinkage * prior
        return weights, alive

    def pool_weights(self, horizon: int, alive: NDArray[np.bool_]) -> Array:
        """Return the weights of the pools, (s, d, t, r); zero for those of sets without members.

        Args:
            horizon: In rounds.
            alive: Sets that have a member with a forecast, (s,).
        """
        own = self.beliefs[horizon].losses
        others = [one.losses for one in self.beliefs.values()]
        grid = self.learning.grid
        if alive.all():
            return setting_weights(own, others, grid.eta, grid.loss_sharing)
        whole = np.zeros(own.shape)
        others = [losses[alive] for losses in others]
        whole[alive] = setting_weights(own[alive], others, grid.eta, grid.loss_sharing)
        return whole

    def mixture(self, horizon: int, pooled: Pooled) -> tuple[Array, Array, Array]:
        """Return weights, means and scales of all pools together, one component a forecaster.

        Args:
            horizon: In rounds.
            pooled: The forecast as each pool makes it; one set or more must be alive.
        """
        if pooled.mixture is None:
            found = by_forecaster(
                self.pool_weights(horizon, pooled.alive),
                pooled.weights[..., np.newaxis, :],
                pooled.means,
                pooled.scales[:, np.newaxis, np.newaxis, :],
                self.learning.widths(pooled.spread),
            )
            object.__setattr__(pooled, "mixture", found)
            return found
        return pooled.mixture

    def weights(self, horizon: int) -> Array:
        """Return the forecasters' weights in all pools together if everyone is there, (k,)."""
        weights, alive = self._weights(self.beliefs[horizon].ratio, self.learning.members.everyone)
        of_pools = self.pool_weights(horizon, alive).sum(axis=-1)[..., np.newaxis]
        found = (of_pools * weights).sum(axis=(0, 1, 2))
        return np.asarray(found / found.sum(), dtype=np.float64)
