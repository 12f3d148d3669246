"""Equal weights: the benchmark that is hard to beat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from fg_core.transcendental import log

from .base import Array, Learned, ScoredForecasts, WeightRule

__all__ = ["EqualWeights"]


@dataclass(frozen=True)
class EqualWeights(WeightRule):
    """Equal weights, or those of the prior; nothing is learned.

    Reference: Clemen (1989), Int. J. Forecasting 5, doi:10.1016/0169-2070(89)90012-5.

    >>> EqualWeights().weights((np.zeros(2),), None)[0].tolist()
    [0.5, 0.5]
    """

    leaves_arrays_alone: ClassVar[bool] = True
    """It changes no array that it is given, nor its shape or type (`fg_core.batch.handing`)."""

    name: ClassVar[str] = "equal"
    learns: ClassVar[bool] = False

    def start(self, n: int, prior: Array | None) -> Learned:  # noqa: ARG002
        """Return zeros, shape (forecaster,)."""
        return (np.zeros(n),)

    def log_weights(self, learned: Learned, prior: Array | None) -> Array:
        """Return zeros, or the logarithms of the prior."""
        return learned[0] if prior is None else log(prior)

    def update(
        self,
        learned: Learned,
        log_weights: Array,  # noqa: ARG002
        prior: Array | None,  # noqa: ARG002
        scored: ScoredForecasts,  # noqa: ARG002
    ) -> Learned:
        """Return what was known before."""
        return learned
