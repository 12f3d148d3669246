"""Posterior weights for several forgetting factors, mixed by how well each has predicted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from fg_core._numeric import ordered_sum
from fg_core.pooling.evidence import forget_evidence, update_evidence
from fg_core.pooling.likelihood import Likelihood
from fg_core.pooling.weights import normalise
from fg_core.transcendental import exp, log

from .base import Array, Learned, ScoredForecasts, WeightRule, full_prior, require_share
from .bayes import require_floor

__all__ = ["ForgettingGridWeights"]


@dataclass(frozen=True)
class ForgettingGridWeights(WeightRule):
    r"""Posterior weights for several forgetting factors, mixed by how well each has predicted.

    The factors $\alpha_q$ have the weights $v_q \propto e^{S_q}$ with the discounted log predictive
    scores $S_q \leftarrow d S_q + \log \sum_i w_{q,i}\, p_i(y)$: how much to forget is learned as
    the forecasters' weights are.

    Args:
        alphas: Forgetting factors, each in (0, 1], at least one.
        floor: Floor of the weights, at least 0; see `BayesWeights`.
        likelihood: Density by which forecasts are judged.
        score_discount: Discount of the scores, in (0, 1].

    Raises:
        ConfigError: A constant is outside its range.

    References: Dangl & Halling (2012), J. Financial Economics 106,
    doi:10.1016/j.jfineco.2012.04.003; Bernaciak & Griffin (2024), Int. J. Forecasting 40,
    doi:10.1016/j.ijforecast.2024.03.001.

    >>> rule = ForgettingGridWeights(alphas=(0.9, 1.0))
    >>> rule.weights(rule.start(2, None), None)[0].tolist()
    [0.5, 0.5]
    """

    leaves_arrays_alone: ClassVar[bool] = True
    """It changes no array that it is given, nor its shape or type (`fg_core.batch.handing`)."""

    alphas: tuple[float, ...] = (0.9, 0.95, 0.98, 1.0)
    floor: float = 0.001
    likelihood: Likelihood = field(default_factory=Likelihood)
    score_discount: float = 0.99

    name: ClassVar[str] = "forgetting_grid"
    pools_series: ClassVar[bool] = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "alphas", tuple(self.alphas))
        require_share("alphas", *self.alphas)
        require_share("score_discount", self.score_discount)
        require_floor(self.floor)

    def start(self, n: int, prior: Array | None) -> Learned:  # noqa: ARG002
        """Return evidence of shape (factor, forecaster), and scores of shape (factor,)."""
        return np.zeros((len(self.alphas), n)), np.zeros(len(self.alphas))

    def _forgotten(self, evidence: Array, prior: Array) -> tuple[Array, Array]:
        alphas = np.array(self.alphas)[:, np.newaxis]
        return forget_evidence(evidence, prior, alphas, self.floor)

    def log_weights(self, learned: Learned, prior: Array | None) -> Array:
        """Return the log weights of the mixture over the factors."""
        evidence, scores = learned
        before = full_prior(prior, evidence.shape[-1])
        _, logs = self._forgotten(evidence, before)
        # In logarithms throughout: without a floor a weight may be too small for a number.
        with np.errstate(divide="ignore"):
            terms = log(normalise(scores))[..., np.newaxis] + logs
            top = np.maximum.reduce(terms, axis=-2)[..., np.newaxis, :]
            mixed = ordered_sum(np.swapaxes(exp(terms - top), -1, -2))
            return np.asarray(log(before) + top[..., 0, :] + log(mixed))

    def update(
        self,
        learned: Learned,
        log_weights: Array,  # noqa: ARG002
        prior: Array | None,
        scored: ScoredForecasts,
    ) -> Learned:
        """Return evidence and scores after a value."""
        evidence, scores = learned
        before = full_prior(prior, evidence.shape[-1])
        likelihood = scored.log_densities(self.likelihood)[..., np.newaxis, :]
        forgotten = self._forgotten(evidence, before)
        after, score = update_evidence(evidence, forgotten, before, likelihood)
        return after, np.asarray(self.score_discount * scores + score, dtype=np.float64)
