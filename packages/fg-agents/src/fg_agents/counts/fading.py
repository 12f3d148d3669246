"""Weights of past values, equal or more on the newer ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fg_core import ConfigError

__all__ = ["FadingWeights"]


@dataclass(frozen=True)
class FadingWeights:
    """Weights that halve after some periods.

    Args:
        half_life: periods after which a value counts half; None: all count alike.

    Raises:
        ConfigError: A half-life that is not above 0.

    >>> FadingWeights(1.0).of_values(3).tolist()
    [0.25, 0.5, 1.0]
    """

    half_life: float | None = None

    def __post_init__(self) -> None:
        if self.half_life is not None and not self.half_life > 0.0:
            raise ConfigError(f"half_life must be above 0, got {self.half_life!r}")

    @property
    def kept(self) -> float:
        """Share of its weight that a value keeps from one period to the next."""
        return 1.0 if self.half_life is None else float(0.5 ** (1.0 / self.half_life))

    def of_values(self, n: int) -> NDArray[np.float64]:
        """Return the weights of values, oldest first.

        Args:
            n: number of values.

        Returns:
            Shape (row,); the newest has weight 1.
        """
        return np.asarray(self.kept ** np.arange(n - 1, -1, -1, dtype=np.float64))
