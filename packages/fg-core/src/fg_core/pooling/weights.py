r"""Weights of a pool of forecasters, as pure functions over arrays.

The last axis is the forecaster; leading axes (games, origins) broadcast. Weights are kept as
logarithms, because products of likelihoods leave the range of floating point within a few rounds.

Dynamic model averaging (Raftery, Karny & Ettler 2010, Technometrics 52,
doi:10.1198/TECH.2009.08104):

$$\pi_{t|t-1,i} \propto \pi_{t-1,i}^{\alpha}, \qquad \pi_{t,i} \propto \pi_{t|t-1,i}\, p_i(y_t)$$

with forgetting factor $\alpha$; $\alpha = 1$ is Bayesian model averaging.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from fg_core._numeric import expand_last, is_one_row, ordered_sum
from fg_core.transcendental import exp, log

__all__ = [
    "bayes_weights",
    "equal_weights",
    "forget",
    "forgotten",
    "normalise",
    "rank_weights",
    "reward_weights",
]

Array = NDArray[np.float64]


def normalise(log_weights: Array, present: NDArray[np.bool_] | None = None) -> Array:
    """Return weights that sum to one from logarithms of any size.

    Args:
        log_weights: Logarithms of the weights up to a constant, shape (..., forecaster); minus
            infinity is a weight of zero.
        present: Whether a forecaster is present, same shape; absent ones get weight zero. None: all
            are present.

    Returns:
        Weights of the forecasters, shape (..., forecaster), sum 1 along the last axis.

    >>> normalise(np.log(np.array([1.0, 3.0]))).round(12).tolist()
    [0.25, 0.75]
    """
    logs = np.asarray(log_weights, dtype=np.float64)
    if present is not None and np.count_nonzero(present) != present.size:
        logs = np.where(present, logs, -np.inf)
    weights: Array = logs - expand_last(np.maximum.reduce(logs, axis=-1), logs)
    exp(weights, out=weights)
    weights /= expand_last(ordered_sum(weights), weights)
    return weights


def equal_weights(present: NDArray[np.bool_]) -> Array:
    """Return one over the number of forecasters that are present, zero for the others.

    Args:
        present: Whether a forecaster is present, shape (..., forecaster).

    Returns:
        Weights of the forecasters, sum 1, of the shape of `present`; shape (forecaster,) where all
        are present in all rows.

    >>> equal_weights(np.array([True, False, True])).tolist()
    [0.5, 0.0, 0.5]
    """
    if np.count_nonzero(present) == present.size:
        k = present.shape[-1]
        return np.full(k, 1.0 / k)
    ones = np.asarray(present, dtype=np.float64)
    return np.asarray(ones / ordered_sum(ones)[..., None], dtype=np.float64)


def forget(log_weights: Array, alpha: float, floor: float, prior: Array | None = None) -> Array:
    r"""Return the log weights before the next value: forgetting, then a floor.

    $\pi \leftarrow (\pi^\alpha / \sum \pi^\alpha + c/K) / (1 + c)$ with floor $c$. The floor keeps
    a forecaster that has done badly in the race, so that it can come back. Prior weights $\pi_0$
    other than equal ones take the place of $1/K$: $\pi^\alpha \pi_0^{1 - \alpha}$, and $c\,\pi_0$.

    Args:
        log_weights: Logarithms of the weights, shape (..., forecaster).
        alpha: Forgetting factor in (0, 1]; 1 forgets nothing.
        floor: Floor $c \ge 0$; each weight is then at least c / (1 + c) of its prior weight 1 / K.
        prior: Prior weights above 0, shape (..., forecaster), sum 1; None: equal ones.

    Returns:
        Natural logarithms of the weights before the next value, shape (..., forecaster).

    >>> np.exp(forget(np.log(np.array([0.5, 0.5])), 0.95, 0.0)).tolist()
    [0.5, 0.5]
    """
    return forgotten(log_weights, alpha, floor, prior)[1]


def forgotten(
    log_weights: Array, alpha: float, floor: float, prior: Array | None = None
) -> tuple[Array, Array]:
    """Return the weights of `forget`, and their logarithms.

    Args:
        log_weights: Logarithms of the weights, shape (..., forecaster).
        alpha: Forgetting factor in (0, 1]; 1 forgets nothing.
        floor: Floor of the weights, at least 0; see `forget`.
        prior: Prior weights above 0, shape (..., forecaster), sum 1; None: equal ones.

    Returns:
        Weights before the next value, sum 1, and their natural logarithms, shape (..., forecaster)
        each.
    """
    logs = alpha * log_weights
    if prior is not None:
        logs += (1.0 - alpha) * log(prior)
    if floor == 0.0:
        # The logarithm of a weight that underflowed would lose it for ever.
        logs -= expand_last(np.maximum.reduce(logs, axis=-1), logs)
        logs -= expand_last(log(ordered_sum(exp(logs))), logs)
        return normalise(logs), logs
    weights = normalise(logs)
    weights += floor / weights.shape[-1] if prior is None else floor * prior
    weights /= 1.0 + floor
    return weights, log(weights)


def bayes_weights(log_weights: Array, log_likelihood: Array) -> Array:
    """Return the log weights after a value: prior times likelihood, normalised.

    Args:
        log_weights: Logarithms of the weights before the value, shape (..., forecaster), as
            `forget` returns them.
        log_likelihood: Log densities of the value (natural logarithms), same shape; NaN for a
            forecaster that was absent, whose weight then keeps its share: it is taken to have done
            as well as the pool.

    Returns:
        Natural logarithms of the weights after the value, shape (..., forecaster); the weights sum
        to 1.

    >>> w = bayes_weights(np.log(np.array([0.5, 0.5])), np.log(np.array([0.1, 0.3])))
    >>> np.exp(w).round(12).tolist()
    [0.25, 0.75]
    """
    present = ~np.isnan(log_likelihood)
    if np.count_nonzero(present) != present.size:
        known = np.where(present, log_weights, -np.inf)
        joint = np.where(present, log_weights + log_likelihood, -np.inf)
        # With none present there is nothing to learn; -inf - -inf would be NaN then.
        anybody = present.any(axis=-1)
        pool = np.where(anybody, _log_sum(joint), 0.0) - np.where(anybody, _log_sum(known), 0.0)
        log_likelihood = np.where(present, log_likelihood, pool[..., None])
    logs: Array = log_weights + log_likelihood
    logs -= expand_last(_log_sum(logs), logs)
    return logs


def _log_sum(logs: Array) -> Array:
    if is_one_row(logs) and logs.ndim == 1:
        highest = max(logs.tolist())
        if math.isfinite(highest):
            return np.asarray(highest + log(ordered_sum(exp(logs - highest))))
    top = np.maximum.reduce(logs, axis=-1)
    finite = np.isfinite(top)
    if np.count_nonzero(finite) == finite.size:  # the sum is 1 or more
        return np.asarray(top + log(ordered_sum(exp(logs - expand_last(top, logs)))))
    safe = np.where(finite, top, 0.0)
    with np.errstate(divide="ignore"):
        return np.asarray(safe + log(ordered_sum(exp(logs - expand_last(safe, logs)))))


def rank_weights(loss: Array) -> Array:
    """Return weights proportional to one over the rank of the loss, the smallest loss first.

    Equal losses share the mean of their ranks; NaN (no loss known) ranks last of all, its
    weight being that of the last rank.

    Reference: Aiolfi & Timmermann (2006), J. Econometrics 135,
    doi:10.1016/j.jeconom.2005.07.015.

    Args:
        loss: Losses of the forecasters, shape (..., forecaster), in any one unit; NaN: none is
            known.

    Returns:
        Weights of the forecasters, shape (..., forecaster), sum 1.

    >>> rank_weights(np.array([0.3, 0.1])).round(12).tolist()
    [0.333333333333, 0.666666666667]
    """
    known = np.where(np.isnan(loss), np.inf, loss)
    below = (known[..., None, :] < known[..., :, None]).sum(axis=-1)
    equal = (known[..., None, :] == known[..., :, None]).sum(axis=-1)
    weights = 1.0 / (below + (equal + 1) / 2.0)
    return np.asarray(weights / ordered_sum(weights)[..., None], dtype=np.float64)


def inverse_loss_weights(loss: Array) -> Array:
    r"""Return weights proportional to one over the loss.

    With (discounted) mean squared errors $\hat\sigma_i^2$ as losses, these are the weights of Bates
    & Granger without correlations, $w_i \propto 1 / \hat\sigma_i^2$.

    Args:
        loss: Losses of the forecasters, shape (..., forecaster), at least 0 and of any size,
            infinity included; NaN (none known) counts as the mean of the others.

    Returns:
        Shape (..., forecaster), finite, rows of sum 1.

    References: Bates & Granger (1969), Operational Research Quarterly 20, doi:10.2307/3008764;
    discounted, Stock & Watson (2004), J. Forecasting 23, doi:10.1002/for.928.

    >>> inverse_loss_weights(np.array([1.0, 3.0])).tolist()
    [0.75, 0.25]
    """
    known = ~np.isnan(loss)
    count = ordered_sum(known.astype(np.float64))
    filled = np.minimum(np.where(known, loss, 0.0), np.finfo(np.float64).max)
    # In units of a power of two near the largest, which changes no digit, so that the sum of
    # losses stays within the range of numbers.
    _, exponent = np.frexp(np.maximum.reduce(filled, axis=-1))
    filled = np.ldexp(filled, 1 - exponent[..., np.newaxis])
    mean = (ordered_sum(filled) / np.maximum(count, 1.0))[..., np.newaxis]
    mean = np.where(mean > 0.0, mean, 1.0)
    # Relative to the mean, and away from zero: no forecaster is without error for ever.
    relative = np.where(known, np.maximum(filled / mean, 1e-12), 1.0)
    weights = 1.0 / relative
    return np.asarray(weights / ordered_sum(weights)[..., None], dtype=np.float64)


def reward_weights(reward: Array, scale: Array | float) -> Array:
    """Return weights proportional to exp(reward / scale): always positive, rewards of any sign.

    Args:
        reward: Mean rewards of the forecasters, shape (..., forecaster); NaN (none known) counts as
            the mean of the others.
        scale: Difference in reward that multiplies a weight by e, above 0, in the unit of the
            rewards; one number, or shape (...).

    Returns:
        Weights of the forecasters, shape (..., forecaster), sum 1.

    >>> reward_weights(np.array([-1.0, -1.0]), 0.5).tolist()
    [0.5, 0.5]
    """
    known = ~np.isnan(reward)
    count = ordered_sum(known.astype(np.float64))
    filled = np.where(known, reward, 0.0)
    mean = ordered_sum(filled) / np.maximum(count, 1.0)
    return normalise(np.where(known, reward, mean[..., None]) / np.asarray(scale)[..., None])
