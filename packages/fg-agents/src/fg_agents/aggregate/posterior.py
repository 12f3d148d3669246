"""Posterior of a pool of pools at one moment, and the forecasts that follow from it."""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field
from operator import is_
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fg_core.batch import ForecastArrays
from fg_core.pooling import hedge_weights, ordered_sum

from .grid_learning import GridLearning, MemoryView
from .grid_memory import HorizonPosterior, take_lanes
from .grid_weights import GridWeights
from .pooled_forecast import Pooled

__all__ = ["PoolPosterior", "since"]

Array = NDArray[np.float64]
_REMEMBERED = 64
"""Forecasts that are kept because they will be asked for again: the game asks for the same one
when a print comes and when it turns out to have been true."""
_PATTERNS = 8
"""Patterns of presence whose weights are kept."""


class _Known:
    """Results that a posterior has computed; never copied, never saved."""

    def __init__(self) -> None:
        self.factors: dict[int, Array] = {}
        self.weights: dict[tuple[int, bytes], GridWeights] = {}
        self.pooled: dict[tuple[int, bytes, bytes], Pooled] = {}
        self.of_arrays: weakref.WeakKeyDictionary[ForecastArrays, dict[int, Pooled]]
        self.of_arrays = weakref.WeakKeyDictionary()


