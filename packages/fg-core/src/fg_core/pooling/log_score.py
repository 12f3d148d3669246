r"""Weights that maximise the log score of the mixture, learned online.

The optimal pool has the weights that maximise $\sum_s d^{t-s} \log \sum_i w_i\, p_i(y_s)$. One pass
of expectation maximisation per value gives each forecaster its share in having explained it,

$$\rho_i = \frac{w_i\, p_i(y)}{\sum_j w_j\, p_j(y)}, \qquad n_i \leftarrow d\, n_i + \rho_i, \qquad
w_i = \frac{n_i + n_0 w_{0,i}}{\sum_j n_j + n_0},$$

with discount $d$ and a prior worth $n_0$ values. Unlike Bayesian weights they do not end with one
forecaster when all are wrong: two that take turns in being right share the weight.

References: Hall & Mitchell (2007), Int. J. Forecasting 23, doi:10.1016/j.ijforecast.2006.08.001;
Geweke & Amisano (2011), J. Econometrics 164, doi:10.1016/j.jeconom.2011.02.017; online expectation
maximisation, Cappé & Moulines (2009), J. Royal Statistical Society B 71,
doi:10.1111/j.1467-9868.2009.00698.x.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fg_core._numeric import ordered_sum
from fg_core.transcendental import log

from .weights import normalise

__all__ = ["share_weights", "update_shares"]

Array = NDArray[np.float64]


def share_weights(shares: Array, prior: Array, prior_weight: float) -> Array:
    """Return the weights before the next value.

    Args:
        shares: Shares n of the forecasters, shape (..., forecaster), in values; zeros to begin
            with.
        prior: Prior weights, shape (..., forecaster), at least 0, sum 1.
        prior_weight: Weight n_0 of the prior, above 0, in values.

    Returns:
        Weights of the forecasters, shape (..., forecaster), sum 1.

    >>> share_weights(np.array([3.0, 1.0]), np.array([0.5, 0.5]), 4.0).tolist()
    [0.625, 0.375]
    """
    raw = shares + prior_weight * prior
    return np.asarray(raw / ordered_sum(raw)[..., np.newaxis], dtype=np.float64)


def update_shares(
    shares: Array, weights: Array, log_likelihood: Array, discount: float = 1.0
) -> Array:
    """Return the shares after a value.

    Args:
        shares: Shares before the value, shape (..., forecaster), in values.
        weights: Weights of the forecasters, shape (..., forecaster), sum 1, as `share_weights`
            returns them.
        log_likelihood: Log densities of the value (natural logarithms), shape (..., forecaster);
            NaN for an absent forecaster, which is given its own weight: it is taken to have done as
            well as the pool.
        discount: Share of the past that is kept, in (0, 1]; 1 forgets nothing.

    Returns:
        Shares after the value, shape (..., forecaster), in values; without forgetting they sum to
        one more than before.

    >>> equal = np.array([0.5, 0.5])
    >>> update_shares(np.zeros(2), equal, np.log([0.1, 0.3])).round(12).tolist()
    [0.25, 0.75]
    """
    absent = np.isnan(log_likelihood)
    seen = np.where(absent, -np.inf, np.maximum(log_likelihood, -1e250))
    # Only differences of likelihoods count; taken first, they keep their digits.
    top = np.maximum.reduce(seen, axis=-1)[..., np.newaxis]
    nobody = ~np.isfinite(top)
    with np.errstate(divide="ignore"):
        logs = log(weights) + np.where(nobody, 0.0, seen - np.where(nobody, 0.0, top))
    # Those who were there share what they had among themselves.
    explained = normalise(logs)
    mass = ordered_sum(np.where(absent, 0.0, weights))[..., np.newaxis]
    share = np.where(absent, weights, explained * mass)
    return np.asarray(discount * shares + share, dtype=np.float64)
