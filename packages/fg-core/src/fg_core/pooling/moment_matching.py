r"""Many pools of the same forecasters as one mixture, with one component a forecaster.

Pool $k$ is the mixture of $N(\mu_k + g_k (m_i - \mu_k), (g_k s_{k,i})^2)$ with weights $w_{k,i}$:
its forecasters' means and scales, drawn together or apart around its own mean $\mu_k$ by a factor
$g_k$ (1: as they are). A mixture of pools with weights $V_k$ has as many components as there are
pools times forecasters, hundreds, of which most all but coincide. It is replaced by the mixture
that has, for each forecaster, one normal with the same weight, mean and variance as its hundreds
together:

$$w_i = \sum_k V_k w_{k,i}, \qquad
m_i^* = \sum_k \frac{V_k w_{k,i}}{w_i}\, \mu_{k,i}, \qquad
s_i^{*2} = \sum_k \frac{V_k w_{k,i}}{w_i} \{(g_k s_{k,i})^2 + (\mu_{k,i} - m_i^*)^2\},$$

with $\mu_{k,i} = \mu_k + g_k (m_i - \mu_k)$. Mean and variance of the whole stay exactly what they
were (laws of total expectation and variance); what is lost is the shape within a forecaster.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["moment_match"]

Array = NDArray[np.float64]


def moment_match(
    pool_weights: Array, weights: Array, means: Array, scales: Array, spread: Array
) -> tuple[Array, Array, Array]:
    """Return weights, means and scales of one component a forecaster.

    Args:
        pool_weights: V, shape (pool, ...), one axis or several, at least 0, sum 1 over all.
        weights: w, shape (pool, ..., forecaster) or one that broadcasts to it, rows of sum 1 (of a
            pool without weight: anything).
        means: m, shape (forecaster,), in the unit of the series.
        scales: s, as `weights`, standard deviations above 0.
        spread: g, shape (pool, ...), above 0.

    Returns:
        Three arrays of shape (forecaster,). Where the weight is 0, the mean is the forecaster's
        and the scale 1.

    >>> w, m, s = moment_match(np.array([0.5, 0.5]), np.array([[1.0, 0.0], [0.5, 0.5]]),
    ...     np.array([0.0, 4.0]), np.ones((2, 2)), np.ones(2))
    >>> w.tolist(), m.tolist(), s.tolist()
    ([0.75, 0.25], [0.0, 4.0], [1.0, 1.0])
    """
    pools = tuple(range(pool_weights.ndim))
    centres = (weights * means).sum(axis=-1)[..., np.newaxis]
    share = pool_weights[..., np.newaxis] * weights
    total: Array = share.sum(axis=pools)
    has = total > 0.0
    share /= total if np.count_nonzero(has) == has.size else np.where(has, total, 1.0)
    g = spread[..., np.newaxis]
    # As distances from the forecaster's own mean: sums of numbers of one size lose no digits.
    moved = (g - 1.0) * (means - centres)
    shift: Array = (share * moved).sum(axis=pools)
    moved -= shift
    moved *= moved
    moved += np.square(g * scales)
    moved *= share
    variance = moved.sum(axis=pools)
    return total, means + shift, np.sqrt(np.where(has, variance, 1.0))
