r"""Posterior weights with forgetting: dynamic model averaging; see `fg_core.pooling.weights`.

`ForgettingGridWeights` with one factor keeps the same weights as evidence against the prior. While
all forecasters are there the two agree to some $10^{-14}$; of an absent forecaster this rule
forgets towards the prior, and the evidence forgets nothing. Published forecasts have the bits of
either, so neither is written by the other.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from fg_core.errors import ConfigError
from fg_core.pooling.likelihood import Likelihood
from fg_core.pooling.weights import bayes_weights, forgotten
from fg_core.transcendental import log

from .base import Array, Learned, ScoredForecasts, WeightRule, require_share

__all__ = ["BayesWeights", "require_floor"]


def require_floor(floor: float) -> None:
    """Raise `ConfigError` for a floor of weights that is not a number of 0 or more.

    >>> require_floor(0.001)
    """
    if not floor >= 0.0:
        raise ConfigError(f"floor must be in [0, inf), got {floor!r}")


@dataclass(frozen=True)
class BayesWeights(WeightRule):
    r"""Posterior weights with forgetting.

    $$\pi_{t|t-1,i} \propto \pi_{t-1,i}^{\alpha} \pi_{0,i}^{1 - \alpha}, \qquad
    \pi_{t,i} \propto \pi_{t|t-1,i}\, p_i(y_t)$$

    Args:
        alpha: Forgetting factor in (0, 1]; 1 is plain Bayesian model averaging.
        floor: Floor of the weights, at least 0; each is at least floor / (1 + floor) of its prior.
        likelihood: Density by which forecasts are judged.

    Raises:
        ConfigError: A constant is outside its range.

    Reference: Raftery, Karny & Ettler (2010), Technometrics 52, doi:10.1198/TECH.2009.08104.

    >>> BayesWeights(alpha=1.0).weights((np.log([0.75, 0.25]),), None)[0].round(3).tolist()
    [0.75, 0.25]
    """

    leaves_arrays_alone: ClassVar[bool] = True
    """It changes no array that it is given, nor its shape or type (`fg_core.batch.handing`)."""

    alpha: float = 0.99
    floor: float = 0.001
    likelihood: Likelihood = field(default_factory=Likelihood)

    name: ClassVar[str] = "bayesian"
    pools_series: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require_share("alpha", self.alpha)
        require_floor(self.floor)

    def start(self, n: int, prior: Array | None) -> Learned:
        """Return the logarithms of the prior, shape (forecaster,)."""
        return (np.full(n, -log(n)) if prior is None else log(prior),)

    def log_weights(self, learned: Learned, prior: Array | None) -> Array:
        """Return the log weights after forgetting, with the floor."""
        return self.weights(learned, prior)[1]

    def weights(self, learned: Learned, prior: Array | None) -> tuple[Array, Array]:
        """Return weights of sum one after forgetting, with the floor, and their logarithms."""
        return forgotten(learned[0], self.alpha, self.floor, prior)

    def update(
        self,
        learned: Learned,  # noqa: ARG002
        log_weights: Array,
        prior: Array | None,  # noqa: ARG002
        scored: ScoredForecasts,
    ) -> Learned:
        """Return the posterior."""
        return (bayes_weights(log_weights, scored.log_densities(self.likelihood)),)
