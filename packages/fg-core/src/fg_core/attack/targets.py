"""What a targeted adversary wants: a mean that is pushed, an event whose probability flips."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from fg_core.errors import ConfigError
from fg_core.transcendental import ndtr

from .played_hits import PlayedHits

__all__ = ["FlipEvent", "PushMean", "Target"]

Array = NDArray[np.float64]


class Target(Protocol):
    """What an adversary wants of a forecast, whatever the outcome."""

    def gains(self, played: PlayedHits) -> Array:
        """Return what each hit gains over none, shape (round, hit), in the unit of the target.

        Args:
            played: Forecasts by hit, mixtures of normals.
        """
        ...


@dataclass(frozen=True)
class PushMean:
    """Pushes the mean of the forecast to one side.

    Args:
        direction: "up" or "down".

    Raises:
        ConfigError: Another direction.

    >>> PushMean("down").direction
    'down'
    """

    direction: Literal["up", "down"] = "up"

    def __post_init__(self) -> None:
        if self.direction not in ("up", "down"):
            raise ConfigError(f'direction must be "up" or "down", got {self.direction!r}')

    def gains(self, played: PlayedHits) -> Array:
        """Return how far each hit moves the mean, in the unit of the series."""
        mean = (played.weights * played.means).sum(axis=-1)
        moved = mean - mean[:, [played.none]]
        return np.asarray(moved if self.direction == "up" else -moved)


@dataclass(frozen=True)
class FlipEvent:
    """Flips forecasts of the event that the target is above a threshold.

    Args:
        threshold: Threshold c, in the unit of the series.

    Raises:
        ConfigError: A threshold that is not finite.

    >>> FlipEvent(2.0).threshold
    2.0
    """

    threshold: float

    def __post_init__(self) -> None:
        if not np.isfinite(self.threshold):
            raise ConfigError(f"threshold must be finite, got {self.threshold!r}")

    def probability(self, played: PlayedHits) -> Array:
        """Return the probability that is forecast of the event, shape (round, hit)."""
        above = ndtr((played.means - self.threshold) / np.maximum(played.scales, 1e-300))
        return np.asarray((played.weights * above).sum(axis=-1))

    def gains(self, played: PlayedHits) -> Array:
        """Return the gains of hits: 1 for a forecast on the other side of one half.

        To it is added a thousandth of how far the probability is moved that way, so that of hits
        that flip nothing, or all flip, the larger move is chosen.
        """
        p = self.probability(played)
        clean = p[:, [played.none]]
        side = np.where(clean > 0.5, -1.0, 1.0)
        return np.asarray(((p > 0.5) != (clean > 0.5)) + 1e-3 * side * (p - clean))
