"""Predictive distributions: a forecast is a Gaussian mixture, not a number."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import distributions
from .components import Components, stated_shapes
from .distributions import ShapeArrays
from .errors import DataError
from .mixture import mixture_cdf, mixture_moments, mixture_quantile, moments_of, shares

__all__ = [
    "QUANTILE_LEVELS",
    "ConfidenceInterval",
    "ProbabilisticForecast",
    "forecast_of_parts",
    "mixture_forecast",
]

QUANTILE_LEVELS = (0.1, 0.25, 0.5, 0.75, 0.9)
"""Levels of `ProbabilisticForecast.quantiles`."""


_Array = NDArray[np.float64]


@dataclass(frozen=True)
class ConfidenceInterval:
    """A central interval of a predictive distribution.

    Raises:
        DataError: The bounds are in the wrong order or not numbers.

    >>> ConfidenceInterval(1.0, 3.0).level
    0.8
    """

    lower: float
    upper: float
    level: float = 0.8

    def __post_init__(self) -> None:
        if not self.lower <= self.upper:
            raise DataError(f"an interval runs from low to high, got {self.lower} to {self.upper}")


_UNSET: tuple[float, ...] = (float("nan"),)


@dataclass(frozen=True)
class ProbabilisticForecast:
    """A predictive distribution: mean, variance, quantiles and the mixture behind them.

    Without `components` the distribution is the Gaussian of `mean` and `variance`.

    Args:
        mean: Expected value, in the unit of the series.
        variance: Variance, at least 0, in that unit squared.
        quantiles: Quantiles at `QUANTILE_LEVELS`, never decreasing. Left out, they are computed
            from the distribution when they are first asked for.
        components: Components of the mixture.

    Raises:
        DataError: The numbers are not finite, the variance is negative, or quantiles decrease.

    >>> forecast = ProbabilisticForecast(2.0, 1.0)
    >>> [round(q, 3) for q in forecast.quantiles]
    [0.718, 1.326, 2.0, 2.674, 3.282]
    """

    mean: float
    variance: float
    quantiles: tuple[float, ...] = field(default_factory=lambda: _UNSET)
    components: Components | None = None

    def __post_init__(self) -> None:
        if not (np.isfinite(self.mean) and np.isfinite(self.variance)) or self.variance < 0.0:
            raise DataError(
                f"a forecast needs a finite mean and a variance >= 0, got {self.mean} "
                f"and {self.variance}"
            )
        if self.quantiles is _UNSET:
            # Quantiles cost more than the rest of a round, and most rounds never ask for them.
            object.__delattr__(self, "quantiles")
        else:
            object.__setattr__(self, "quantiles", tuple(self.quantiles))
            if len(self.quantiles) != len(QUANTILE_LEVELS):
                raise DataError(f"quantiles at {QUANTILE_LEVELS} are wanted, got {self.quantiles}")
            if not all(a <= b for a, b in pairwise(self.quantiles)):
                raise DataError(f"quantiles decrease or are no numbers: {self.quantiles}")

    def __getattr__(self, name: str) -> Any:
        if name != "quantiles":
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        quantiles = tuple(self.quantile(QUANTILE_LEVELS).tolist())
        object.__setattr__(self, "quantiles", quantiles)
        return quantiles

    @classmethod
    def from_components(cls, components: Components) -> ProbabilisticForecast:
        """Return the forecast with the moments of a mixture (within plus between variance).

        Args:
            components: Components of the mixture, in the unit of the series.

        Returns:
            Forecast with these components.

        >>> c = Components([0.5, 0.5], [0.0, 2.0], [1.0, 1.0])
        >>> ProbabilisticForecast.from_components(c).variance
        2.0
        """
        mean, variance = mixture_moments(components.weights, components.means, components.scales)
        return cls(float(mean), float(variance), components=components)

    @property
    def moments(self) -> tuple[float, float]:
        """`(mean, variance)`."""
        return self.mean, self.variance

    @property
    def scale(self) -> float:
        """Standard deviation."""
        return float(np.sqrt(self.variance))

    def quantile(self, levels: float | Sequence[float]) -> NDArray[np.float64]:
        """Return the quantiles at some levels.

        Args:
            levels: Level or levels, strictly between 0 and 1.

        Returns:
            Quantiles, shape (level,), in the unit of the series.
        """
        wanted = np.atleast_1d(np.asarray(levels, dtype=np.float64))
        parts = self.components
        if parts is None:
            if self.variance == 0.0:
                return np.full(wanted.shape, self.mean)
            weights, means, scales = np.ones(1), np.array([self.mean]), np.array([self.scale])
        else:
            weights, means, scales = parts.weights, parts.means, parts.scales
            if parts.shapes is not None:
                return distributions.quantile(wanted, weights, means, scales, parts.shapes)
        return np.asarray(mixture_quantile(wanted, weights, means, scales), dtype=np.float64)

    def cdf(self, x: float) -> float:
        """Return the probability of values up to `x`, a mass at `x` itself included.

        Args:
            x: Values, in the unit of the series; infinities are allowed, NaN gives NaN.

        Returns:
            Probability in [0, 1].

        >>> ProbabilisticForecast(2.0, 1.0).cdf(2.0)
        0.5
        """
        return self._probability(x, strictly=False)

    def probability_below(self, x: float) -> float:
        """Return the probability of values below `x`, without a mass at `x` itself.

        The probability of more than `x` is `1 - cdf(x)`, that of `x` or more
        `1 - probability_below(x)`. They differ only where a forecaster states a mass.

        Args:
            x: Values, in the unit of the series; infinities are allowed, NaN gives NaN.

        Returns:
            Probability in [0, 1].

        >>> ProbabilisticForecast(2.0, 0.0).cdf(2.0)
        1.0
        >>> ProbabilisticForecast(2.0, 0.0).probability_below(2.0)
        0.0
        """
        return self._probability(x, strictly=True)

    def _probability(self, x: float, *, strictly: bool) -> float:
        parts = self.components
        if parts is not None:
            return parts.cdf(x, strictly=strictly)
        if self.variance > 0.0:
            return float(mixture_cdf(x, np.ones(1), np.array([self.mean]), np.array([self.scale])))
        if np.isnan(x):
            return float("nan")
        return float(self.mean < x if strictly else self.mean <= x)

    def calibrating(self, other: ProbabilisticForecast) -> ProbabilisticForecast:
        """Return another forecast, made from this one, with quantiles adapted as these are.

        A forecast whose quantiles are those of its mixture, such as this one, changes nothing.
        An aggregator that adapts quantiles returns a subclass that passes the adaption on.
        """
        return other

    def interval(self, level: float = 0.8) -> ConfidenceInterval:
        """Return the central interval of probability `level`, widened to hold the mean.

        A very skewed mixture can have its mean outside a narrow central interval; an interval
        that does not contain the forecast it belongs to would only confuse.

        Args:
            level: Probability of the interval before it is widened, strictly between 0 and 1.

        Returns:
            Interval with its bounds in the unit of the series.
        """
        lower, upper = self.quantile([(1.0 - level) / 2.0, (1.0 + level) / 2.0]).tolist()
        return ConfidenceInterval(min(lower, self.mean), max(upper, self.mean), level)


def mixture_forecast(
    weights: NDArray[np.float64],
    means: NDArray[np.float64],
    scales: NDArray[np.float64],
    labels: tuple[str, ...],
    shapes: ShapeArrays | None = None,
) -> ProbabilisticForecast:
    """Return `ProbabilisticForecast.from_components`, at a quarter of its cost.

    The game makes some ten forecasts per round, whose weights are shares and whose scales are above
    0 by construction. What may go wrong, numbers that are not finite, shows in the variance.

    Args:
        weights: Weights of the components, shape (component,), sum 1. This array and the next two
            must be new ones: they become read-only.
        means: Means of the components, shape (component,), in the unit of the series.
        scales: Standard deviations of the components, shape (component,), same unit, above 0.
        labels: Name of the forecaster that each component comes from.
        shapes: Distributions of the components that are not normal, leading axis (component,);
            None: all are normal.

    Returns:
        Forecast whose mean and variance are those of the mixture, in the unit of the series and in
        its square.

    Raises:
        DataError: The forecast is not finite.

    >>> one = mixture_forecast(np.ones(1), np.array([2.0]), np.array([3.0]), ("a",))
    >>> one.mean, one.variance
    (2.0, 9.0)
    """
    mean, variance = moments_of(shares(weights), means, scales)
    if not math.isfinite(variance):
        parts = Components(weights, means, scales, labels, shapes)
        return ProbabilisticForecast.from_components(parts)
    return forecast_of_parts(float(mean), float(variance), weights, means, scales, labels, shapes)


def forecast_of_parts(
    mean: float,
    variance: float,
    weights: NDArray[np.float64],
    means: NDArray[np.float64],
    scales: NDArray[np.float64],
    labels: tuple[str, ...],
    shapes: ShapeArrays | None = None,
) -> ProbabilisticForecast:
    """Return a forecast whose moments and components are known to fit together, unchecked.

    Args:
        mean: Mean of the mixture, in the unit of the series.
        variance: Variance of the mixture, in that unit squared, finite.
        weights: Weights of the components, shape (component,), sum 1.
        means: Means of the components, shape (component,), in the unit of the series.
        scales: Standard deviations of the components, shape (component,), same unit.
        labels: Name of the forecaster that each component comes from.
        shapes: Distributions of the components that are not normal, leading axis (component,);
            None: all are normal.

    Returns:
        Forecast with these moments and components, in the unit of the series.
    """
    parts = object.__new__(Components)
    # As `FrozenArray` keeps them.
    parts.__dict__.update(
        weights=weights.tobytes(),
        means=means.tobytes(),
        scales=scales.tobytes(),
        labels=labels,
        shapes=None if shapes is None else stated_shapes(shapes),
    )
    forecast = object.__new__(ProbabilisticForecast)
    forecast.__dict__.update(mean=mean, variance=variance, components=parts)
    return forecast
