r"""Calibration: does what was given a probability of 80% happen in 80% of the cases?

`pit_*`, `interval_score` and `pinball_loss` work element by element and give NaN where `value` is
NaN. `interval_coverage` is an aggregate: a NaN is an error, never a period silently left out.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from fg_core._numeric import (
    FloatArray,
    common_shape,
    finite,
    finite_or_nan,
    first_index,
    not_negative,
    probability,
)
from fg_core.errors import DataError
from fg_core.mixture import mixture_cdf
from fg_core.transcendental import ndtr

from ._kernels import standardised

__all__ = [
    "interval_coverage",
    "interval_score",
    "pinball_loss",
    "pit_gaussian",
    "pit_mixture",
]


def pit_gaussian(mean: ArrayLike, std: ArrayLike, value: ArrayLike) -> FloatArray:
    r"""Probability integral transform of a normal forecast, $\Phi\{(y - \mu) / \sigma\}$.

    Over many calibrated forecasts it is uniform; a U-shaped histogram says overconfident. A
    forecast that is certain ($\sigma = 0$) has the limits 0 for a value below, 1 for one above, and
    1/2 at its mean, half-way up the step of its distribution function.

    Args:
        mean: $\mu$, shape (...), in the unit of the series.
        std: $\sigma \ge 0$, shape broadcastable to `mean`, same unit.
        value: $y$, what happened, shape broadcastable to `mean`; NaN gives NaN.

    Returns:
        Probability that the forecast gave to values up to `value`, between 0 and 1.

    Raises:
        DataError: `mean` is not finite, `std` negative or not finite, `value` infinite, or shapes
            that do not fit.

    Reference: Gneiting, Balabdaoui & Raftery (2007), J. R. Stat. Soc. B 69,
    doi:10.1111/j.1467-9868.2007.00587.x.

    >>> float(pit_gaussian(2.0, 0.5, 2.0))
    0.5
    """
    mu, sigma = finite("mean", mean), not_negative("std", std)
    y = finite_or_nan("value", value)
    common_shape(mean=mu, std=sigma, value=y)
    with np.errstate(over="ignore"):  # an infinite distance has the right limit: 0 or 1
        pit: FloatArray = ndtr(standardised(y - mu, sigma))
    return pit


def pit_mixture(
    weights: ArrayLike, means: ArrayLike, scales: ArrayLike, value: ArrayLike
) -> FloatArray:
    r"""Probability integral transform of a normal mixture, $\sum_k w_k \Phi\{(y - m_k) / s_k\}$.

    Args:
        weights: $w$, shape (..., component), at least 0, sum 1.
        means: $m$, shape (..., component), in the unit of the series.
        scales: $s > 0$, shape (..., component), same unit.
        value: $y$, what happened, shape broadcastable to (...); NaN gives NaN.

    Returns:
        Shape (...), probability that the forecast gave to values up to `value`, between 0 and 1.

    Raises:
        DataError: A parameter is not finite or out of range, `value` infinite, or shapes that do
            not fit.

    Reference: Gneiting, Balabdaoui & Raftery (2007), J. R. Stat. Soc. B 69,
    doi:10.1111/j.1467-9868.2007.00587.x.

    >>> float(pit_mixture([0.5, 0.5], [0.0, 2.0], [1.0, 1.0], 1.0))
    0.5
    """
    return mixture_cdf(finite_or_nan("value", value), weights, means, scales)


def interval_coverage(lower: ArrayLike, upper: ArrayLike, value: ArrayLike) -> float:
    r"""Fraction of intervals that contain what happened.

    $$\frac1n \sum_i 1(l_i \le y_i \le u_i)$$

    Args:
        lower: $l$, any shape, in the unit of the series.
        upper: $u \ge l$, same shape and unit.
        value: $y$, what happened, same shape and unit.

    Returns:
        Between 0 and 1; compare with the nominal level of the intervals.

    Raises:
        DataError: Empty, of different shapes, not finite, or a lower end above its upper end.

    Reference: Christoffersen (1998), Int. Econ. Rev. 39, doi:10.2307/2527341.

    >>> interval_coverage([0.0, 0.0, 0.0], [1.0, 1.0, 1.0], [0.5, 1.0, 2.0])
    0.6666666666666666
    """
    low, high, y = finite("lower", lower), finite("upper", upper), finite("value", value)
    if not low.shape == high.shape == y.shape:
        raise DataError(
            f"lower, upper and value need equal shapes, got {low.shape}, {high.shape} and {y.shape}"
        )
    if y.size == 0:
        raise DataError("no intervals: lower, upper and value are empty")
    _check_order(low, high)
    return float(np.mean((low <= y) & (y <= high)))


def interval_score(
    lower: ArrayLike, upper: ArrayLike, value: ArrayLike, level: ArrayLike
) -> FloatArray:
    r"""Interval score of a central interval: its width, plus a penalty for each miss.

    With $\alpha = 1 - \text{level}$,

    $$u - l + \frac2\alpha (l - y)_+ + \frac2\alpha (y - u)_+ .$$

    Args:
        lower: $l$, the quantile at $\alpha / 2$, shape (...), in the unit of the series.
        upper: $u \ge l$, the quantile at $1 - \alpha / 2$, same unit.
        value: $y$, what happened, same unit; NaN gives NaN.
        level: Nominal probability of the interval, strictly between 0 and 1: 0.8, not 0.2.

    Returns:
        Score in the unit of the series, at least 0, lower is better.

    Raises:
        DataError: An end is not finite, a lower end above its upper end, `level` out of range,
            `value` infinite, or shapes that do not fit.

    Reference: Winkler (1972), J. Am. Stat. Assoc. 67, doi:10.1080/01621459.1972.10481224;
    Gneiting & Raftery (2007), J. Am. Stat. Assoc. 102, doi:10.1198/016214506000001437.

    >>> interval_score(0.0, 1.0, [0.5, 1.5], level=0.5)
    array([1., 3.])
    """
    low, high = finite("lower", lower), finite("upper", upper)
    y, nominal = finite_or_nan("value", value), probability("level", level)
    common_shape(lower=low, upper=high, value=y, level=nominal)
    _check_order(low, high)
    miss = np.maximum(low - y, 0.0) + np.maximum(y - high, 0.0)
    score: FloatArray = high - low + 2.0 / (1.0 - nominal) * miss
    return score


def _check_order(low: FloatArray, high: FloatArray) -> None:
    wrong = np.asarray(low > high)
    if np.any(wrong):
        raise DataError(f"lower is above upper{first_index(wrong)}: are they swapped?")


def pinball_loss(level: ArrayLike, quantile: ArrayLike, value: ArrayLike) -> FloatArray:
    r"""Pinball (quantile) loss.

    $$\rho_\tau(q, y) = \{1(y < q) - \tau\} (q - y),$$

    that is $\tau (y - q)$ where the value is above the quantile, $(1 - \tau)(q - y)$ below.

    Args:
        level: $\tau$, shape (...), strictly between 0 and 1.
        quantile: $q$, shape broadcastable to `level`, in the unit of the series.
        value: $y$, what happened, same unit; NaN gives NaN.

    Returns:
        Loss in the unit of the series, at least 0, lower is better.

    Raises:
        DataError: `level` is out of range, `quantile` not finite, `value` infinite, or shapes
            that do not fit.

    Reference: Koenker & Bassett (1978), Econometrica 46, doi:10.2307/1913643.

    >>> pinball_loss(0.75, 0.0, [-4.0, 4.0])
    array([1., 3.])
    """
    tau, q = probability("level", level), finite("quantile", quantile)
    y = finite_or_nan("value", value)
    common_shape(level=tau, quantile=q, value=y)
    above = y - q
    loss: FloatArray = np.maximum(tau * above, (tau - 1.0) * above)
    return loss
