"""How a pool weighs its forecasters: one rule a class, over arrays with the forecaster last.

A rule keeps its memory as a tuple of arrays, `start` makes the first, `learned` the next, and
`logs` says the logarithms of the weights of the next forecast, up to a constant.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from fg_core._numeric import ordered_sum
from fg_core.distributions import ShapeArrays, own_crps, pool_regret
from fg_core.scoring._kernels import gaussian_crps
from fg_core.transcendental import exp, log

from . import weights as functions
from .crps_learning import Regret, crps_regret, crps_weights, gather_regret
from .evidence import fade_evidence, gather_evidence
from .likelihood import Likelihood
from .log_score import gather_shares, share_weights
from .scale import discounted_add
from .stated import stated_log_densities

__all__ = [
    "BayesRule",
    "CrpsLearningRule",
    "EqualRule",
    "ForgettingGridRule",
    "LogScoreRule",
    "LossRule",
    "Scored",
    "WeightRule",
]

Array = NDArray[np.float64]
State = tuple[Array, ...]
_HIGHEST_LOSS = 1e290
"""Losses above this count as this: a sum of them is a number, and fades as the years go by."""


@dataclass(frozen=True, eq=False)
class Scored:
    """Forecasts whose target is known; arrays of shape (..., forecaster).

    Args:
        means: In the unit of the series; anything for the absent.
        scales: Standard deviations as they were believed when the forecast was made, above 0.
        target: Shape (..., 1) or a number.
        known: Who has a forecast.
        everyone: Whether all have.
        weights: Those of the forecast that was scored, of whatever sum, zero for the absent; None
            where the rule has no use for them (see `WeightRule.watches_the_pool`).
        shapes: Distributions of those that are not normal, as they were believed then, leading
            axes (..., forecaster); None: all are.
        typical_change: Root mean square of changes over the horizon, shape (..., 1) or a number.
        n_series: How many series are judged together, by their mean log density; lanes are then the
            first axis, series by series (see `fg_core.pooling.shared`). 1: each by itself.
    """

    means: Array
    scales: Array
    target: Array
    known: NDArray[np.bool_]
    everyone: bool
    weights: Array | None = None
    shapes: ShapeArrays | None = None
    typical_change: Array | float = 1.0
    n_series: int = 1

    def blanked(self, found: Array) -> Array:
        """Return `found` with NaN for those who had no forecast."""
        return found if self.everyone else np.where(self.known, found, np.nan)

    def log_densities(self, likelihood: Likelihood) -> Array:
        """Return log densities of the target; NaN for those who had no forecast."""
        found = likelihood.log(self.means, self.scales, self.target)
        if self.shapes is not None:
            found = stated_log_densities(found, self.shapes, self.target, self.typical_change)
        found = self.blanked(found)
        return found if self.n_series == 1 else _mean_over_series(found, self.n_series)

    def losses(self) -> Array:
        """Return the CRPS of each forecaster's own forecast; anything for the absent."""
        found = gaussian_crps(self.means, self.scales, self.target)
        if self.shapes is None:
            return found
        own = own_crps(self.means, self.scales, self.shapes, self.target)
        return np.where(self.shapes.stated, own, found)

    def regrets(self, shares: Array, target: Array) -> Array:
        """Return what the pool would have gained by leaning towards each forecaster."""
        found = crps_regret(shares, self.means, self.scales, target)
        if self.shapes is None:
            return found
        return pool_regret(shares, self.means, self.scales, self.shapes, target, found)


def _mean_over_series(logs: Array, n_series: int) -> Array:
    """Return mean log densities over the series of each panel, in every lane of it.

    Where a forecaster is absent from a series, the equally weighted mixture of those present stands
    in for it, so that no unit of a series counts for or against anybody. A series without any
    forecast counts for nothing.

    Args:
        logs: Shape (lane, forecaster), lanes series by series; NaN for the absent.
        n_series: How many series a panel has.

    Returns:
        Shape (lane, forecaster); NaN for those who are absent from all series.
    """
    known = ~np.isnan(logs)
    here = np.count_nonzero(known, axis=-1)
    if np.count_nonzero(known) < known.size:
        parts = np.where(known, logs, -np.inf)
        top = np.maximum.reduce(parts, axis=-1)[..., np.newaxis]
        top = np.where(np.isfinite(top), top, 0.0)
        with np.errstate(divide="ignore"):
            mixed = log(ordered_sum(exp(parts - top))[..., np.newaxis]) + top
            mixed = mixed - log(np.maximum(here, 1))[..., np.newaxis]
        logs = np.where(known, logs, mixed)
        logs = np.where(here[..., np.newaxis] > 0, logs, 0.0)
    by_series = np.moveaxis(logs.reshape(n_series, -1, logs.shape[-1]), 0, -1)
    counts = np.count_nonzero(here.reshape(n_series, -1), axis=0)[:, np.newaxis]
    mean = ordered_sum(by_series) / np.maximum(counts, 1)
    anywhere = known.reshape(n_series, -1, logs.shape[-1]).any(axis=0)
    return np.tile(np.where(anywhere, mean, np.nan), (n_series, 1))