@dataclass(frozen=True, eq=False)
class PoolPosterior:
    """HorizonPosterior of all horizons.

    Args:
        learning: The rules.
        posterior: Posterior of each horizon.
    """

    learning: GridLearning
    posterior: Mapping[int, HorizonPosterior]
    _views: tuple[MemoryView, ...] = field(default=(), repr=False)
    _known: _Known = field(default_factory=_Known, init=False, repr=False)

    def __getstate__(self) -> dict[str, Any]:
        # Memories and what was computed from them stay behind.
        return {"learning": self.learning, "posterior": self.posterior}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, _views=(), _known=_Known())

    @classmethod
    def of(cls, learning: GridLearning, views: Mapping[int, MemoryView]) -> PoolPosterior:
        """Return the posterior given these memories; the same one again while it is in use.

        Returns:
            Posterior of each horizon.
        """
        own = tuple(views.values())
        registry = own[0].posteriors
        for reference in registry:
            known: PoolPosterior | None = reference()
            if known is not None and known._is_of(own):
                return known
        found = cls(learning, {h: view.posterior for h, view in views.items()}, own)
        registry[:] = [one for one in registry if one() is not None]
        registry.append(weakref.ref(found))
        return found

    def _is_of(self, views: tuple[MemoryView, ...]) -> bool:
        return len(views) == len(self._views) and all(map(is_, views, self._views))

    def take(self, lanes: NDArray[np.intp]) -> PoolPosterior:
        """Return the posterior in some lanes.

        Returns:
            Posterior whose lane i is lane `lanes[i]` of this one.
        """
        found = {h: take_lanes(posterior, lanes) for h, posterior in self.posterior.items()}
        return PoolPosterior(self.learning, found)

    # ----------------------------------------------------------------------------- forecasting

    def pooled(self, horizon: int, means: Array, stated_scales: Array) -> Pooled:
        """Return the forecast of one game as each pool makes it.

        Args:
            horizon: Steps ahead, in rounds.
            means: Means of the forecasters, (k,); NaN for the absent.
            stated_scales: Standard deviations that the forecasters state, (k,); NaN for a
                forecaster that states none.

        Returns:
            Forecast in the unit of the series, without a lane axis where the memory has none.
        """
        key = (horizon, means.tobytes(), stated_scales.tobytes())
        known = self._known.pooled.get(key)
        if known is None:
            if len(self._known.pooled) >= _REMEMBERED:
                self._known.pooled.clear()
            known = self._known.pooled[key] = self._pool(horizon, means, stated_scales)
        return known

    def pooled_array(self, horizon: int, forecast_arrays: ForecastArrays) -> Pooled:
        """Return the forecasts of many games as each pool makes them.

        They are kept as long as `forecast_arrays` is: it is part of the outcome that is learned
        from.

        Args:
            horizon: Steps ahead, in rounds.
            forecast_arrays: Expert forecasts of all games.

        Returns:
            Forecasts in the unit of the series, one lane per game.
        """
        of_these = self._known.of_arrays.setdefault(forecast_arrays, {})
        known = of_these.get(horizon)
        if known is None:
            known = of_these[horizon] = self._pool(
                horizon, forecast_arrays.means, forecast_arrays.stated_scales
            )
        return known

    def _pool(self, horizon: int, means: Array, stated_scales: Array) -> Pooled:
        own = self.posterior[horizon]
        scales = stated_scales[..., np.newaxis, :] * self._factor(horizon)
        silent = np.isnan(stated_scales)
        if np.count_nonzero(silent):
            seen = own.seen[..., np.newaxis, :]
            scales = np.where(silent[..., np.newaxis, :], seen, scales)
        present = ~np.isnan(means)
        if np.count_nonzero(present) < present.size:
            means = np.where(present, means, 0.0)
            scales = np.where(present[..., np.newaxis, :], scales, 1.0)
        # A stated scale of exactly 0 is no density; the smallest step there is stands in.
        smallest = np.abs(means)
        smallest *= 1e-12
        np.maximum(smallest, 1e-300, out=smallest)
        scales = np.maximum(scales, smallest[..., np.newaxis, :])
        return Pooled(means, stated_scales, present, scales, self.weighing(horizon, present))

    def _factor(self, horizon: int) -> Array:
        """Return the factor of stated scales, (..., d, k)."""
        known = self._known.factors.get(horizon)
        if known is not None:
            return known
        factor, x = self.posterior[horizon].factor, self.learning.grid.horizon_sharing
        shortest = min(self.posterior)
        if x > 0.0 and horizon != shortest:
            # The shortest horizon hears of a change first.
            factor = factor ** (1.0 - x) * self.posterior[shortest].factor ** x
        self._known.factors[horizon] = factor
        return factor

    # --------------------------------------------------------------------------------- weights

    def weighing(self, horizon: int, present: NDArray[np.bool_]) -> GridWeights:
        """Return the weights of forecasters and pools.

        Args:
            horizon: Steps ahead, in rounds.
            present: Forecasters that have a forecast, (..., k).

        Returns:
            Weights without a unit; see `GridWeights` for shapes.
        """
        if np.count_nonzero(present) == present.size:
            present = self.learning.members.everyone
        elif present.ndim > 1 and np.count_nonzero(present != present[0]) == 0:
            present = present[0]
        key = (horizon, present.tobytes())
        known = self._known.weights.get(key)
        if known is None:
            if len(self._known.weights) >= _PATTERNS:
                self._known.weights.clear()
            known = self._known.weights[key] = self._weigh(horizon, present)
        return known

    def _weigh(self, horizon: int, present: NDArray[np.bool_]) -> GridWeights:
        prior, alive = self.learning.members.prior(present)
        grid, own = self.learning.grid, self.posterior[horizon]
        weights: Array = prior * own.ratio
        total = ordered_sum(weights)[..., np.newaxis]
        everyone = int(np.count_nonzero(alive)) == alive.size
        if not everyone:
            total = np.where(total > 0.0, total, 1.0)
        weights *= (1.0 - grid.shrinkage) / total
        weights += grid.shrinkage * prior
        pools = hedge_weights(
            own.losses,
            [one.losses for one in self.posterior.values()],
            grid.eta,
            grid.loss_sharing,
            n_axes=4,
            among=None if everyone else alive[..., np.newaxis, np.newaxis, np.newaxis],
        )
        return GridWeights(weights, alive, pools, own.spread, grid.recalibrate)

    def weights(self, horizon: int) -> Array:
        """Return the weights in all pools together if all forecasters are present, (..., k).

        Returns:
            Shares between 0 and 1 that sum to one over forecasters.
        """
        total = self.weighing(horizon, self.learning.members.everyone).total
        return np.asarray(total / ordered_sum(total)[..., np.newaxis], dtype=np.float64)


def since(
    oldest: int, entries: tuple[tuple[int | None, PoolPosterior], ...]
) -> tuple[tuple[int | None, PoolPosterior], ...]:
    """Return the posteriors that forecasts of origins from `oldest` on were made with.

    Args:
        oldest: Origin of the oldest forecast whose target is not revealed.
        entries: Pairs of the period of the last target that was learned (None: none yet) and the
            posterior after it, oldest first.

    Returns:
        Pairs as in `entries`, those that are still needed.
    """
    first = 0
    for i, (t, _) in enumerate(entries):
        if t is None or t <= oldest:
            first = i
    return entries[first:]
