r"""The continuous ranked probability score of normal, mixture, sampled and quantile forecasts.

For a forecast with distribution function $F$ and independent draws $X, X'$ from it,

$$\operatorname{CRPS}(F, y) = \int \{F(x) - 1(y \le x)\}^2 dx
  = E|X - y| - \tfrac12 E|X - X'|.$$

It is strictly proper, is in the unit of the series, and is the absolute error where the forecast is
a single number. A NaN in `value` gives NaN; parameters of a forecast must be finite.
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
    probability,
)
from fg_core.errors import DataError
from fg_core.mixture import check_components

from ._kernels import gaussian_crps, mixture_crps
from .calibration import pinball_loss

__all__ = ["crps_gaussian", "crps_mixture", "crps_quantile", "crps_sample"]

_BLOCK = 1 << 18
"""Numbers in one temporary array: a large batch is scored in pieces of this size."""


def crps_gaussian(mean: ArrayLike, std: ArrayLike, value: ArrayLike) -> FloatArray:
    r"""Continuous ranked probability score of a normal forecast.

    With $z = (y - \mu) / \sigma$, standard normal $\Phi$ and $\varphi$,

    $$\operatorname{CRPS} = \sigma \{ z (2 \Phi(z) - 1) + 2 \varphi(z) - \pi^{-1/2} \}.$$

    A forecast that is certain ($\sigma = 0$) has the limit $|y - \mu|$, exactly.

    Args:
        mean: $\mu$, shape (...), in the unit of the series.
        std: $\sigma \ge 0$, shape broadcastable to `mean`, same unit.
        value: $y$, what happened, shape broadcastable to `mean`; NaN gives NaN.

    Returns:
        Score in the unit of the series, at least 0, lower is better.

    Raises:
        DataError: `mean` is not finite, `std` negative or not finite, `value` infinite, or shapes
            that do not fit.

    Reference: Gneiting et al. (2005), Mon. Wea. Rev. 133, doi:10.1175/MWR2904.1.

    >>> round(float(crps_gaussian(0.0, 1.0, 0.0)), 6)
    0.233695
    """
    mu, sigma = finite("mean", mean), not_negative("std", std)
    y = finite_or_nan("value", value)
    common_shape(mean=mu, std=sigma, value=y)
    with np.errstate(over="ignore"):
        return gaussian_crps(mu, sigma, y)


def crps_mixture(
    weights: ArrayLike, means: ArrayLike, scales: ArrayLike, value: ArrayLike
) -> FloatArray:
    r"""Continuous ranked probability score of a mixture of normal distributions.

    With $A(d, s) = E|N(d, s^2)| = d \{2 \Phi(d / s) - 1\} + 2 s \varphi(d / s)$,

    $$\operatorname{CRPS} = \sum_i w_i A(y - m_i, s_i) - \tfrac12 \sum_i \sum_j w_i w_j
      A\bigl(m_i - m_j, (s_i^2 + s_j^2)^{1/2}\bigr).$$

    A row gives the same bits alone as in a batch.

    Args:
        weights: $w$, shape (..., component), at least 0, sum 1.
        means: $m$, shape (..., component), in the unit of the series.
        scales: $s > 0$, shape (..., component), same unit.
        value: $y$, what happened, shape broadcastable to (...); NaN gives NaN.

    Returns:
        Score of shape (...), in the unit of the series, at least 0, lower is better.

    Raises:
        DataError: A parameter is not finite or out of range, `value` infinite, or shapes that do
            not fit.

    Reference: Grimit et al. (2006), Q. J. R. Meteorol. Soc. 132, doi:10.1256/qj.05.235.

    >>> round(float(crps_mixture([0.1, 0.2, 0.7], [0.1, -0.3, 1.0], [0.4, 2.1, 0.7], 0.0)), 6)
    0.468069
    """
    w, m, s = check_components(weights, means, scales)
    y = finite_or_nan("value", value)
    n = m.shape[-1]
    shape = common_shape(value=y[..., np.newaxis], components=m)
    rows = (-1, n)
    w, m, s = (np.broadcast_to(a, shape).reshape(rows) for a in (w, m, s))
    y = np.broadcast_to(y, shape[:-1]).reshape(-1)
    score = np.empty(y.shape)
    block = max(1, _BLOCK // (n * n))
    with np.errstate(over="ignore"):
        for start in range(0, y.size, block):
            part = slice(start, start + block)
            score[part] = mixture_crps(w[part], m[part], s[part], y[part])
    return score.reshape(shape[:-1])[()]


def crps_sample(samples: ArrayLike, value: ArrayLike, *, fair: bool = False) -> FloatArray:
    r"""Continuous ranked probability score of a forecast given as a sample.

    $$\frac1M \sum_i |x_i - y| - \frac{1}{2 c} \sum_i \sum_j |x_i - x_j|$$

    With $c = M^2$ it is the exact score of the sample's empirical distribution: right if the
    sample *is* the forecast. With `fair=True`, $c = M (M - 1)$: an unbiased estimate of the score
    of the distribution that the sample was drawn from, which alone compares forecasts of
    different sample size fairly; it can be below 0.

    Args:
        samples: $x$, shape (..., member), in the unit of the series.
        value: $y$, what happened, shape broadcastable to (...); NaN gives NaN.
        fair: Correct for the finite sample.

    Returns:
        Score of shape (...), in the unit of the series, lower is better.

    Raises:
        DataError: `samples` has no members (fewer than 2 if `fair`) or is not finite, `value` is
            infinite, or shapes that do not fit.

    Reference: Gneiting & Raftery (2007), J. Am. Stat. Assoc. 102, doi:10.1198/016214506000001437;
    fair: Ferro (2014), Q. J. R. Meteorol. Soc. 140, doi:10.1002/qj.2270.

    >>> float(crps_sample([0.0, 2.0], 1.0)), float(crps_sample([0.0, 2.0], 1.0, fair=True))
    (0.5, 0.0)
    """
    x, y = finite("samples", samples), finite_or_nan("value", value)
    least = 2 if fair else 1
    if x.ndim == 0 or x.shape[-1] < least:
        raise DataError(f"samples need a last axis of {least} members or more, got shape {x.shape}")
    y = y[..., np.newaxis]
    common_shape(samples=x, value=y)
    n = x.shape[-1]
    # The gap after the k-th smallest member lies between k * (n - k) pairs of members. Gaps,
    # unlike weighted sums of the members, lose no digits where the series is far from 0.
    gaps = np.diff(np.sort(x, axis=-1), axis=-1)
    k = np.arange(1.0, n)
    spread = ordered_sum(k * (n - k) * gaps) / (n * (n - 1.0) if fair else n * n)
    score: FloatArray = ordered_sum(np.abs(x - y)) / n - spread
    return score


def crps_quantile(levels: ArrayLike, quantiles: ArrayLike, value: ArrayLike) -> FloatArray:
    r"""Continuous ranked probability score of a forecast given as quantiles, approximately.

    The score is twice the pinball loss $\rho$ averaged over all levels; here each level given
    stands for those nearest to it:

    $$\operatorname{CRPS} = 2 \int_0^1 \rho_\tau(q_\tau, y) d\tau
      \approx 2 \sum_k v_k \rho_{\tau_k}(q_k, y),$$

    $v_k$ the length of the cell around $\tau_k$, with borders halfway to its neighbours and at 0
    and 1, so $\sum v_k = 1$. At levels $(k - 1/2) / L$ it is the plain mean. As a positive sum of
    pinball losses it is proper for the quantiles given, whatever the levels. What it leaves out
    is the shape within a cell, above all in the tails beyond the outermost levels: with levels 0.1,
    0.25, 0.5, 0.75, 0.9 a true normal forecast scores 2% too high on average, and the error falls
    about with the square of the spacing. So compare only scores on the same levels.

    Args:
        levels: $\tau$, shape (level,), strictly between 0 and 1, increasing.
        quantiles: $q$, shape (..., level), in the unit of the series; crossing quantiles are
            scored as they are.
        value: $y$, what happened, shape broadcastable to (...); NaN gives NaN.

    Returns:
        Score of shape (...), in the unit of the series, at least 0, lower is better.

    Raises:
        DataError: Levels out of range or order, as many quantiles as levels are not there or they
            are not finite, `value` is infinite, or shapes that do not fit.

    Reference: Laio & Tamea (2007), Hydrol. Earth Syst. Sci. 11, doi:10.5194/hess-11-1267-2007.

    >>> float(crps_quantile([0.25, 0.75], [-1.0, 1.0], 0.0))
    0.5
    """
    p, q = probability("levels", levels), finite("quantiles", quantiles)
    y = finite_or_nan("value", value)
    if p.ndim != 1 or p.size == 0 or np.any(np.diff(p) <= 0.0):
        raise DataError(f"levels must be one axis of increasing numbers, got {p.tolist()}")
    if q.ndim == 0 or q.shape[-1] != p.size:
        raise DataError(f"{p.size} levels need as many quantiles, got shape {q.shape}")
    borders = np.concatenate(([0.0], 0.5 * (p[:-1] + p[1:]), [1.0]))
    losses = pinball_loss(p, q, y[..., np.newaxis])
    score: FloatArray = 2.0 * ordered_sum(np.diff(borders) * losses)
    return score
