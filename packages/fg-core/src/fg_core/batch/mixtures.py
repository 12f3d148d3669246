"""The forecasts of many games: mixtures as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fg_core import distributions
from fg_core.distributions import ShapeArrays
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
        shapes: Distributions of the components that are not normal, leading axes (game,
            component); None: all are normal.

    >>> one = MixtureArrays(np.array([[0.5, 0.5]]), np.array([[0.0, 2.0]]), np.ones((1, 2)))
    >>> one.mean.tolist(), one.variance.tolist()
    ([1.0], [2.0])
    """

    weights: Array
    means: Array
    scales: Array
    labels: Sequence[str] = ()
    present: NDArray[np.bool_] | None = None
    shapes: ShapeArrays | None = None

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
            stated = None if self.shapes is None else self.shapes.row(i)
            if stated is not None and not here.all():
                stated = stated.take(np.flatnonzero(here))
            parts = Components(
                weights[here], means[here], scales[here], tuple(labels[here]), stated
            )
            found.append(
                ProbabilisticForecast(
                    float(self.mean[i]), float(self.variance[i]), components=parts
                )
            )
        return tuple(found)

    def shifted(self, bias: Array | float) -> MixtureArrays:
        """Return the forecasts moved by `bias`, shape (game,) or one number."""
        if isinstance(bias, float) and bias == 0.0:
            return self
        moved = self.means + np.asarray(bias)[..., np.newaxis]
        scales, shapes = distributions.shifted(
            self.scales, self.shapes, np.asarray(bias)[..., np.newaxis]
        )
        return MixtureArrays(self.weights, moved, scales, self.labels, self.present, shapes)

    # --------------------------------------------------------------- probabilities and scores

    def cdf(self, x: Array | float) -> Array:
        """Return probabilities of values up to `x`, a mass at `x` included, shape (game,).

        Args:
            x: Shape (game,) or one number, in the unit of the series.
        """
        return np.asarray(distributions.cdf(x, *self._mixture))

    def probability_below(self, x: Array | float) -> Array:
        """Return probabilities of values below `x`, without a mass at `x`, shape (game,).

        Args:
            x: Shape (game,) or one number, in the unit of the series.
        """
        return np.asarray(distributions.cdf(x, *self._mixture, strictly=True))

    def quantile(self, levels: ArrayLike) -> Array:
        """Return quantiles, shape (game, level), in the unit of the series.

        Args:
            levels: Shape (level,), strictly between 0 and 1.
        """
        return distributions.quantile(levels, *self._mixture)

    def crps(self, value: Array) -> Array:
        """Return the CRPS for what happened, shape (game,); NaN gives NaN."""
        with np.errstate(over="ignore"):
            return np.asarray(distributions.crps(*self._mixture, value))

    def pit(self, value: Array, uniform: Array | float = 0.5) -> Array:
        """Return the probability integral transform, shape (game,); see `pit_score`."""
        return np.asarray(distributions.pit(value, *self._mixture, uniform))

    @property
    def _mixture(self) -> tuple[Array, Array, Array, ShapeArrays | None]:
        return self.shares, self.means, self.scales, self.shapes
