r"""Bayesian weights as evidence against a prior, for grids of settings at once.

What a forecaster's record says is kept as the logarithm of its weight over its prior weight,
$e_i = \log(w_i / w_{0,i})$. Forgetting towards the prior is then a product, and a forecaster
that joins late, or that is copied, needs no bookkeeping: it starts at $e_i = 0$ with a share of
the prior.

Before the next value, with forgetting factor $\alpha$, prior $w_0$ and floor $c$:

$$w_i = \frac{w_{0,i}\, e^{\alpha e_i} / Z + c\, w_{0,i}}{1 + c}, \qquad
Z = \sum_j w_{0,j}\, e^{\alpha e_j}$$

after it, with temperature $\tau$ and predictive densities $p_i(y)$:

$$w_i \leftarrow \frac{w_i\, p_i(y)^\tau}{\sum_j w_j\, p_j(y)^\tau}.$$

With equal priors and $\tau = 1$ this is dynamic model averaging with a floor (Raftery, Karny &
Ettler 2010, Technometrics 52, doi:10.1198/TECH.2009.08104), and with $\alpha = 1$ and no floor
Bayesian model averaging. A temperature below one learns more slowly than Bayes' rule, which is
right where forecasters are all wrong in related ways (Grünwald & van Ommen 2017, Bayesian Analysis
12, doi:10.1214/17-BA1085).

The forecaster is on the last axis; every other axis (games, settings) broadcasts, so that a grid of
settings is one array operation.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fg_core._numeric import ordered_dot, ordered_sum
from fg_core.transcendental import exp, log

__all__ = ["forget_evidence", "forget_ratio", "update_evidence"]

Array = NDArray[np.float64]
_LOWEST = -1e250
"""Log likelihoods below this count as this."""
_SCARCE = 0.01
"""Shares below this are summed up, and not taken from one."""
_FAR = 1e-200
"""A sum of weights below this, relative to the largest of all, comes from one far ahead."""


def forget_evidence(
    evidence: Array, prior: Array, alpha: Array | float, floor: float = 0.0
) -> tuple[Array, Array]:
    """Return weight over prior weight before the next value, and its logarithm.

    Weights are the first times the prior. Forecasters of prior weight zero have a ratio as well,
    which counts for nothing.

    Args:
        evidence: Evidence so far, shape (..., forecaster), as `update_evidence` returns it; zeros
            to begin with.
        prior: Prior weights, shape (..., forecaster), at least 0, sum 1.
        alpha: Forgetting factor in (0, 1], one number, or shape (..., 1) for a grid.
        floor: Floor of the weights, at least 0; a weight is then at least floor / (1 + floor) of
            its prior weight.

    Returns:
        Two arrays of shape (..., forecaster).

    >>> ratio, _ = forget_evidence(np.log([1.8, 0.2]), np.array([0.5, 0.5]), 1.0)
    >>> (0.5 * ratio).round(12).tolist()
    [0.9, 0.1]
    """
    ratio, logs, total = _relative(evidence, prior, alpha)
    if floor == 0.0:
        # The logarithm of a ratio that underflowed would lose it for ever.
        return ratio, np.asarray(logs - log(total), dtype=np.float64)
    found = _floored(ratio, floor)
    return found, log(found)


def forget_ratio(evidence: Array, prior: Array, alpha: Array | float, floor: float = 0.0) -> Array:
    """Return the first of what `forget_evidence` returns: what a forecast needs, and no more.

    The second is its logarithm wherever `floor` is above 0, and is needed to learn on.

    Args:
        evidence: Evidence so far, as for `forget_evidence`.
        prior: Prior weights, as for `forget_evidence`.
        alpha: Forgetting factor, as for `forget_evidence`.
        floor: Floor of the weights, as for `forget_evidence`.

    Returns:
        Weight over prior weight, shape (..., forecaster).

    >>> forget_ratio(np.log([1.8, 0.2]), np.array([0.5, 0.5]), 1.0).round(12).tolist()
    [1.8, 0.2]
    """
    return _floored(_relative(evidence, prior, alpha, keep_logs=False)[0], floor)


def _relative(
    evidence: Array, prior: Array, alpha: Array | float, keep_logs: bool = True
) -> tuple[Array, Array, Array]:
    """Return weight over prior weight without a floor, its logarithm but for a term, and that.

    Without `keep_logs` the second is anything.
    """
    logs = _below_the_top(alpha * evidence)
    ratio: Array = exp(logs) if keep_logs else exp(logs, out=logs)
    total = ordered_dot(prior, ratio)[..., np.newaxis]
    ahead = total < _FAR
    if np.count_nonzero(ahead):
        # A forecaster without prior weight is far ahead, and no measure for the others.
        logs = logs if keep_logs else _below_the_top(alpha * evidence)
        own = np.broadcast_to(prior > 0.0, logs.shape)
        top = np.maximum.reduce(logs, axis=-1, where=own, initial=-np.inf)[..., np.newaxis]
        behind = np.where(ahead & np.isfinite(top), top, 0.0)
        logs = np.minimum(logs - behind, 0.0)
        ratio = np.where(ahead, exp(logs), ratio)
        total = np.where(ahead, ordered_dot(prior, ratio)[..., np.newaxis], total)
        total = np.where(total > 0.0, total, 1.0)  # rows without a forecaster
    ratio /= total
    return ratio, logs, total


def _below_the_top(logs: Array) -> Array:
    """Return logarithms of which the largest is 0, in place."""
    logs -= np.maximum.reduce(logs, axis=-1)[..., np.newaxis]
    return logs


def _floored(ratio: Array, floor: float) -> Array:
    """Return ratios that are at least floor / (1 + floor), in place."""
    if floor != 0.0:
        ratio += floor
        ratio /= 1.0 + floor
    return ratio


def update_evidence(
    evidence: Array,
    forgotten: tuple[Array, Array],
    prior: Array,
    log_likelihood: Array,
    temperature: Array | float = 1.0,
) -> tuple[Array, Array]:
    r"""Return the evidence after a value, and the log predictive score of each setting.

    The score is $\log \sum_i w_i\, p_i(y)^\tau$ over the forecasters that were there, whose weights
    sum to one. Of the absent nothing is learned and nothing is forgotten: their evidence stays, and
    the others share what they had together.

    Args:
        evidence: Evidence before the value, shape (..., forecaster).
        forgotten: Result of `forget_evidence` for it.
        prior: Prior weights, shape (..., forecaster), at least 0, sum 1.
        log_likelihood: Log densities of the value (natural logarithms), of a shape that broadcasts
            to (..., forecaster); NaN for an absent forecaster.
        temperature: Power of the likelihood above 0, one number or an array that broadcasts.

    Returns:
        Evidence, shape (..., forecaster), and scores, shape (...); a score of 0 where none
        with a weight was there.

    >>> half, start = np.array([0.5, 0.5]), np.zeros(2)
    >>> forgotten = forget_evidence(start, half, 1.0)
    >>> evidence, score = update_evidence(start, forgotten, half, np.log([0.1, 0.3]))
    >>> (half * np.exp(evidence)).round(12).tolist(), round(float(np.exp(score)), 12)
    ([0.25, 0.75], 0.2)
    """
    ratio, logs = forgotten
    # A likelihood of zero all around would leave no weights; it tells no forecaster apart.
    heated: Any = temperature * np.maximum(log_likelihood, _LOWEST)
    absent = np.isnan(heated)
    everyone = np.count_nonzero(absent) == 0
    seen = heated if everyone else np.where(absent, -np.inf, heated)
    weights = prior * ratio
    here = weights if everyone else np.where(absent, 0.0, weights)
    top = np.maximum.reduce(seen, axis=-1)[..., np.newaxis]
    usable = np.isfinite(top)
    if np.count_nonzero(usable) < usable.size:
        top = np.where(usable, top, 0.0)
    mass = ordered_dot(here, exp(seen - top))
    # A row says the same alone and among rows that lack a forecaster.
    full: Any = True if everyone else ~absent.any(axis=-1)
    whole = 1.0 if everyone else np.where(full, 1.0, ordered_sum(here))
    some = mass > 0.0
    if np.count_nonzero(some) == mass.size:
        score = joint = log(mass) + top[..., 0]
        if not everyone:
            score = joint - log(whole)
    else:
        slow_joint, slow_score = _scores_in_logs(logs, prior, seen)
        with np.errstate(divide="ignore", invalid="ignore"):
            joint = log(mass) + top[..., 0]
            score = np.where(some, joint - log(whole), slow_score)
        joint = np.where(some, joint, slow_joint)
    if everyone:
        gained = np.asarray(heated - score[..., np.newaxis])
        # In place where it has the shape of the sum: in many games memory is what takes time.
        room = (
            gained
            if gained.ndim >= logs.ndim and gained.shape[-logs.ndim :] == logs.shape
            else None
        )
        return np.add(logs, gained, out=room), np.asarray(score)
    kept = _log_share(evidence, prior, absent)
    loss = np.where(full, score, np.where(np.isfinite(kept), joint - kept, 0.0))[..., np.newaxis]
    learned = logs + (np.where(absent, 0.0, heated) - loss)
    return np.where(absent, evidence, learned), np.asarray(score, dtype=np.float64)


def _log_share(evidence: Array, prior: Array, absent: NDArray[np.bool_]) -> Array:
    """Return the log of the share of those who are there, before forgetting."""
    away = absent.reshape(-1, absent.shape[-1]).any(axis=0)
    theirs = np.where(absent[..., away], prior[..., away] * exp(evidence[..., away]), 0.0)
    share = 1.0 - ordered_sum(theirs)
    scarce = share < _SCARCE
    if np.count_nonzero(scarce):  # most digits of the difference are lost
        slow = _log_sum(prior, np.where(absent, -np.inf, evidence))
        return np.where(scarce, slow, log(np.where(scarce, 1.0, share)))
    return np.asarray(log(share), dtype=np.float64)


def _scores_in_logs(logs: Array, prior: Array, seen: Array) -> tuple[Array, Array]:
    """Return log sums of weights times likelihoods, and scores, where the sums underflow.

    (A forecaster that alone explains a value may have had next to no weight.)
    """
    joint = _log_sum(prior, logs + seen)
    whole = _log_sum(prior, np.where(np.isneginf(seen), -np.inf, logs))
    # Where no forecaster is present, nothing can be learned.
    usable = np.isfinite(joint) & np.isfinite(whole)
    found = np.where(usable, joint, 0.0)
    return found, np.where(usable, found - np.where(usable, whole, 0.0), 0.0)


def _log_sum(prior: Array, terms: Array) -> Array:
    """Return the log of the sum of prior times exp(terms)."""
    with np.errstate(divide="ignore"):
        logs = np.where(prior > 0.0, log(prior), -np.inf) + terms
        top = np.maximum.reduce(logs, axis=-1)
        top = np.where(np.isfinite(top), top, 0.0)
        return np.asarray(top + log(ordered_sum(exp(logs - top[..., np.newaxis]))))
