"""The forecasts of many games: Gaussian mixtures as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fg_core.forecast import Components, ProbabilisticForecast
from fg_core.mixture import moments_of, shares

from .lazy import lazy

__all__ = ["MixtureArrays"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class MixtureArrays:
    """As `ProbabilisticForecast` with components, one a game; arrays of shape (game, component).

    A component that a game's forecast does not have has weight 0, mean 0 and scale 1 there.

    Args:
        weights: At least 0, sum 1.
        means: In the unit of the series.
        scales: Above 0.
        labels: Names of the components.
        present: Which components each game's forecast has; None: all.

    >>> one = MixtureArrays(np.array([[0.5, 0.5]]), np.array([[0.0, 2.0]]), np.ones((1, 2)))
    >>> one.mean.tolist(), one.variance.tolist()
    ([1.0], [2.0])
    """

    weights: Array
    means: Array
    scales: Array
    labels: Sequence[str] = ()
    present: NDArray[np.bool_] | None = None

    @lazy
    def shares(self) -> Array:
        """The weights, divided by their sum."""
        return shares(self.weights)

    @lazy
    def _moments(self) -> tuple[Array, Array]:
        return moments_of(self.shares, self.means, self.scales)

    @property
    def mean(self) -> Array:
        """Expected values, shape (game,), in the unit of the series."""
        return self._moments[0]

    @property
    def variance(self) -> Array:
        """Variances, shape (game,), in that unit squared."""
        return self._moments[1]

    @lazy
    def scale(self) -> Array:
        """Standard deviations, shape (game,)."""
        return np.asarray(np.sqrt(self.variance), dtype=np.float64)

    @lazy
    def each(self) -> tuple[ProbabilisticForecast, ...]:
        """The forecast of each game, for agents without an array form."""
        labels = np.array(self.labels, dtype=object)
        found = []
        rows = zip(self.weights, self.means, self.scales, strict=True)
        for i, (weights, means, scales) in enumerate(rows):
            here = np.full(weights.shape, True) if self.present is None else self.present[i]
            parts = Components(weights[here], means[here], scales[here], tuple(labels[here]))
            found.append(
                ProbabilisticForecast(
                    float(self.mean[i]), float(self.variance[i]), components=parts
                )
            )
        return tuple(found)

    def take(self, lanes: NDArray[np.intp]) -> MixtureArrays:
        """Return the forecasts of some games.

        Args:
            lanes: Rows of the games that are wanted, in any order, also more than once.
        """
        present = None if self.present is None else self.present[lanes]
        return replace(
            self,
            weights=self.weights[lanes],
            means=self.means[lanes],
            scales=self.scales[lanes],
            present=present,
        )

    def shifted(self, bias: Array | float) -> MixtureArrays:
        """Return the forecasts moved by `bias`, shape (game,) or one number."""
        if isinstance(bias, float) and bias == 0.0:
            return self
        moved = self.means + np.asarray(bias)[..., np.newaxis]
        return MixtureArrays(self.weights, moved, self.scales, self.labels, self.present)
