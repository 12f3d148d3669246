r"""The logarithmic pool of normal forecasts: one normal, where a mixture may have several peaks.

$$p(y) \propto \prod_i p_i(y)^{w_i}, \qquad
\frac{1}{s^2} = \sum_i \frac{w_i}{s_i^2}, \qquad
m = s^2 \sum_i \frac{w_i}{s_i^2} m_i.$$

It is narrower than the mixture wherever forecasters disagree: it takes disagreement for noise, the
mixture takes it for doubt.

Reference: Genest & Zidek (1986), Statistical Science 1, doi:10.1214/ss/1177013825.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fg_core._numeric import ordered_sum

__all__ = ["inflated_product", "logarithmic_pool"]

Array = NDArray[np.float64]


def logarithmic_pool(weights: Array, means: Array, scales: Array) -> tuple[Array, Array, Array]:
    """Return mean, standard deviation and the forecasters' shares in the mean.

    Args:
        weights: Weights of the forecasters, shape (..., forecaster), at least 0, sum 1.
        means: Means of the forecasts, shape (..., forecaster), in the unit of the series.
        scales: Standard deviations of the forecasts, same shape and unit, above 0; anything where
            the weight is 0.

    Returns:
        Mean and standard deviation, shape (...), and shares, shape (..., forecaster), by which
        the mean is the weighted mean of `means`.

    >>> mean, scale, shares = logarithmic_pool(
    ...     np.array([0.5, 0.5]), np.array([0.0, 3.0]), np.array([1.0, 2.0 ** 0.5]))
    >>> round(float(mean), 12), round(float(scale**2), 12), shares.round(3).tolist()
    (1.0, 1.333333333333, [0.667, 0.333])
    """
    # In units of the smallest scale, so that no square leaves the range of numbers.
    some = weights > 0.0
    unit = np.minimum.reduce(np.where(some, scales, np.inf), axis=-1)[..., np.newaxis]
    precision = weights * np.square(unit / np.where(some, scales, 1.0))
    total = ordered_sum(precision)
    shares = precision / total[..., np.newaxis]
    return ordered_sum(shares * means), unit[..., 0] / np.sqrt(total), shares


def inflated_product(
    weights: Array, means: Array, scales: Array, inflation: Array | None
) -> tuple[Array, Array]:
    """Return mean and scale of the logarithmic pool of forecasts from one uncertain input.

    All forecasters inherit the uncertainty of the same input, so that what it adds follows their
    shares in the mean.

    Args:
        weights: Weights of the forecasters, as for `logarithmic_pool`; so the next two.
        means: Means of the forecasts, in the unit of the series.
        scales: Standard deviations without that uncertainty.
        inflation: Standard deviation that the uncertain input adds to each forecast, same shape and
            unit; None: nothing.

    Returns:
        Mean and standard deviation, shape (...).
    """
    mean, scale, shares = logarithmic_pool(weights, means, scales)
    if inflation is None:
        return mean, scale
    added = ordered_sum(shares * np.where(shares > 0.0, inflation, 0.0))
    return mean, np.sqrt(scale * scale + added * added)
