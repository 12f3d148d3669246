r"""Mixtures of normal distributions: moments, distribution function, quantiles.

A pool of $K$ forecasters that state $N(m_k, s_k^2)$ and have the weights $w_k$ predicts with

$$F(x) = \sum_k w_k \Phi\{(x - m_k) / s_k\}.$$

Components are always on the last axis, leading axes broadcast, and a row gives the same bits
alone as in a batch. Weights may miss the sum 1 by rounding (up to 1e-6), which is divided out.
"""

from __future__ import annotations

from functools import reduce
from operator import add, mul

import numpy as np
from numpy.typing import ArrayLike

from ._numeric import (
    FloatArray,
    as_floats,
    common_shape,
    expand_last,
    finite,
    first_index,
    is_one_row,
    ordered_sum,
    positive,
    probability,
    weighted_components,
)
from .errors import DataError
from .transcendental import exp, ndtr, ndtri

__all__ = ["check_components", "mixture_cdf", "mixture_moments", "mixture_quantile"]

_SUM_TOLERANCE = 1e-6
_EPS = float(np.finfo(np.float64).eps)
_TINY = float(np.finfo(np.float64).tiny)
_FEW = 64
"""Below this many elements, computing on those that are done costs less than sorting them out."""
_SURE_STEP = 1e-7
"""Newton steps below this many smallest scales: the density is all but linear over them, so the
error that is left is of the order of the step squared (1e-14 scales)."""


