r"""Maps from the transformed scale to the original one, for values and for mixtures of normals.

A map is continuous and increasing, $y = T(z)$. So a quantile maps to the quantile, $F(y)$ is the
probability of values up to $T^{-1}(y)$, and the density is that of $z$ over $T'(z)$. Moments and
CRPS have to be those of the original scale: the mean of $T(Z)$ is not $T$ of the mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike

from fg_core._numeric import FloatArray, as_floats, finite
from fg_core.errors import ConfigError
from fg_core.mixture import mixture_moments
from fg_core.scoring.crps import crps_mixture
from fg_core.scoring.lognormal import crps_lognormal_mixture, lognormal_mixture_moments
from fg_core.transcendental import exp, log

__all__ = ["AffineMap", "ExpMap", "PredictiveMap"]


@runtime_checkable
class PredictiveMap(Protocol):
    """An increasing map from the transformed scale to the original one.

    `moments` and `crps` are told the mixture of normals on the transformed scale, components on
    the last axis; everything else is elementwise.
    """

    def to_original(self, transformed: ArrayLike) -> FloatArray:
        """Return values of the series, in its unit."""

    def to_transformed(self, original: ArrayLike) -> FloatArray:
        """Return the inverse; minus infinity for values below all that the map reaches."""

    def log_slope(self, transformed: ArrayLike) -> FloatArray:
        """Return the logarithm of the derivative of `to_original`."""

    def moments(
        self, weights: ArrayLike, means: ArrayLike, scales: ArrayLike
    ) -> tuple[FloatArray, FloatArray]:
        """Return mean and variance of the series, in its unit and in that unit squared."""

    def crps(
        self, weights: ArrayLike, means: ArrayLike, scales: ArrayLike, value: ArrayLike
    ) -> FloatArray:
        """Return the CRPS of what happened, in the unit of the series; NaN gives NaN."""


@dataclass(frozen=True)
class ExpMap:
    r"""The map back from logarithms, $y = e^z - c$.

    Args:
        offset: $c$, in the unit of the series, finite.

    Raises:
        ConfigError: The offset is not finite.

    >>> float(ExpMap(1.0).to_original(0.0))
    0.0
    """

    offset: float = 0.0

    def __post_init__(self) -> None:
        if not np.isfinite(self.offset):
            raise ConfigError(f"the offset of a logarithm must be finite, got {self.offset!r}")

    def to_original(self, transformed: ArrayLike) -> FloatArray:
        """Return values of the series, in its unit; infinite where they are too large."""
        with np.errstate(over="ignore"):
            return (exp(as_floats("transformed", transformed)) - self.offset)[()]

    def to_transformed(self, original: ArrayLike) -> FloatArray:
        """Return logarithms; minus infinity for values at or below -`offset`, NaN for NaN."""
        shifted = as_floats("original", original) + self.offset
        with np.errstate(divide="ignore"):
            return log(np.maximum(shifted, 0.0))[()]

    def log_slope(self, transformed: ArrayLike) -> FloatArray:
        """Return the logarithm of the derivative, which is z itself."""
        return as_floats("transformed", transformed)[()]

    def moments(
        self, weights: ArrayLike, means: ArrayLike, scales: ArrayLike
    ) -> tuple[FloatArray, FloatArray]:
        """Return mean and variance of the series, in its unit and in that unit squared.

        Raises:
            DataError: A parameter is out of range, or a moment too large for a number.
        """
        mean, variance = lognormal_mixture_moments(weights, means, scales)
        return mean - self.offset, variance

    def crps(
        self, weights: ArrayLike, means: ArrayLike, scales: ArrayLike, value: ArrayLike
    ) -> FloatArray:
        """Return the CRPS in the unit of the series; see `crps_lognormal_mixture`.

        Raises:
            DataError: A parameter is out of range, or shapes do not fit.
        """
        shifted = as_floats("value", value) + self.offset
        return crps_lognormal_mixture(weights, means, scales, shifted)


@dataclass(frozen=True)
class AffineMap:
    r"""The straight line $y = y_0 + b (z - z_0)$: a mixture of normals stays one.

    Args:
        level: $y_0$, in the unit of the series; a number, or shape (...) for many forecasts.
        slope: $b > 0$, in that unit per unit of z, alike.
        base: $z_0$, on the transformed scale, alike.

    Raises:
        DataError: A number is not finite.
        ConfigError: A slope is not above 0.

    >>> float(AffineMap(10.0, 2.0, 1.0).to_original(1.5))
    11.0
    """

    level: Any
    slope: Any
    base: Any = 0.0

    def __post_init__(self) -> None:
        for name in ("level", "slope", "base"):
            finite(name, getattr(self, name))
        if not (np.asarray(self.slope) > 0.0).all():
            raise ConfigError(f"the slope of a map must be above 0, got {self.slope!r}")

    def to_original(self, transformed: ArrayLike) -> FloatArray:
        """Return values of the series, in its unit."""
        z = as_floats("transformed", transformed)
        return np.asarray(self.level + self.slope * (z - self.base))[()]

    def to_transformed(self, original: ArrayLike) -> FloatArray:
        """Return values on the transformed scale."""
        y = as_floats("original", original)
        return np.asarray(self.base + (y - self.level) / self.slope)[()]

    def log_slope(self, transformed: ArrayLike) -> FloatArray:
        """Return the logarithm of the slope, in the shape of the argument."""
        z = as_floats("transformed", transformed)
        return (log(np.asarray(self.slope, dtype=np.float64)) + np.zeros_like(z))[()]

    def _mapped(self, means: ArrayLike, scales: ArrayLike) -> tuple[FloatArray, FloatArray]:
        level, slope, base = (
            np.asarray(number, dtype=np.float64)[..., np.newaxis]
            for number in (self.level, self.slope, self.base)
        )
        m, s = as_floats("means", means), as_floats("scales", scales)
        return level + slope * (m - base), slope * s

    def moments(
        self, weights: ArrayLike, means: ArrayLike, scales: ArrayLike
    ) -> tuple[FloatArray, FloatArray]:
        """Return mean and variance of the series, in its unit and in that unit squared.

        Raises:
            DataError: A parameter is out of range.
        """
        return mixture_moments(weights, *self._mapped(means, scales))

    def crps(
        self, weights: ArrayLike, means: ArrayLike, scales: ArrayLike, value: ArrayLike
    ) -> FloatArray:
        """Return the CRPS in the unit of the series; see `crps_mixture`.

        Raises:
            DataError: A parameter is out of range, or shapes do not fit.
        """
        return crps_mixture(weights, *self._mapped(means, scales), value)