class WeightRule(Protocol):
    """What a pool asks of a rule. `prior` is None where all forecasters count alike."""

    @property
    def watches_the_pool(self) -> bool:
        """Whether the weights of the forecast that is scored are wanted."""

    def start(self, n: int, prior: Array | None) -> State:
        """Return the memory of `n` forecasters that have said nothing yet."""

    def logs(self, state: State, prior: Array | None) -> Array:
        """Return log weights of the next forecast, shape (..., forecaster), up to a constant."""

    def learned(self, state: State, logs: Array, prior: Array | None, scored: Scored) -> State:
        """Return the memory after a value; `logs` is what `logs` says of `state`."""


def _tilted(weights: Array, prior: Array | None) -> Array:
    """Return logarithms of weights that were made for equal priors."""
    return log(weights) if prior is None else log(weights) + log(prior)


def _prior(prior: Array | None, n: int) -> Array:
    return np.full(n, 1.0 / n) if prior is None else prior


@dataclass(frozen=True)
class EqualRule:
    """Equal weights, or those of the prior; nothing is learned."""

    watches_the_pool: ClassVar[bool] = False

    def start(self, n: int, prior: Array | None) -> State:  # noqa: ARG002
        """Return a memory of `n` zeros."""
        return (np.zeros(n),)

    def logs(self, state: State, prior: Array | None) -> Array:
        """Return zeros, or the logarithms of the prior."""
        return state[0] if prior is None else log(prior)

    def learned(self, state: State, logs: Array, prior: Array | None, scored: Scored) -> State:  # noqa: ARG002
        """Return the memory as it was."""
        return state


@dataclass(frozen=True)
class BayesRule:
    """Posterior weights with forgetting; see `fg_core.pooling.weights`.

    Args:
        alpha: Forgetting factor in (0, 1].
        floor: At least 0.
        likelihood: By which forecasts are judged.
    """

    alpha: float
    floor: float
    likelihood: Likelihood

    watches_the_pool: ClassVar[bool] = False

    def start(self, n: int, prior: Array | None) -> State:
        """Return the logarithms of the prior."""
        return (np.full(n, -log(n)) if prior is None else log(prior),)

    def logs(self, state: State, prior: Array | None) -> Array:
        """Return the log weights after forgetting, with the floor."""
        return self.weighed(state, prior)[1]

    def weighed(self, state: State, prior: Array | None) -> tuple[Array, Array]:
        """Return weights of sum one after forgetting, with the floor, and their logarithms."""
        return functions.forgotten(state[0], self.alpha, self.floor, prior)

    def learned(self, state: State, logs: Array, prior: Array | None, scored: Scored) -> State:  # noqa: ARG002
        """Return the posterior."""
        return (functions.bayes_weights(logs, scored.log_densities(self.likelihood)),)


@dataclass(frozen=True)
class ForgettingGridRule:
    r"""Posterior weights for several forgetting factors, mixed by how well each has predicted.

    The factors $\alpha_q$ have the weights $v_q \propto e^{S_q}$ with the discounted log predictive
    scores $S_q \leftarrow d S_q + \log \sum_i w_{q,i}\, p_i(y)$: how much to forget is learned as
    the forecasters' weights are.

    References: Dangl & Halling (2012), J. Financial Economics 106,
    doi:10.1016/j.jfineco.2012.04.003; Bernaciak & Griffin (2024), Int. J. Forecasting 40,
    doi:10.1016/j.ijforecast.2024.03.001.

    Args:
        alphas: Forgetting factors, each in (0, 1].
        floor: At least 0.
        likelihood: By which forecasts are judged.
        discount: Of the scores, in (0, 1].
    """

    alphas: tuple[float, ...]
    floor: float
    likelihood: Likelihood
    discount: float = 0.99

    watches_the_pool: ClassVar[bool] = False

    def start(self, n: int, prior: Array | None) -> State:  # noqa: ARG002
        """Return evidence of shape (factor, forecaster), and scores of shape (factor,)."""
        return np.zeros((len(self.alphas), n)), np.zeros(len(self.alphas))

    def _faded(self, evidence: Array, prior: Array) -> tuple[Array, Array]:
        alphas = np.array(self.alphas)[:, np.newaxis]
        return fade_evidence(evidence, prior, alphas, self.floor)

    def logs(self, state: State, prior: Array | None) -> Array:
        """Return the log weights of the mixture over the factors."""
        evidence, scores = state
        before = _prior(prior, evidence.shape[-1])
        _, logs = self._faded(evidence, before)
        # In logarithms throughout: without a floor a weight may be too small for a number.
        with np.errstate(divide="ignore"):
            terms = log(functions.normalise(scores))[..., np.newaxis] + logs
            top = np.maximum.reduce(terms, axis=-2)[..., np.newaxis, :]
            mixed = ordered_sum(np.swapaxes(exp(terms - top), -1, -2))
            return np.asarray(log(before) + top[..., 0, :] + log(mixed))

    def learned(self, state: State, logs: Array, prior: Array | None, scored: Scored) -> State:  # noqa: ARG002
        """Return evidence and scores after a value."""
        evidence, scores = state
        before = _prior(prior, evidence.shape[-1])
        likelihood = scored.log_densities(self.likelihood)[..., np.newaxis, :]
        faded = self._faded(evidence, before)
        after, score = gather_evidence(evidence, faded, before, likelihood)
        return after, np.asarray(self.discount * scores + score, dtype=np.float64)


