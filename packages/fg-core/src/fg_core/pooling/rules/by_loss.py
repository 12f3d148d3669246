"""Weights by the discounted mean loss: what the rules by rank, reward and squared error share."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass

import numpy as np

from fg_core.pooling.scale import discounted_add
from fg_core.transcendental import log

from .base import Array, Learned, ScoredForecasts, WeightRule, require_share

__all__ = ["LossWeights"]

_HIGHEST_LOSS = 1e290
"""Losses above this count as this: a sum of them is a number, and fades as the years go by."""


@dataclass(frozen=True)
class LossWeights(WeightRule):
    """Weights that are a function of the discounted mean loss.

    Args:
        discount: Discount of the losses, in (0, 1].

    Raises:
        ConfigError: The discount is outside its range.
    """

    discount: float = 0.95

    def __post_init__(self) -> None:
        require_share("discount", self.discount)

    def loss(self, scored: ScoredForecasts) -> Array:
        """Return the loss of each forecaster: the CRPS, in the unit of the series."""
        return scored.losses()

    @abstractmethod
    def weigh(self, loss: Array) -> Array:
        """Return weights that a loss gives to forecasters of equal prior.

        Args:
            loss: Mean loss, shape (..., forecaster); NaN where none is known.

        Returns:
            Shape (..., forecaster), rows of sum 1.
        """

    def start(self, n: int, prior: Array | None) -> Learned:  # noqa: ARG002
        """Return the sum of losses and their count, both zero, of shape (forecaster,)."""
        return np.zeros(n), np.zeros(n)

    def log_weights(self, learned: Learned, prior: Array | None) -> Array:
        """Return the logarithms of the weights that the losses give, times the prior."""
        losses, n_losses = learned
        weights = self.weigh(
            np.where(n_losses > 0.0, losses / np.maximum(n_losses, 1e-300), np.nan)
        )
        return log(weights) if prior is None else log(weights) + log(prior)

    def update(
        self,
        learned: Learned,
        log_weights: Array,  # noqa: ARG002
        prior: Array | None,  # noqa: ARG002
        scored: ScoredForecasts,
    ) -> Learned:
        """Return the losses with one more."""
        losses, n_losses = learned
        loss = np.minimum(self.loss(scored), _HIGHEST_LOSS)
        return discounted_add(losses, n_losses, scored.blanked(loss), self.discount)
