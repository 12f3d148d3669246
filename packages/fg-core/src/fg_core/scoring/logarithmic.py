r"""The logarithmic score, $-\log p(y)$: how surprising was what happened?

Negative log density, in nats, so lower is better, as for every other score here; it can be below
0, where the density is above 1, and it shifts by $\log a$ when the unit of the series is scaled
by $a$: differences mean something, ratios do not. All is computed in logs: a value forty standard
deviations out has a finite score. A NaN in `value` gives NaN; parameters must be finite.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from fg_core._numeric import (
    FloatArray,
    common_shape,
    finite,
    finite_or_nan,
    not_negative,
    ordered_sum,
    positive,
)
from fg_core.mixture import check_components
from fg_core.transcendental import exp, log

from ._kernels import HALF_LOG_2PI, gaussian_log_score, student_t_log_score

__all__ = ["log_score_gaussian", "log_score_mixture", "log_score_student_t"]


def log_score_gaussian(mean: ArrayLike, std: ArrayLike, value: ArrayLike) -> FloatArray:
    r"""Negative log density of a normal forecast.

    $$\tfrac12 \log 2 \pi + \log \sigma + \tfrac12 \{(y - \mu) / \sigma\}^2$$

    A forecast that is certain ($\sigma = 0$) has no density. Its score is the limit: infinite where
    it is wrong by however little, minus infinity where it is right to the last bit.

    Args:
        mean: $\mu$, shape (...), in the unit of the series.
        std: $\sigma \ge 0$, shape broadcastable to `mean`, same unit.
        value: $y$, what happened, shape broadcastable to `mean`; NaN gives NaN.

    Returns:
        Score in nats, lower is better; infinite beyond 1e154 standard deviations.

    Raises:
        DataError: `mean` is not finite, `std` negative or not finite, `value` infinite, or shapes
            that do not fit.

    Reference: Gneiting & Raftery (2007), J. Am. Stat. Assoc. 102, doi:10.1198/016214506000001437.

    >>> round(float(log_score_gaussian(0.0, 1.0, 0.0)), 6)
    0.918939
    """
    mu, sigma = finite("mean", mean), not_negative("std", std)
    y = finite_or_nan("value", value)
    common_shape(mean=mu, std=sigma, value=y)
    certain = sigma == 0.0
    with np.errstate(over="ignore"):
        score = gaussian_log_score(mu, np.where(certain, 1.0, sigma), y)
    if not certain.any():
        return score
    limit = np.where(np.isnan(y), np.nan, np.where(y == mu, -np.inf, np.inf))
    return np.where(certain, limit, score)[()]


def log_score_mixture(
    weights: ArrayLike, means: ArrayLike, scales: ArrayLike, value: ArrayLike
) -> FloatArray:
    r"""Negative log density of a mixture of normal distributions.

    $$-\log \sum_k w_k \frac{1}{s_k} \varphi\{(y - m_k) / s_k\},$$

    by log-sum-exp over the components. A row gives the same bits alone as in a batch.

    Args:
        weights: $w$, shape (..., component), at least 0, sum 1.
        means: $m$, shape (..., component), in the unit of the series.
        scales: $s > 0$, shape (..., component), same unit.
        value: $y$, what happened, shape broadcastable to (...); NaN gives NaN.

    Returns:
        Score of shape (...), in nats, lower is better; infinite beyond 1e154 scales of every
        component.

    Raises:
        DataError: A parameter is not finite or out of range, `value` infinite, or shapes that do
            not fit.

    Reference: Gneiting & Raftery (2007), J. Am. Stat. Assoc. 102, doi:10.1198/016214506000001437.

    >>> round(float(log_score_mixture([0.5, 0.5], [0.0, 2.0], [1.0, 1.0], 1.0)), 6)
    1.418939
    """
    w, m, s = check_components(weights, means, scales)
    y = finite_or_nan("value", value)[..., np.newaxis]
    common_shape(value=y, components=m)
    with np.errstate(over="ignore", divide="ignore"):  # far out, and weight 0: a log of -inf
        z = (y - m) / s
        logs = log(w) - log(s) - 0.5 * z * z
        largest = np.max(logs, axis=-1, keepdims=True)
        # All components at -inf: -inf - (-inf) would be NaN, where the score is +inf.
        shift = np.where(np.isfinite(largest), largest, 0.0)
        total = log(ordered_sum(exp(logs - shift)))
    return HALF_LOG_2PI - shift[..., 0] - total


def log_score_student_t(
    location: ArrayLike, scale: ArrayLike, df: ArrayLike, value: ArrayLike
) -> FloatArray:
    r"""Negative log density of a Student t forecast.

    With $z = (y - \mu) / s$ and the beta function $B$,

    $$\log s + \tfrac12 \log \nu + \log B(\nu / 2, 1 / 2)
      + \tfrac{\nu + 1}{2} \log(1 + z^2 / \nu).$$

    `scale` is not the standard deviation: that is $s \{\nu / (\nu - 2)\}^{1/2}$, for $\nu > 2$.

    Args:
        location: $\mu$, shape (...), in the unit of the series.
        scale: $s > 0$, shape broadcastable to `location`, same unit.
        df: $\nu > 0$, degrees of freedom.
        value: $y$, what happened, shape broadcastable to `location`; NaN gives NaN.

    Returns:
        Score in nats, lower is better; infinite beyond 1e154 scales.

    Raises:
        DataError: `location` is not finite, `scale` or `df` not above 0, `value` infinite, or
            shapes that do not fit.

    Reference: Lange, Little & Taylor (1989), J. Am. Stat. Assoc. 84,
    doi:10.1080/01621459.1989.10478852.

    >>> round(float(log_score_student_t(0.0, 1.0, 1.0, 0.0)), 6)
    1.14473
    """
    mu, s, nu = finite("location", location), positive("scale", scale), positive("df", df)
    y = finite_or_nan("value", value)
    common_shape(location=mu, scale=s, df=nu, value=y)
    with np.errstate(over="ignore"):
        return student_t_log_score(mu, s, nu, y)
