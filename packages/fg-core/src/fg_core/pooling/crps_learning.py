r"""Weights learned from the CRPS alone: Bernstein online aggregation.

The loss of the pool, the CRPS of the mixture with weights $w$, is convex in $w$, and its slope is

$$g_i = E|X_i - y| - \sum_j w_j E|X_i - X_j|,$$

so that $r_i = \sum_j w_j g_j - g_i$ is what the pool would have gained by leaning towards
forecaster $i$. With the largest $|r_i|$ so far $E_i$ and the sum of squares $V_i$, each forecaster
has a learning rate and a second-order regret of its own,

$$\eta_i = \min\Bigl\{\frac{1}{2 E_i}, \sqrt{\frac{\log(1 / w_{0,i})}{V_i}}\Bigr\}, \qquad
R_i \leftarrow d R_i + r_i (1 - \eta_i r_i), \qquad
w_i \propto w_{0,i}\, \eta_i\, e^{\eta_i R_i},$$

with prior weights $w_0$ and, for $d < 1$, forgetting (of $R$ and $V$ alike). There is nothing to
tune, and one wild value moves the weights by a bounded amount, whatever the densities say.

References: Wintenberger (2017), Machine Learning 106, doi:10.1007/s10994-016-5592-6; for the CRPS,
Berrisch & Ziel (2023), J. Econometrics 237, doi:10.1016/j.jeconom.2021.11.008.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fg_core._numeric import ordered_sum
from fg_core.scoring._kernels import expected_distance
from fg_core.transcendental import hypot, log

from .weights import normalise

__all__ = ["Regret", "crps_regret", "crps_weights", "update_regret"]

Array = NDArray[np.float64]
_LARGEST_GAIN = 1e140
"""Gains and losses beyond this count as this: their squares and sums stay numbers."""


class Regret(NamedTuple):
    """State of Bernstein online aggregation; arrays of shape (..., forecaster).

    Args:
        total: Regret R, in the unit of the series.
        squares: Sum of squares V, in that unit squared.
        largest: Largest gain or loss E so far, in that unit.
    """

    total: Array
    squares: Array
    largest: Array


def crps_regret(weights: Array, means: Array, scales: Array, target: Array) -> Array:
    """Return what the pool would have gained by leaning towards each forecaster.

    Args:
        weights: Weights of the pool that was scored, shape (..., forecaster), sum 1.
        means: Means of the normal forecasts, shape (..., forecaster), in the unit of the series.
        scales: Standard deviations of the normal forecasts, same shape and unit, above 0.
        target: Value that was forecast, shape (...), same unit.

    Returns:
        Shape (..., forecaster), in the unit of the series; its weighted mean is 0.

    >>> equal = np.array([0.5, 0.5])
    >>> gain = crps_regret(equal, np.array([0.0, 2.0]), np.ones(2), np.array(0.0))
    >>> bool(gain[0] > 0.0 > gain[1])
    True
    """
    to_value = expected_distance(target[..., np.newaxis] - means, scales)
    apart = expected_distance(
        means[..., :, np.newaxis] - means[..., np.newaxis, :],
        hypot(scales[..., :, np.newaxis], scales[..., np.newaxis, :]),
    )
    slope = to_value - ordered_sum(weights[..., np.newaxis, :] * apart)
    return np.asarray(ordered_sum(weights * slope)[..., np.newaxis] - slope, dtype=np.float64)


def _rates(regret: Regret, prior: Array) -> Array:
    """Return the learning rates; infinite where nothing was ever lost or gained."""
    patience = -log(np.where(prior > 0.0, prior, 1.0))
    # A forecaster with all of the prior has no other to lose weight to; any rate serves it.
    patience = np.maximum(patience, 1e-12)
    with np.errstate(divide="ignore"):
        by_size, by_sum = 0.5 / regret.largest, np.sqrt(patience / regret.squares)
    return np.asarray(np.minimum(by_size, by_sum), dtype=np.float64)


def update_regret(regret: Regret, prior: Array, gained: Array, discount: float = 1.0) -> Regret:
    """Return the regret after a value.

    Args:
        regret: Regret before the value, shape (..., forecaster) each; zeros to begin with.
        prior: Weights before anything was seen, shape (..., forecaster), sum 1.
        gained: Regret of this value, shape (..., forecaster), as `crps_regret` returns it; NaN for
            an absent forecaster, of which nothing is remembered or forgotten then.
        discount: Share of the past that is kept, in (0, 1]; 1 forgets nothing.

    Returns:
        Regret, squares and largest gain after the value, shape (..., forecaster) each, in the unit
        of `gained` (the squares in its square).

    >>> zero = Regret(np.zeros(2), np.zeros(2), np.zeros(2))
    >>> update_regret(zero, np.array([0.5, 0.5]), np.array([1.0, -1.0])).total.round(6).tolist()
    [0.5, -1.5]
    """
    there = ~np.isnan(gained)
    r = np.where(there, np.minimum(np.maximum(gained, -_LARGEST_GAIN), _LARGEST_GAIN), 0.0)
    keep = np.where(there, discount, 1.0)
    squares = keep * regret.squares + r * r
    largest = np.maximum(regret.largest, np.abs(r))
    found = Regret(regret.total, squares, largest)
    rate = _rates(found, prior)
    # Without any gain or loss so far the rate is infinite, and its product with zero not a number.
    drag = np.where(np.isfinite(rate), rate, 0.0) * r
    return Regret(keep * regret.total + r * (1.0 - drag), squares, largest)


def crps_weights(regret: Regret, prior: Array, present: NDArray[np.bool_] | None = None) -> Array:
    """Return the weights of the next forecast.

    Args:
        regret: Regret so far, as `update_regret` returns it.
        prior: Prior weights, shape (..., forecaster), at least 0, sum 1.
        present: Forecasters that have a forecast; None: all.

    Returns:
        Shape (..., forecaster), rows of sum 1.

    >>> zero = Regret(np.zeros(2), np.zeros(2), np.zeros(2))
    >>> crps_weights(zero, np.array([0.25, 0.75])).round(12).tolist()
    [0.25, 0.75]
    """
    rate = _rates(regret, prior)
    known = np.isfinite(rate)
    if np.count_nonzero(known) < known.size:
        # Who was never there starts at the largest rate of the others: nothing speaks against it.
        top = np.maximum.reduce(np.where(known, rate, 0.0), axis=-1)[..., np.newaxis]
        rate = np.where(known, rate, np.where(top > 0.0, top, 1.0))
    with np.errstate(divide="ignore"):
        logs = log(prior) + log(rate) + rate * regret.total
    return normalise(logs, present)
