"""Weights by the rank of the discounted mean CRPS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from fg_core.pooling.weights import rank_weights

from .base import Array
from .by_loss import LossWeights

__all__ = ["RankWeights"]


@dataclass(frozen=True)
class RankWeights(LossWeights):
    """Weights proportional to one over the rank of the discounted mean CRPS.

    Args:
        discount: Discount of the losses, in (0, 1].

    Reference: Aiolfi & Timmermann (2006), J. Econometrics 135, doi:10.1016/j.jeconom.2005.07.015.

    >>> import numpy as np
    >>> RankWeights().weigh(np.array([0.3, 0.1])).round(6).tolist()
    [0.333333, 0.666667]
    """

    leaves_arrays_alone: ClassVar[bool] = True
    """It changes no array that it is given, nor its shape or type (`fg_core.batch.handing`)."""

    name: ClassVar[str] = "rank"

    def weigh(self, loss: Array) -> Array:
        """Return `rank_weights`."""
        return rank_weights(loss)