def check_components(
    weights: ArrayLike, means: ArrayLike, scales: ArrayLike
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return weights, means and scales as arrays of one shape, the weights summing to 1.

    Args:
        weights: Weights of the components, shape (..., component), at least 0, sum 1.
        means: Means of the components, shape (..., component), in the unit of the series.
        scales: Standard deviations of the components, shape (..., component), same unit, above 0.

    Returns:
        The three, broadcast to one shape (..., component).

    Raises:
        DataError: Not finite, a negative weight, a weight sum other than 1, a scale that is not
            above 0 (also where the weight is 0), or shapes that do not fit.

    >>> w, m, s = check_components([0.25, 0.75], [0.0, 1.0], [[1.0, 2.0], [3.0, 4.0]])
    >>> w.shape, m.shape, s.shape
    ((2, 2), (2, 2), (2, 2))
    """
    w, m, s = as_floats("weights", weights), finite("means", means), positive("scales", scales)
    if not w.shape == m.shape == s.shape:
        if not (w.ndim and m.ndim and s.ndim and w.shape[-1] == m.shape[-1] == s.shape[-1]):
            raise DataError(
                "weights, means and scales need the same number of components on their last "
                f"axis, got shapes {w.shape}, {m.shape} and {s.shape}"
            )
        shape = common_shape(weights=w, means=m, scales=s)
        w, m, s = (np.broadcast_to(array, shape) for array in (w, m, s))
    if w.ndim == 0 or w.shape[-1] == 0:
        raise DataError(f"a mixture needs a last axis with its components, got shape {w.shape}")
    total = ordered_sum(w)[..., np.newaxis]
    right = (w >= 0.0) & (np.abs(total - 1.0) <= _SUM_TOLERANCE)
    if np.count_nonzero(right) != right.size:
        wrong = np.asarray(~right.all(axis=-1))
        row = w[np.unravel_index(int(np.argmax(wrong)), wrong.shape)]
        raise DataError(
            f"weights must be at least 0 and sum to 1, got {row.tolist()}{first_index(wrong)}"
        )
    return w / total, m, s


def mixture_moments(
    weights: ArrayLike, means: ArrayLike, scales: ArrayLike
) -> tuple[FloatArray, FloatArray]:
    r"""Mean and variance of a normal mixture.

    $$\mu = \sum_k w_k m_k, \qquad \sigma^2 = \sum_k w_k \{s_k^2 + (m_k - \mu)^2\},$$

    the variance within the components plus the variance between them.

    Args:
        weights: Weights of the components, shape (..., component), at least 0, sum 1.
        means: Means of the components, shape (..., component), in the unit of the series.
        scales: Standard deviations of the components, shape (..., component), same unit, above 0.

    Returns:
        `(mean, variance)`, each of shape (...), in the unit and in the unit squared.

    Raises:
        DataError: A parameter is not finite or out of range (see `check_components`).

    Reference: Raftery et al. (2005), Mon. Wea. Rev. 133, doi:10.1175/MWR2906.1.

    >>> mean, variance = mixture_moments([0.5, 0.5], [0.0, 2.0], [1.0, 1.0])
    >>> float(mean), float(variance)
    (1.0, 2.0)
    """
    w, m, s = check_components(weights, means, scales)
    mean, variance = moments_of(w, m, s)
    return mean[()], variance[()]


def moments_of(w: FloatArray, m: FloatArray, s: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return `mixture_moments` of components that are in range, weights of sum 1, unchecked.

    Components of weight zero change no bit, wherever they stand.

    Args:
        w: Weights of the components, shape (..., component), sum 1.
        m: Means of the components, of a shape that broadcasts, in the unit of the series.
        s: Standard deviations of the components, of a shape that broadcasts, same unit.

    Returns:
        Means, shape (...), in the unit of the series, and variances, shape (...), in its square.
    """
    if is_one_row(w, m, s):
        return _moments_of_one(w, m, s)
    mean = ordered_sum(w * m)
    spread = m - expand_last(mean, m)
    # In place: w * (s * s + spread * spread), without memory for each step of it.
    spread *= spread
    spread += s * s
    spread *= w
    return mean, ordered_sum(spread)


def _moments_of_one(w: FloatArray, m: FloatArray, s: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return `moments_of` of a single mixture: the same operations in the same order."""
    flat = (w, m, s) if w.ndim == 1 else (w[0], m[0], s[0])
    weights, places, scales = [one.tolist() for one in flat]
    mean = reduce(add, map(mul, weights, places))
    terms = [
        weight * ((at - mean) * (at - mean) + scale * scale)
        for weight, at, scale in zip(weights, places, scales, strict=True)
    ]
    variance = reduce(add, terms)
    if w.ndim == 1:
        return np.array(mean), np.array(variance)
    return np.array([mean]), np.array([variance])


def shares(weights: FloatArray) -> FloatArray:
    """Return weights divided by their sum, unchecked: rounding alone keeps it from 1.

    Args:
        weights: Weights of the components, shape (..., component), at least 0, not all 0.

    Returns:
        Weights of sum 1 along the last axis, shape (..., component).
    """
    found: FloatArray = weights / expand_last(ordered_sum(weights), weights)
    return found


def mixture_cdf(
    x: ArrayLike, weights: ArrayLike, means: ArrayLike, scales: ArrayLike
) -> FloatArray:
    r"""Probability that a normal mixture gives to values up to `x`.

    $$F(x) = \sum_k w_k \Phi\{(x - m_k) / s_k\}.$$

    Args:
        x: Values, of a shape that broadcasts to the leading axes of the parameters, in the unit of
            the series; NaN gives NaN, infinities give 0 and 1.
        weights: Weights of the components, shape (..., component), at least 0, sum 1.
        means: Means of the components, shape (..., component), in the unit of the series.
        scales: Standard deviations of the components, shape (..., component), same unit, above 0.

    Returns:
        Shape (...), between 0 and 1.

    Raises:
        DataError: A parameter is not finite or out of range (see `check_components`).

    Reference: Raftery et al. (2005), Mon. Wea. Rev. 133, doi:10.1175/MWR2906.1.

    >>> float(mixture_cdf(1.0, [0.5, 0.5], [0.0, 2.0], [1.0, 1.0]))
    0.5
    """
    w, m, s = check_components(weights, means, scales)
    at = as_floats("x", x)[..., np.newaxis]
    common_shape(x=at, components=m)
    with np.errstate(over="ignore"):  # a distance of more than 1e308 scales is infinite: right
        total = ordered_sum(w * ndtr((at - m) / s))
    # The weights' rounding can carry the sum past 1 in the last bit.
    return np.minimum(total, 1.0)[()]


def mixture_quantile(
    levels: ArrayLike, weights: ArrayLike, means: ArrayLike, scales: ArrayLike
) -> FloatArray:
    r"""Quantiles of a normal mixture.

    The root $x$ of $F(x) = p$. It lies between the smallest and the largest of the components'
    own quantiles $m_k + s_k \Phi^{-1}(p)$; inside that bracket Newton's method runs on
    $\Phi^{-1}\{F(x)\} = \Phi^{-1}(p)$, which is a straight line for one component and nearly
    straight for similar ones, and bisection takes over where it does not converge quickly.

    The error is about 1e-12 of the quantile where the density is not negligible. Between
    components that are far apart, where $F$ is flat to the last bit, any point of the flat part
    satisfies the equation equally well, and one of them is returned. One component gives
    $m + s \Phi^{-1}(p)$ exactly.

    Args:
        levels: Levels, shape (level,), or (..., level) for levels of each mixture's own; strictly
            between 0 and 1, in any order.
        weights: Weights of the components, shape (..., component), at least 0, sum 1; 0 leaves a
            component out.
        means: Means of the components, shape (..., component), in the unit of the series.
        scales: Standard deviations of the components, shape (..., component), same unit, above 0.

    Returns:
        Shape (..., level), in the unit of the series, never decreasing in the level.

    Raises:
        DataError: `levels` have no axis, are not strictly between 0 and 1 or do not fit the
            mixtures, or a parameter is not finite or out of range (see `check_components`).

    Reference: Press et al. (2007), Numerical Recipes, 3rd ed., section 9.4 (safeguarded Newton),
    ISBN 978-0-521-88068-8.

    >>> mixture_quantile([0.1, 0.5, 0.9], [0.5, 0.5], [0.0, 2.0], [1.0, 1.0]).round(6)
    array([-0.849468,  1.      ,  2.849468])
    """
    p = probability("levels", levels)
    if p.ndim == 0 or p.size == 0:
        raise DataError(f"levels must have an axis and one level or more, got shape {p.shape}")
    w, m, s = weighted_components(*check_components(weights, means, scales))
    # Upper levels are mirrored into the lower tail, where F keeps its relative accuracy;
    # 1 - p is exact there.
    sign = np.where(p > 0.5, -1.0, 1.0)
    lower_p = np.where(p > 0.5, 1.0 - p, p)
    n_levels, n_components, batch = p.shape[-1], m.shape[-1], m.shape[:-1]
    if p.ndim > 1 and p.shape[:-1] != batch:
        raise DataError(
            f"levels must have the shape (level,), or a row a mixture: got shape {p.shape} for "
            f"mixtures of shape {batch}"
        )
    shape = (-1, n_components)
    mirrored = (m[..., np.newaxis, :] * sign[..., np.newaxis]).reshape(shape)
    n_rows = mirrored.shape[0] // n_levels
    roots = _lower_quantile(
        np.tile(lower_p, n_rows) if p.ndim == 1 else lower_p.ravel(),
        np.repeat(w.reshape(shape), n_levels, axis=0),
        mirrored,
        np.repeat(s.reshape(shape), n_levels, axis=0),
    )
    found: FloatArray = roots.reshape((*batch, n_levels)) * sign
    # Rounding may leave two nearly equal levels in the wrong order.
    if np.count_nonzero(p[..., 1:] < p[..., :-1]) == 0:
        np.maximum.accumulate(found, axis=-1, out=found)
        return found
    order = np.broadcast_to(np.argsort(p, axis=-1, kind="stable"), found.shape)
    rising = np.maximum.accumulate(np.take_along_axis(found, order, axis=-1), axis=-1)
    np.put_along_axis(found, order, rising, axis=-1)
    return found


def _lower_quantile(p: FloatArray, w: FloatArray, m: FloatArray, s: FloatArray) -> FloatArray:
    """Quantiles at levels up to 1/2: `p` of shape (n,), parameters of shape (n, component).

    Every element runs its own iteration and leaves when it has converged, so its number of steps
    and its bits do not depend on its neighbours.
    """
    found = np.empty_like(p)
    at, pending = np.arange(p.size), np.ones(p.size, dtype=bool)
    target = ndtri(p)
    with np.errstate(over="ignore"):
        own = m + target[:, np.newaxis] * s
    used = w > 0.0
    low = np.minimum.reduce(own, axis=-1, where=used, initial=np.inf)
    high = np.maximum.reduce(own, axis=-1, where=used, initial=-np.inf)
    if np.count_nonzero(np.isfinite(low) & np.isfinite(high)) != p.size:
        raise DataError("a component's quantile is beyond 1e308: rescale the means and scales")
    if m.shape[-1] == 1:
        # One component: the first turn below would find this and stop.
        return np.asarray(low)
    sure = _SURE_STEP * np.minimum.reduce(s, axis=-1, where=used, initial=np.inf)
    x = np.minimum(np.maximum(ordered_sum(w * own), low), high)
    # Overflow and 0/0 mean "no usable Newton step" and lead to bisection. Every turn halves the
    # bracket or the step, and both stop at the spacing of floats, so the loop ends.
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        last_step = high - low
        # A density too high for a float would give a step of 0, which looks like the root.
        peak = w / s
        peak[np.isinf(peak)] = np.nan
        n_pending = p.size
        while n_pending:
            z = (x[:, np.newaxis] - m) / s
            cdf = ordered_sum(w * ndtr(z))
            density = ordered_sum(peak * exp(-0.5 * z * z))
            probit = ndtri(cdf)
            step = (target - probit) * exp(-0.5 * probit * probit) / density
            too_low = cdf < p
            low = np.where(too_low, x, low)
            high = np.where(too_low, high, x)
            newton = x + step
            length = np.abs(step)
            spacing = 2.0 * _EPS * np.abs(x) + _TINY
            sure_step = (length <= sure) & (newton >= low) & (newton <= high)
            done = pending & (sure_step | (high - low <= 2.0 * spacing))
            if np.count_nonzero(done):
                found[at[done]] = np.where(sure_step, newton, x)[done]
                pending = pending ^ done
                n_pending = int(np.count_nonzero(pending))
                if 2 * n_pending < pending.size and pending.size > _FEW:
                    at, p, target, sure = (a[pending] for a in (at, p, target, sure))
                    x, low, high, last_step = (a[pending] for a in (x, low, high, last_step))
                    step, length, spacing = (a[pending] for a in (step, length, spacing))
                    w, m, s, peak = w[pending], m[pending], s[pending], peak[pending]
                    pending = np.ones(at.size, dtype=bool)
            # A step shorter than the spacing of floats would stand still: it goes just past the
            # root instead, so that the bracket closes from the other side.
            length = np.maximum(length, spacing)
            newton = x + np.copysign(length, step)
            fast = (newton > low) & (newton < high) & (length <= 0.5 * np.abs(last_step))
            following = np.where(fast, newton, 0.5 * low + 0.5 * high)
            last_step, x = following - x, following
    return found
