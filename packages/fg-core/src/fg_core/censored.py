"""A forecast whose values cannot fall below zero."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .components import Components
from .distributions.censored import censored_crps, censored_moments, censored_pit
from .forecast import QUANTILE_LEVELS, ConfidenceInterval, ProbabilisticForecast

__all__ = ["CensoredForecast"]


@dataclass(frozen=True)
class CensoredForecast:
    """The predictive distribution of a series that cannot fall below zero.

    What the forecast gives to values below zero is given to zero itself: mean, variance, quantiles,
    probabilities and scores are those of the censored distribution.

    Args:
        plain: Forecast before it is censored, in the unit of the series.

    >>> from fg_core import ProbabilisticForecast
    >>> demand = CensoredForecast(ProbabilisticForecast(0.0, 1.0))
    >>> demand.cdf(0.0), demand.probability_below(0.0), demand.quantile((0.1, 0.5)).tolist()
    (0.5, 0.0, [0.0, 0.0])
    >>> round(demand.mean, 6), round(demand.crps(0.0), 6), demand.pit(0.0)
    (0.398942, 0.116847, 0.25)
    """

    plain: ProbabilisticForecast

    @property
    def components(self) -> Components | None:
        """Components of the mixture before it is censored; None: it has no parts."""
        return self.plain.components

    @cached_property
    def _parts(self) -> Components | None:
        """Components of the forecast, one normal where it is no mixture; None for a point."""
        if self.plain.components is not None:
            return self.plain.components
        if self.plain.variance == 0.0:
            return None
        return Components(np.ones(1), np.array([self.plain.mean]), np.array([self.plain.scale]))

    @cached_property
    def moments(self) -> tuple[float, float]:
        """`(mean, variance)`, in the unit of the series and in that unit squared."""
        parts = self._parts
        if parts is None:
            return max(self.plain.mean, 0.0), 0.0
        mean, variance = censored_moments(parts.weights, parts.means, parts.scales, parts.shapes)
        return float(mean), float(variance)

    @property
    def mean(self) -> float:
        """Expected value, in the unit of the series, at least 0."""
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

        Args:
            levels: Level or levels, strictly between 0 and 1.

        Returns:
            Quantiles, at least 0; adapted where those of the plain forecast are.
        """
        return np.maximum(self.plain.quantile(levels), 0.0)

    @cached_property
    def quantiles(self) -> tuple[float, ...]:
        """Quantiles at `QUANTILE_LEVELS`, never decreasing, in the unit of the series."""
        return tuple(self.quantile(QUANTILE_LEVELS).tolist())

    def interval(self, level: float = 0.8) -> ConfidenceInterval:
        """Return the central interval of probability `level`, widened to hold the mean.

        Args:
            level: Probability of the interval before it is widened, strictly between 0 and 1.

        Returns:
            Interval with its bounds in the unit of the series.
        """
        lower, upper = self.quantile([(1.0 - level) / 2.0, (1.0 + level) / 2.0]).tolist()
        return ConfidenceInterval(min(lower, self.mean), max(upper, self.mean), level)

    def cdf(self, x: float) -> float:
        """Return the probability of values up to `x`, a mass at `x` itself included.

        Args:
            x: Value, in the unit of the series.

        Returns:
            Probability in [0, 1].
        """
        return 0.0 if x < 0.0 else self.plain.cdf(x)

    def probability_below(self, x: float) -> float:
        """Return the probability of values below `x`, without a mass at `x` itself.

        Args:
            x: Value, in the unit of the series.

        Returns:
            Probability in [0, 1]; 0 up to `x` = 0.
        """
        return 0.0 if x <= 0.0 else self.plain.probability_below(x)

    def crps(self, value: float) -> float:
        """Return the continuous ranked probability score, in the unit of the series.

        Args:
            value: Value that was forecast, in the unit of the series; NaN gives NaN.

        Returns:
            CRPS, at least 0.
        """
        parts = self._parts
        if parts is None:
            return abs(float(value) - self.mean)
        return float(
            censored_crps(parts.weights, parts.means, parts.scales, parts.shapes, float(value))
        )

    def pit(self, value: float, uniform: float = 0.5) -> float:
        """Return the probability integral transform; see `fg_core.distributions.pit`.

        Args:
            value: Value that was forecast, in the unit of the series; NaN gives NaN.
            uniform: Number in [0, 1], which matters at zero and other masses.

        Returns:
            Number in [0, 1].
        """
        parts = self._parts
        if parts is None:
            low, high = self.probability_below(value), self.cdf(value)
            return low + uniform * (high - low)
        own = parts.weights, parts.means, parts.scales, parts.shapes
        return float(censored_pit(*own, float(value), uniform))
