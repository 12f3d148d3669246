"""Weights proportional to exp(mean reward / scale), the reward being minus the CRPS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from fg_core._numeric import ordered_sum
from fg_core.pooling.weights import reward_weights

from .base import Array
from .by_loss import LossWeights

__all__ = ["RewardWeights"]


@dataclass(frozen=True)
class RewardWeights(LossWeights):
    """Weights proportional to exp of the discounted mean reward over its scale.

    The reward is minus the CRPS, and its scale the mean CRPS of all forecasters, so that weights
    stay positive and depend on no unit.

    Args:
        discount: Discount of the losses, in (0, 1].

    >>> RewardWeights().weigh(np.array([1.0, 1.0])).tolist()
    [0.5, 0.5]
    """

    leaves_arrays_alone: ClassVar[bool] = True
    """It changes no array that it is given, nor its shape or type (`fg_core.batch.handing`)."""

    name: ClassVar[str] = "reward_proportional"

    def weigh(self, loss: Array) -> Array:
        """Return `reward_weights` at the scale of the mean loss."""
        known = ~np.isnan(loss)
        count = ordered_sum(known.astype(np.float64))
        typical = ordered_sum(np.where(known, loss, 0.0)) / np.maximum(count, 1.0)
        return reward_weights(-loss, np.maximum(typical, 1e-300))
