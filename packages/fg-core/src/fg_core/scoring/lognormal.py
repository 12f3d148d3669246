r"""Mixtures of log-normal distributions: moments, and the continuous ranked probability score.

$X = e^Z$ with $Z$ from a mixture of normals $N(m_k, s_k^2)$ with weights $w_k$: what a forecast of
the logarithm of a series says of the series itself. Components are on the last axis, and a row
gives the same bits alone as in a batch.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from fg_core._numeric import FloatArray, common_shape, expand_last, finite_or_nan, ordered_sum
from fg_core.errors import DataError
from fg_core.mixture import check_components
from fg_core.transcendental import erf, exp, expm1, hypot, log

__all__ = ["crps_lognormal_mixture", "lognormal_mixture_moments"]

_BLOCK = 1 << 18
"""Numbers in one temporary array: a large batch is scored in pieces of this size."""

_SQRT_2 = float(np.sqrt(2.0))


def lognormal_mixture_moments(
    weights: ArrayLike, means: ArrayLike, scales: ArrayLike
) -> tuple[FloatArray, FloatArray]:
    r"""Mean and variance of a mixture of log-normal distributions.

    With $\lambda_k = \exp(m_k + s_k^2 / 2)$, the mean of a component,

    $$\mu = \sum_k w_k \lambda_k, \qquad
      \sigma^2 = \sum_k w_k \{\lambda_k^2 (e^{s_k^2} - 1) + (\lambda_k - \mu)^2\}.$$

    Args:
        weights: $w$, shape (..., component), at least 0, sum 1.
        means: $m$, means of the logarithm, shape (..., component).
        scales: $s > 0$, standard deviations of the logarithm, shape (..., component).

    Returns:
        `(mean, variance)`, each of shape (...), in the unit of $X$ and in that unit squared.

    Raises:
        DataError: A parameter is not finite or out of range, or a moment is too large for a
            number.

    Reference: Aitchison & Brown (1957), The Lognormal Distribution, chapter 2.

    >>> mean, variance = lognormal_mixture_moments([1.0], [0.0], [1.0])
    >>> round(float(mean), 6), round(float(variance), 6)
    (1.648721, 4.670774)
    """
    w, m, s = check_components(weights, means, scales)
    with np.errstate(over="ignore", invalid="ignore"):
        square = s * s
        level = exp(m + 0.5 * square)
        mean = ordered_sum(w * level)
        spread = level - expand_last(mean, level)
        variance = ordered_sum(w * (level * level * expm1(square) + spread * spread))
    if not (np.isfinite(mean).all() and np.isfinite(variance).all()):
        raise DataError(
            "the mean or the variance of a log-normal forecast is too large for a number: the "
            f"largest scale of a logarithm is {float(np.max(s)):g}, the largest mean "
            f"{float(np.max(m)):g}"
        )
    return mean[()], variance[()]


def crps_lognormal_mixture(
    weights: ArrayLike, means: ArrayLike, scales: ArrayLike, value: ArrayLike
) -> FloatArray:
    r"""Continuous ranked probability score of a mixture of log-normal distributions.

    With $\lambda_k = \exp(m_k + s_k^2 / 2)$ the two expectations of the score,
    $E|X - y| - \frac12 E|X - X'|$, are sums over components of

    $$E|X_k - y| = \lambda_k \{1 - 2 \Phi(z_k - s_k)\} + y \{2 \Phi(z_k) - 1\},
      \qquad z_k = (\log y - m_k) / s_k,$$
    $$E|X_j - X_k| = \lambda_j \{2 \Phi(a_{jk}) - 1\} + \lambda_k \{2 \Phi(a_{kj}) - 1\},
      \qquad a_{jk} = (m_j + s_j^2 - m_k) / (s_j^2 + s_k^2)^{1/2},$$

    for $y > 0$; below, $E|X_k - y| = \lambda_k - y$. (Both follow from the mean of $X$ over an
    event, which is $\lambda$ times the probability of the event with $m + s^2$ in place of $m$.)
    One component gives the formula of Baran & Lerch.

    Args:
        weights: $w$, shape (..., component), at least 0, sum 1.
        means: $m$, means of the logarithm, shape (..., component).
        scales: $s > 0$, standard deviations of the logarithm, shape (..., component).
        value: $y$, what happened, in the unit of $X$, shape broadcastable to (...); NaN gives NaN.

    Returns:
        Score of shape (...), in the unit of $X$, at least 0, lower is better; exact to about
        1e-15 of the values forecast.

    Raises:
        DataError: A parameter is not finite or out of range, `value` infinite, the mean of a
            component is too large for a number, or shapes that do not fit.

    Reference: Baran & Lerch (2015), Q. J. R. Meteorol. Soc. 141, doi:10.1002/qj.2521 (one
    component); Aitchison & Brown (1957), The Lognormal Distribution, chapter 2 (means over
    events).

    >>> round(float(crps_lognormal_mixture([0.5, 0.5], [0.0, 1.0], [0.5, 0.2], 2.0)), 6)
    0.30157
    """
    w, m, s = check_components(weights, means, scales)
    y = finite_or_nan("value", value)
    n = m.shape[-1]
    shape = common_shape(value=y[..., np.newaxis], components=m)
    w, m, s = (np.broadcast_to(a, shape).reshape(-1, n) for a in (w, m, s))
    y = np.broadcast_to(y, shape[:-1]).reshape(-1)
    score = np.empty(y.shape)
    block = max(1, _BLOCK // (n * n))
    for start in range(0, y.size, block):
        part = slice(start, start + block)
        score[part] = _score(w[part], m[part], s[part], y[part])
    return score.reshape(shape[:-1])[()]


def _score(w: FloatArray, m: FloatArray, s: FloatArray, y: FloatArray) -> FloatArray:
    """Return the score of shape (row,) of components of shape (row, component)."""
    square = s * s
    with np.errstate(over="ignore"):
        level = exp(m + 0.5 * square)
    if not np.isfinite(level).all():
        raise DataError(
            "the mean of a component of a log-normal forecast is too large for a number: "
            f"the largest scale of a logarithm is {float(np.max(s)):g}"
        )
    above = y > 0.0
    distance = log(np.where(above, y, 1.0))[:, np.newaxis] - m
    width = _SQRT_2 * s
    at = y[:, np.newaxis]
    with np.errstate(over="ignore"):  # a distance of more than 1e308 scales is infinite: right
        # 2 Phi(x) - 1 = erf(x / sqrt 2), which keeps its digits near 0.
        to_value = at * erf(distance / width) - level * erf((distance - square) / width)
    to_value = np.where(above[:, np.newaxis], to_value, level - at)
    first, second = np.triu_indices(m.shape[-1], k=1)
    apart = m[:, first] - m[:, second]
    joint = _SQRT_2 * hypot(s[:, first], s[:, second])
    between = level[:, first] * erf((apart + square[:, first]) / joint)
    between = between + level[:, second] * erf((square[:, second] - apart) / joint)
    # Half of the double sum: the diagonal, where E|X - X'| = 2 lambda erf(s / 2), and every pair.
    within = ordered_sum(w * w * level * erf(0.5 * s))
    pairs = ordered_sum(w[:, first] * w[:, second] * between)
    score: FloatArray = ordered_sum(w * to_value) - within - pairs
    # The difference of large numbers can fall below 0 by rounding; NaN stays NaN.
    score = np.maximum(score, 0.0)
    return np.where(np.isnan(y), np.nan, score)
