"""Weights that have maximised the log score of the mixture; see `fg_core.pooling.log_score`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from fg_core.errors import ConfigError
from fg_core.pooling.likelihood import Likelihood
from fg_core.pooling.log_score import share_weights, update_shares
from fg_core.pooling.weights import normalise
from fg_core.transcendental import log

from .base import Array, Learned, ScoredForecasts, WeightRule, full_prior, require_share

__all__ = ["LogScoreWeights"]


@dataclass(frozen=True)
class LogScoreWeights(WeightRule):
    """Weights of the optimal pool, by online expectation maximisation.

    Args:
        likelihood: Density by which forecasts are judged.
        discount: Discount of what is remembered, in (0, 1].
        prior_weight: Weight of the prior, in values, above 0.

    Raises:
        ConfigError: A constant is outside its range.

    References: Hall & Mitchell (2007), Int. J. Forecasting 23,
    doi:10.1016/j.ijforecast.2006.08.001; Geweke & Amisano (2011), J. Econometrics 164,
    doi:10.1016/j.jeconom.2011.02.017.

    >>> LogScoreWeights().weights((np.array([3.0, 1.0]),), None)[0].round(12).tolist()
    [0.625, 0.375]
    """

    leaves_arrays_alone: ClassVar[bool] = True
    """It changes no array that it is given, nor its shape or type (`fg_core.batch.handing`)."""

    likelihood: Likelihood = field(default_factory=Likelihood)
    discount: float = 0.95
    prior_weight: float = 4.0

    name: ClassVar[str] = "log_score"

    def __post_init__(self) -> None:
        require_share("discount", self.discount)
        if not self.prior_weight > 0.0:
            raise ConfigError(f"prior_weight must be above 0, got {self.prior_weight!r}")

    def start(self, n: int, prior: Array | None) -> Learned:  # noqa: ARG002
        """Return shares of zero, shape (forecaster,)."""
        return (np.zeros(n),)

    def log_weights(self, learned: Learned, prior: Array | None) -> Array:
        """Return the log weights that the shares give."""
        before = full_prior(prior, learned[0].shape[-1])
        return log(share_weights(learned[0], before, self.prior_weight))

    def update(
        self,
        learned: Learned,
        log_weights: Array,
        prior: Array | None,  # noqa: ARG002
        scored: ScoredForecasts,
    ) -> Learned:
        """Return the shares after a value."""
        weights = normalise(log_weights)
        likelihood = scored.log_densities(self.likelihood)
        return (update_shares(learned[0], weights, likelihood, self.discount),)
