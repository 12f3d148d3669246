"""Weights of Bates and Granger: one over the discounted mean squared error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from fg_core.pooling.weights import inverse_loss_weights

from .base import Array, ScoredForecasts
from .by_loss import LossWeights

__all__ = ["BatesGrangerWeights"]


@dataclass(frozen=True)
class BatesGrangerWeights(LossWeights):
    """Weights proportional to one over the discounted mean squared error.

    Args:
        discount: Discount of the squared errors, in (0, 1].

    References: Bates & Granger (1969), Operational Research Quarterly 20, doi:10.2307/3008764;
    discounted, Stock & Watson (2004), J. Forecasting 23, doi:10.1002/for.928.

    >>> BatesGrangerWeights().weigh(np.array([1.0, 3.0])).tolist()
    [0.75, 0.25]
    """

    leaves_arrays_alone: ClassVar[bool] = True
    """It changes no array that it is given, nor its shape or type (`fg_core.batch.handing`)."""

    name: ClassVar[str] = "bates_granger"

    def loss(self, scored: ScoredForecasts) -> Array:
        """Return squared errors, in the unit of the series squared."""
        return np.asarray(np.square(scored.target - scored.means), dtype=np.float64)

    def weigh(self, loss: Array) -> Array:
        """Return `inverse_loss_weights`."""
        return inverse_loss_weights(loss)