@dataclass(frozen=True)
class LossRule:
    """Weights by the discounted mean loss.

    Args:
        kind: "rank" (one over the rank of the CRPS), "reward_proportional" (exp of minus the CRPS
            over its mean), or "bates_granger" (one over the squared error).
        discount: Of the losses, in (0, 1].
    """

    kind: Literal["rank", "reward_proportional", "bates_granger"]
    discount: float

    watches_the_pool: ClassVar[bool] = False

    def start(self, n: int, prior: Array | None) -> State:  # noqa: ARG002
        """Return the sum of losses and their count, both zero."""
        return np.zeros(n), np.zeros(n)

    def logs(self, state: State, prior: Array | None) -> Array:
        """Return the logarithms of the weights that the losses give."""
        losses, n_losses = state
        loss = np.where(n_losses > 0.0, losses / np.maximum(n_losses, 1e-300), np.nan)
        if self.kind == "rank":
            return _tilted(functions.rank_weights(loss), prior)
        if self.kind == "bates_granger":
            return _tilted(functions.inverse_loss_weights(loss), prior)
        known = ~np.isnan(loss)
        count = ordered_sum(known.astype(np.float64))
        typical = ordered_sum(np.where(known, loss, 0.0)) / np.maximum(count, 1.0)
        return _tilted(functions.reward_weights(-loss, np.maximum(typical, 1e-300)), prior)

    def learned(self, state: State, logs: Array, prior: Array | None, scored: Scored) -> State:  # noqa: ARG002
        """Return the losses with one more."""
        if self.kind == "bates_granger":
            loss = np.square(scored.target - scored.means)
        else:
            loss = scored.losses()
        losses, n_losses = state
        loss = np.minimum(loss, _HIGHEST_LOSS)
        return discounted_add(losses, n_losses, scored.blanked(loss), self.discount)


@dataclass(frozen=True)
class CrpsLearningRule:
    """Bernstein online aggregation of the CRPS; see `fg_core.pooling.crps_learning`.

    Args:
        discount: Of what is remembered, in (0, 1].
    """

    discount: float = 1.0

    watches_the_pool: ClassVar[bool] = True

    def start(self, n: int, prior: Array | None) -> State:  # noqa: ARG002
        """Return a regret of zeros."""
        return Regret(np.zeros(n), np.zeros(n), np.zeros(n))

    def logs(self, state: State, prior: Array | None) -> Array:
        """Return the log weights that the regrets give."""
        with np.errstate(divide="ignore"):
            found = crps_weights(Regret(*state), _prior(prior, state[0].shape[-1]))
            return np.asarray(log(found), dtype=np.float64)

    def learned(self, state: State, logs: Array, prior: Array | None, scored: Scored) -> State:  # noqa: ARG002
        """Return the regrets after a value."""
        assert scored.weights is not None, "this rule watches the pool"
        shares = scored.weights / ordered_sum(scored.weights)[..., np.newaxis]
        target = np.broadcast_to(scored.target, (*scored.means.shape[:-1], 1))[..., 0]
        gained = scored.regrets(shares, target)
        before = _prior(prior, state[0].shape[-1])
        return gather_regret(Regret(*state), before, scored.blanked(gained), self.discount)


@dataclass(frozen=True)
class LogScoreRule:
    """Weights of the optimal pool; see `fg_core.pooling.log_score`.

    Args:
        likelihood: By which forecasts are judged.
        discount: Of what is remembered, in (0, 1].
        prior_weight: Of the prior, in values.
    """

    likelihood: Likelihood
    discount: float = 0.98
    prior_weight: float = 4.0

    watches_the_pool: ClassVar[bool] = False

    def start(self, n: int, prior: Array | None) -> State:  # noqa: ARG002
        """Return shares of zero."""
        return (np.zeros(n),)

    def logs(self, state: State, prior: Array | None) -> Array:
        """Return the log weights that the shares give."""
        before = _prior(prior, state[0].shape[-1])
        return log(share_weights(state[0], before, self.prior_weight))

    def learned(self, state: State, logs: Array, prior: Array | None, scored: Scored) -> State:  # noqa: ARG002
        """Return the shares after a value."""
        weights = functions.normalise(logs)
        likelihood = scored.log_densities(self.likelihood)
        return (gather_shares(state[0], weights, likelihood, self.discount),)
