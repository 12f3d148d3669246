"""Transforms of a series: to the scale that it is forecast on, and back."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, replace
from typing import Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike

from fg_core._numeric import FloatArray, finite
from fg_core.errors import ConfigError, DataError
from fg_core.transcendental import log
from fg_core.window import TrainingWindow

from .maps import AffineMap, ExpMap, PredictiveMap

__all__ = ["LogTransform", "StandardisedChanges", "Transform"]


@runtime_checkable
class Transform(Protocol):
    """An invertible transform of a series; a frozen value."""

    @property
    def name(self) -> str:
        """Name of the transform."""

    @property
    def pointwise(self) -> bool:
        """Whether a number depends on the value of its own period alone.

        Then `forward` takes arrays of any shape, and `after` gives the same map after any past.
        """

    def fit(self, window: TrainingWindow) -> Self:
        """Return the transform with what it takes from the past (a scale, a level), for good.

        Raises:
            DataError: The series cannot be transformed.
        """

    def forward(self, values: ArrayLike) -> FloatArray:
        """Return a path on the transformed scale, oldest first, shape (time,).

        Each number depends on values up to its own period alone: nothing of the future is in it.
        """

    def inverse(self, transformed: ArrayLike) -> FloatArray:
        """Return the path, shape (time,), in the unit of the series."""

    def after(self, values: ArrayLike) -> PredictiveMap:
        """Return the map of forecasts made after the last of these values, for all horizons."""


@dataclass(frozen=True)
class LogTransform:
    r"""The logarithm of a series, $z_t = \log(y_t + c)$: growth in per cent becomes a step.

    Args:
        offset: $c$, in the unit of the series, finite; for series that come near 0 or below it.
        name: Name of the transform.

    Raises:
        ConfigError: The offset is not finite.

    >>> LogTransform().inverse(LogTransform().forward([1.0, 2.0])).round(12).tolist()
    [1.0, 2.0]
    """

    offset: float = 0.0
    _: KW_ONLY
    name: str = "log"

    def __post_init__(self) -> None:
        ExpMap(self.offset)

    @property
    def pointwise(self) -> bool:
        """True: a logarithm depends on its own value alone."""
        return True

    def fit(self, window: TrainingWindow) -> Self:
        """Return itself, for a series that has logarithms.

        Raises:
            DataError: A value of the window is at or below -`offset`.
        """
        self.forward(window.values)
        return self

    def forward(self, values: ArrayLike) -> FloatArray:
        """Return the logarithms, shape (time,).

        Raises:
            DataError: A value is at or below -`offset`, or not finite.
        """
        path = finite("values", values)
        low = path + self.offset <= 0.0
        if low.any():
            row = int(np.argmax(low))
            raise DataError(
                f"row {row} is {path.flat[row]:g} and has no logarithm with an offset of "
                f"{self.offset:g}: give a larger offset, or another transform"
            )
        return log(path + self.offset)

    def inverse(self, transformed: ArrayLike) -> FloatArray:
        """Return the values, shape (time,), in the unit of the series."""
        return ExpMap(self.offset).to_original(transformed)

    def after(self, values: ArrayLike) -> ExpMap:  # noqa: ARG002 - the same after any past
        """Return the map back, which is the same after any past."""
        return ExpMap(self.offset)


@dataclass(frozen=True)
class StandardisedChanges:
    r"""A series in steps of its own recent size: changes over their volatility, added up.

    With changes $d_t = y_t - y_{t-1}$ and the exponentially weighted root mean square of changes
    $\sigma_t^2 = \phi \sigma_{t-1}^2 + (1 - \phi) d_t^2$, $\phi = 2^{-1/h}$ for a half-life $h$,

    $$z_t = z_{t-1} + d_t / \sigma_{t-1}, \qquad z_0 = (y_0 - y_*) / \sigma_0 .$$

    $\sigma_0$ is the standard deviation of changes in the training window and $y_*$ its first
    value. $\sigma$ is kept above `floor` times $\sigma_0$. Like a logarithm it gives a growing
    series steps of one size, but it needs no positive values, and it follows calm and turmoil too.

    A forecast that is made after $y_t$ is read as $y_t + \sigma_t (z_{t+h} - z_t)$: the volatility
    of the origin is held for all horizons. `forward` and `inverse` are given paths that begin in
    the first period of the window that the transform was fitted on.

    Args:
        half_life: $h$, in periods, above 0.
        floor: Smallest volatility, as a share of that of the training window; in (0, 1].
        name: Name of the transform.
        start: $y_*$, in the unit of the series; set by `fit`.
        scale: $\sigma_0$, in the unit of the series, above 0; set by `fit`.

    Raises:
        ConfigError: A constant is out of its range.

    Reference: RiskMetrics (1996), Technical Document, 4th ed., chapter 5 (the volatility).

    >>> steps = StandardisedChanges(half_life=8.0).fit(TrainingWindow([1.0, 3.0, 2.0, 4.0]))
    >>> steps.inverse(steps.forward([1.0, 3.0, 9.0])).round(12).tolist()
    [1.0, 3.0, 9.0]
    """

    _: KW_ONLY
    half_life: float = 24.0
    floor: float = 0.1
    name: str = "standardised_changes"
    start: float = 0.0
    scale: float = 1.0

    def __post_init__(self) -> None:
        if not (np.isfinite(self.half_life) and self.half_life > 0.0):
            raise ConfigError(f"half_life must be finite and above 0, got {self.half_life!r}")
        if not 0.0 < self.floor <= 1.0:
            raise ConfigError(f"floor must be in (0, 1], got {self.floor!r}")
        if not np.isfinite(self.start):
            raise ConfigError(f"start must be finite, got {self.start!r}")
        if not (np.isfinite(self.scale) and self.scale > 0.0):
            raise ConfigError(f"scale must be finite and above 0, got {self.scale!r}")

    @property
    def pointwise(self) -> bool:
        """False: a volatility depends on all values before it."""
        return False

    def fit(self, window: TrainingWindow) -> Self:
        """Return the transform with the first value and the step scale of a window.

        Raises:
            DataError: The series does not move in the window, so that there is no step scale.
        """
        scale = window.step_scale
        if not scale > 0.0:
            raise DataError(
                f"changes of a series that does not move cannot be standardised: {len(window)} "
                f"training rows have a step scale of {scale:g}"
            )
        return replace(self, start=float(window.values[0]), scale=scale)

    def scales(self, values: ArrayLike) -> FloatArray:
        """Return the volatility after each value, shape (time,), in the unit of the series.

        Raises:
            DataError: A value is not finite, or the values are no path of shape (time,).
        """
        path = _path("values", values)
        found = np.empty(path.shape)
        variance = self.scale * self.scale
        for t, change in enumerate(np.diff(path, prepend=path[:1]).tolist()):
            if t:
                variance = self._next(variance, change)
            found[t] = self._scale(variance)
        return found

    def _next(self, variance: float, change: float) -> float:
        kept: float = 2.0 ** (-1.0 / self.half_life)
        return kept * variance + (1.0 - kept) * change * change

    def _scale(self, variance: float) -> float:
        return max(float(np.sqrt(variance)), self.floor * self.scale)

    def forward(self, values: ArrayLike) -> FloatArray:
        """Return the sum of standardised changes up to each value, shape (time,).

        Raises:
            DataError: As `scales`.
        """
        path = _path("values", values)
        if path.size == 0:
            return path
        steps = np.empty(path.shape)
        steps[0] = (path[0] - self.start) / self.scale
        steps[1:] = np.diff(path) / self.scales(path)[:-1]
        return np.add.accumulate(steps)

    def inverse(self, transformed: ArrayLike) -> FloatArray:
        """Return the values, shape (time,), in the unit of the series.

        Raises:
            DataError: A number is not finite, or they are no path of shape (time,).
        """
        path = _path("transformed", transformed)
        found = np.empty(path.shape)
        if path.size == 0:
            return found
        value = self.start + self.scale * float(path[0])
        variance, found[0] = self.scale * self.scale, value
        for t, step in enumerate(np.diff(path).tolist(), start=1):
            change = step * self._scale(variance)
            value += change
            variance = self._next(variance, change)
            found[t] = value
        return found

    def after(self, values: ArrayLike) -> AffineMap:
        """Return the map of forecasts that are made after the last of these values.

        Raises:
            DataError: There are none; else as `scales`.
        """
        path = _path("values", values)
        if path.size == 0:
            raise DataError("a forecast is made after a value: an empty path has none")
        return AffineMap(
            float(path[-1]), float(self.scales(path)[-1]), float(self.forward(path)[-1])
        )


def _path(name: str, values: ArrayLike) -> FloatArray:
    path = finite(name, values)
    if path.ndim != 1:
        raise DataError(f"{name} must be a path of shape (time,), got {path.shape}")
    return path
