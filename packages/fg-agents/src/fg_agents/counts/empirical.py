"""Distribution of past values: no law is assumed, and a size that never came has no probability."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fg_core.distributions import ShapeArrays, stated_arrays

from .demand import DemandFit, gathered, with_place
from .fading import FadingWeights

__all__ = ["EmpiricalFit", "EmpiricalMethod"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class EmpiricalFit(DemandFit):
    """Fit of `EmpiricalMethod`: masses are those of any period, zeros included.

    Args:
        total: sum of the weights of all values, the newest with weight 1, shape (lane,).
    """

    total: Array


@dataclass(frozen=True)
class EmpiricalMethod(FadingWeights):
    """Values of the window with equal weights, or with more on the newer ones.

    Args:
        half_life: periods after which a value counts half; None: all count alike.

    Raises:
        ConfigError: A half-life that is not above 0.
    """

    def fit(self, values: Array) -> EmpiricalFit:
        """Return the fit of one series.

        Args:
            values: values of the window, oldest first, shape (row,).

        Returns:
            Fit with one lane.
        """
        weights = self.of_values(values.size)
        is_zero = values == 0.0
        total = weights.sum()
        # Zero keeps its own place, however many others are drawn together.
        places, masses = gathered(values[~is_zero], weights[~is_zero])
        zero = weights[is_zero].sum() / total
        return EmpiricalFit(
            np.concatenate([np.zeros((1, 1)), places], axis=1),
            np.concatenate([np.array([[zero]]), (1.0 - zero) * masses], axis=1),
            np.array([total]),
        )

    def following(self, fit: EmpiricalFit, value: Array) -> EmpiricalFit:
        """Return the fit after one more value.

        Args:
            fit: fit up to the value before.
            value: the new value, shape (lane,).

        Returns:
            Fit with as many lanes as there are values.
        """
        total = self.kept * fit.total + 1.0
        places, masses = with_place(fit, value, 1.0 / total)
        return EmpiricalFit(places, masses, np.broadcast_to(total, value.shape))

    def distribution(self, fit: EmpiricalFit) -> ShapeArrays:
        """Return the distribution of the value of a later period, leading axis (lane,).

        Args:
            fit: fit up to the last value.

        Returns:
            Masses at the values of the window.
        """
        return stated_arrays(places=fit.places, probabilities=fit.masses)
