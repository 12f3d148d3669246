"""Actions on a grid: what a table can learn, and the number that is played."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fg_core.errors import ConfigError

__all__ = ["DiscreteActionSpace"]


@dataclass(frozen=True)
class DiscreteActionSpace:
    """A range of deltas, as evenly spaced actions with both ends among them.

    Action k stands for `low + (high - low) * k / (n_bins - 1)`, and a delta belongs to the nearest
    action, so it comes back within half a bin's width. An odd number of actions on a range around 0
    holds 0 itself: to do nothing.

    Args:
        n_bins: number of actions, at least 2.
        low: smallest delta, in one-step scales of the series.
        high: largest delta, alike.

    Raises:
        ConfigError: Fewer than two actions, or no range.

    >>> space = DiscreteActionSpace(5, -2.0, 2.0)
    >>> space.deltas.tolist()
    [-2.0, -1.0, 0.0, 1.0, 2.0]
    >>> space.delta_to_action([-0.4, 1.7]).tolist()
    [2, 4]
    """

    n_bins: int
    low: float
    high: float

    def __post_init__(self) -> None:
        if isinstance(self.n_bins, bool) or not isinstance(self.n_bins, int) or self.n_bins < 2:
            raise ConfigError(f"n_bins must be a whole number of at least 2, got {self.n_bins!r}")
        for name, value in (("low", self.low), ("high", self.high)):
            if not math.isfinite(value):
                raise ConfigError(f"{name} must be finite, got {value!r}")
        if not (self.low < self.high and math.isfinite(self.high - self.low)):
            raise ConfigError(f"low must be below high, got {self.low!r} and {self.high!r}")

    @property
    def width(self) -> float:
        """Distance of neighbouring actions, in one-step scales."""
        return (self.high - self.low) / (self.n_bins - 1)

    @property
    def deltas(self) -> NDArray[np.float64]:
        """Deltas of all actions, shape (action,), in one-step scales."""
        return self.action_to_delta(np.arange(self.n_bins))

    def action_to_delta(self, action: ArrayLike) -> NDArray[np.float64]:
        """Return the deltas of actions.

        Args:
            action: numbers of actions from 0, any shape.

        Returns:
            Deltas in one-step scales, of the same shape; multiply by the one-step scale of a series
            for its unit.

        Raises:
            ConfigError: A number is no action.
        """
        number = np.asarray(action)
        if number.dtype.kind not in "iu" or ((number < 0) | (number >= self.n_bins)).any():
            raise ConfigError(f"actions are whole numbers from 0 to {self.n_bins - 1}: {action!r}")
        share = number / (self.n_bins - 1)
        # Weights of both ends, so that both are exact.
        return np.asarray(self.low * (1.0 - share) + self.high * share, dtype=np.float64)

    def delta_to_action(self, delta: ArrayLike, *, outside: str = "clip") -> NDArray[np.intp]:
        """Return the nearest action of each delta; halfway, the even one.

        Args:
            delta: deltas in one-step scales, any shape.
            outside: "clip": a delta beyond an end is that end; "error": it is refused.

        Returns:
            Numbers of actions, of the same shape.

        Raises:
            ConfigError: A delta that is not finite, one outside of the range where that is an
                error, or another word for `outside`.
        """
        if outside not in ("clip", "error"):
            raise ConfigError(f'outside must be "clip" or "error", got {outside!r}')
        given = np.asarray(delta, dtype=np.float64)
        if np.isnan(given).any() or (outside == "error" and not np.isfinite(given).all()):
            raise ConfigError(f"deltas must be finite, got {delta!r}")
        if outside == "error" and ((given < self.low) | (given > self.high)).any():
            raise ConfigError(f"deltas must be from {self.low} to {self.high}, got {delta!r}")
        inside = np.clip(given, self.low, self.high)
        share = (inside - self.low) / (self.high - self.low)
        return np.rint(share * (self.n_bins - 1)).astype(np.intp)
