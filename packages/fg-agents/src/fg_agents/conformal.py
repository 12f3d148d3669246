r"""Adaptive conformal intervals: intervals that keep their promise in the long run.

An interval of nominal miscoverage $\alpha$ (0.2 for 80 %) is not read off the predictive
distribution at $\alpha$, but at an adapted $\alpha_t$, which falls with every target that was
missed and rises with every one that was not:

$$\alpha_{t+1} = \alpha_t + \gamma (\alpha - \mathrm{err}_t), \qquad
\mathrm{err}_t = 1\{y_t \notin C_t(\alpha_t)\}.$$

Whatever the series does, the share of misses over $T$ targets is within
$(\max(\alpha_1, 1 - \alpha_1) + \gamma) / (\gamma T)$ of $\alpha$ as long as $\alpha_t$ meets no
bound. With the probability integral transform $u_t = F_t(y_t)$ a central interval is missed where
$|2 u_t - 1| > 1 - \alpha_t$, so that is all that has to be known of a forecast. A forecast several
steps ahead is judged when its target is revealed, by the $\alpha_t$ that it was made with.

Only intervals and quantiles are adapted. The density, its mean and variance, and whatever is scored
by the density stay as they are.

References: Gibbs & Candès (2021), Adaptive conformal inference under distribution shift, NeurIPS
34; for several steps ahead, Zaffran et al. (2022), ICML 39.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fg_core import DataError

__all__ = ["NOMINAL", "adapt", "adapted_levels", "misses"]

Array = NDArray[np.float64]

NOMINAL = (0.05, 0.1, 0.2, 0.5)
"""Miscoverage of the intervals that are adapted; those between follow by interpolation."""

LOWEST = 1e-4
"""Least adapted miscoverage: intervals stay finite (3.9 standard deviations of a normal)."""

HIGHEST = 0.9
"""Largest adapted miscoverage: intervals stay intervals."""


def misses(pit: float | Array, miscoverage: Array) -> Array:
    """Return 1 for central intervals that a target fell outside of, 0 for the others.

    Args:
        pit: Probability that the forecast gave to values up to the target, in [0, 1]; one number,
            or a shape that broadcasts.
        miscoverage: Miscoverage of the intervals as they were issued, any shape.

    Returns:
        An array of the shape that both broadcast to.

    >>> misses(0.96, np.array([0.05, 0.1])).tolist()
    [0.0, 1.0]
    """
    return np.asarray(np.abs(2.0 * pit - 1.0) > 1.0 - miscoverage, dtype=np.float64)


def adapt(miscoverage: Array, missed: Array, rate: float, nominal: ArrayLike = NOMINAL) -> Array:
    """Return the adapted miscoverage after a target.

    Args:
        miscoverage: Miscoverage before the target, shape (..., nominal).
        missed: Result of `misses`.
        rate: Gamma, at least 0; 0.02 to 0.05 suit a hundred targets.
        nominal: Nominal miscoverage, as a share.

    Returns:
        Miscoverage of shape (..., nominal), as a share of the targets.

    >>> adapt(np.array([0.2]), np.array([1.0]), 0.05, [0.2]).round(12).tolist()
    [0.16]
    """
    wanted = np.asarray(nominal, dtype=np.float64)
    after = miscoverage + rate * (wanted - missed)
    return np.asarray(np.clip(after, LOWEST, HIGHEST), dtype=np.float64)


def adapted_levels(levels: ArrayLike, miscoverage: Array, nominal: ArrayLike = NOMINAL) -> Array:
    """Return the levels of the predictive distribution at which quantiles are read off.

    Quantiles at p and 1 - p are the ends of the central interval of miscoverage 2 p. Between the
    nominal levels the map is linear, at 0 and 1 it changes nothing, and it never decreases, so
    that quantiles never cross.

    Args:
        levels: Strictly between 0 and 1, any shape.
        miscoverage: Adapted, shape (..., nominal): one row, or one for each of many forecasts.
        nominal: Increasing, strictly between 0 and 1, shape (nominal,).

    Returns:
        Leading axes of `miscoverage`, then those of `levels`.

    Raises:
        DataError: A level is not strictly between 0 and 1.

    >>> adapted_levels([0.1, 0.5, 0.9], np.array([0.1]), [0.2]).round(12).tolist()
    [0.05, 0.5, 0.95]
    """
    p = np.asarray(levels, dtype=np.float64)
    if not ((p > 0.0) & (p < 1.0)).all():
        raise DataError(f"levels must be between 0 and 1, both excluded, got {p.tolist()}")
    known = np.concatenate([[0.0], np.asarray(nominal, dtype=np.float64), [1.0]])
    found = np.zeros((*miscoverage.shape[:-1], known.size))
    # Each interval is adapted on its own; a wider one must not become the narrower one.
    np.maximum.accumulate(miscoverage, axis=-1, out=found[..., 1:-1])
    found[..., -1] = 1.0
    # As `np.interp`, for many rows.
    outside = 2.0 * np.minimum(p, 1.0 - p)
    at = np.minimum(np.searchsorted(known, outside, side="right") - 1, known.size - 2)
    low, high = found[..., at], found[..., at + 1]
    slope = (high - low) / (known[at + 1] - known[at])
    tail = np.minimum(low + slope * (outside - known[at]), high) / 2.0
    tail = np.where(outside == 1.0, 0.5, tail)
    return np.asarray(np.where(p <= 0.5, tail, 1.0 - tail), dtype=np.float64)
