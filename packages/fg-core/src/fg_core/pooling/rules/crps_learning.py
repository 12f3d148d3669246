"""Bernstein online aggregation of the CRPS; see `fg_core.pooling.crps_learning`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from fg_core._numeric import ordered_sum
from fg_core.pooling.crps_learning import Regret, crps_weights, update_regret
from fg_core.transcendental import log

from .base import Array, Learned, ScoredForecasts, WeightRule, full_prior, require_share

__all__ = ["CrpsLearningWeights"]


@dataclass(frozen=True)
class CrpsLearningWeights(WeightRule):
    """Weights by Bernstein online aggregation on the slope of the CRPS of the mixture.

    Args:
        discount: Discount of what is remembered, in (0, 1].

    Raises:
        ConfigError: The discount is outside its range.

    References: Wintenberger (2017), Machine Learning 106, doi:10.1007/s10994-016-5592-6;
    Berrisch & Ziel (2023), J. Econometrics 237, doi:10.1016/j.jeconom.2021.11.008.

    >>> rule = CrpsLearningWeights()
    >>> rule.weights(rule.start(2, None), None)[0].tolist()
    [0.5, 0.5]
    """

    leaves_arrays_alone: ClassVar[bool] = True
    """It changes no array that it is given, nor its shape or type (`fg_core.batch.handing`)."""

    discount: float = 0.95

    name: ClassVar[str] = "crps_learning"
    learns_from_weights: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require_share("discount", self.discount)

    def start(self, n: int, prior: Array | None) -> Learned:  # noqa: ARG002
        """Return a `Regret` of zeros."""
        return Regret(np.zeros(n), np.zeros(n), np.zeros(n))

    def log_weights(self, learned: Learned, prior: Array | None) -> Array:
        """Return the log weights that the regrets give."""
        with np.errstate(divide="ignore"):
            found = crps_weights(Regret(*learned), full_prior(prior, learned[0].shape[-1]))
            return np.asarray(log(found), dtype=np.float64)

    def update(
        self,
        learned: Learned,
        log_weights: Array,  # noqa: ARG002
        prior: Array | None,
        scored: ScoredForecasts,
    ) -> Learned:
        """Return the regrets after a value."""
        assert scored.weights is not None, "this rule learns from the weights of the pool"
        shares = scored.weights / ordered_sum(scored.weights)[..., np.newaxis]
        target = np.broadcast_to(scored.target, (*scored.means.shape[:-1], 1))[..., 0]
        gained = scored.regrets(shares, target)
        before = full_prior(prior, learned[0].shape[-1])
        return update_regret(Regret(*learned), before, scored.blanked(gained), self.discount)
