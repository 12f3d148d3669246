"""A forecast made on a transformed scale, read and scored on the original one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fg_core.components import Components
from fg_core.errors import DataError
from fg_core.forecast import ConfidenceInterval, ProbabilisticForecast
from fg_core.mixture import mixture_cdf
from fg_core.scoring.logarithmic import log_score_mixture

from .maps import PredictiveMap

__all__ = ["TransformedForecast"]

_Parts = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]


@dataclass(frozen=True)
class TransformedForecast:
    """The predictive distribution of a series whose transform was forecast.

    Everything that it says is on the original scale: mean and variance are those of the series
    itself (not the transform's mean, mapped), and scores are in the unit of the series, so that
    they compare with those of forecasts made without a transform.

    Args:
        transformed: Forecast on the transformed scale, a mixture of normals or one normal.
        back: Map back to the original scale, as it was at the origin (`Transform.after`).

    Raises:
        DataError: The mean or the variance is too large for a number, or a component of the
            forecast is not normal.

    >>> from fg_core.transforms import ExpMap
    >>> doubled = TransformedForecast(ProbabilisticForecast(0.0, 1.0), ExpMap())
    >>> round(doubled.mean, 6), round(doubled.crps(1.0), 6), doubled.pit(1.0)
    (1.648721, 0.267405, 0.5)
    """

    transformed: ProbabilisticForecast
    back: PredictiveMap

    def __post_init__(self) -> None:
        if not (np.isfinite(self.mean) and np.isfinite(self.variance)):
            raise DataError(
                f"a forecast needs a finite mean and variance, on the original scale they are "
                f"{self.mean} and {self.variance}"
            )

    @cached_property
    def _parts(self) -> _Parts | None:
        """Weights, means and scales on the transformed scale; None for a single point."""
        parts = self.transformed.components
        if parts is not None and parts.shapes is not None:
            raise DataError(
                "a forecaster states a whole distribution of a transformed series, whose moments "
                "on the original scale are not known: let it return a mean and a scale"
            )
        if parts is not None:
            return parts.weights, parts.means, parts.scales
        if self.transformed.variance == 0.0:
            return None
        return np.ones(1), np.array([self.transformed.mean]), np.array([self.transformed.scale])

    @cached_property
    def moments(self) -> tuple[float, float]:
        """`(mean, variance)`, in the unit of the series and in that unit squared."""
        if self._parts is None:
            return float(self.back.to_original(self.transformed.mean)), 0.0
        mean, variance = self.back.moments(*self._parts)
        return float(mean), float(variance)

    @property
    def mean(self) -> float:
        """Expected value, in the unit of the series."""
        return self.moments[0]

    @property
    def variance(self) -> float:
        """Variance, in the unit of the series squared."""
        return self.moments[1]

    @property
    def scale(self) -> float:
        """Standard deviation, in the unit of the series."""
        return float(np.sqrt(self.variance))

    def quantile(self, levels: float | Sequence[float]) -> NDArray[np.float64]:
        """Return the quantiles at `levels`, shape (level,), in the unit of the series.

        They are those of the transformed forecast, mapped: one that adapts its quantiles keeps
        them.
        """
        found = self.back.to_original(self.transformed.quantile(levels))
        return np.asarray(found, dtype=np.float64)

    @cached_property
    def quantiles(self) -> tuple[float, ...]:
        """Quantiles at `QUANTILE_LEVELS`, never decreasing, in the unit of the series."""
        found = self.back.to_original(np.array(self.transformed.quantiles))
        return tuple(np.asarray(found, dtype=np.float64).tolist())

    def interval(self, level: float = 0.8) -> ConfidenceInterval:
        """Return the central interval of probability `level`, widened to hold the mean."""
        lower, upper = self.quantile([(1.0 - level) / 2.0, (1.0 + level) / 2.0]).tolist()
        return ConfidenceInterval(min(lower, self.mean), max(upper, self.mean), level)

    @property
    def components(self) -> Components | None:
        """Components of the forecast on the transformed scale; None: it has no parts."""
        return self.transformed.components

    def cdf(self, x: float) -> float:
        """Return the probability of values up to `x`.

        Args:
            x: Value, in the unit of the series.

        Returns:
            Probability in [0, 1].
        """
        return self.transformed.cdf(float(self.back.to_transformed(x)))

    def probability_below(self, x: float) -> float:
        """Return the probability of values below `x`, without a mass at `x` itself.

        Args:
            x: Value, in the unit of the series.

        Returns:
            Probability in [0, 1].
        """
        return self.transformed.probability_below(float(self.back.to_transformed(x)))

    def crps(self, value: float) -> float:
        """Return the continuous ranked probability score, in the unit of the series.

        Args:
            value: Value that was forecast, in the unit of the series; NaN gives NaN.

        Raises:
            DataError: `value` is infinite.
        """
        if self._parts is None:
            return abs(_known(value) - self.mean)
        return float(self.back.crps(*self._parts, _known(value)))

    def pit(self, value: float) -> float:
        """Return the probability of values up to `value`, between 0 and 1.

        Args:
            value: Value, in the unit of the series; NaN gives NaN.

        Raises:
            DataError: `value` is infinite.
        """
        known = _known(value)
        if self._parts is None:
            return float("nan") if np.isnan(known) else float(known >= self.mean)
        at = self.back.to_transformed(known)
        return float(mixture_cdf(at, *self._parts))

    def log_score(self, value: float) -> float:
        r"""Return minus the logarithm of the density, $-\log f(z) + \log T'(z)$ at $T(z) = y$.

        The unit is that of `fg_core.scoring.log_score_mixture`: it depends on the unit of the
        series, as the density does. Infinite for a value that cannot occur.

        Args:
            value: Value that was forecast, in the unit of the series; NaN gives NaN.

        Raises:
            DataError: `value` is infinite, or the forecast is a single point.
        """
        if self._parts is None:
            raise DataError("a forecast without spread has no density, so no log score")
        at = float(self.back.to_transformed(_known(value)))
        if at == -np.inf:
            return float("inf")
        return float(log_score_mixture(*self._parts, at) + self.back.log_slope(at))


def _known(value: float) -> float:
    number = float(value)
    if np.isinf(number):
        raise DataError(f"value must be finite, or NaN where it is unknown, got {number}")
    return number
