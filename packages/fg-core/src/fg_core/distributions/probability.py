r"""Probabilities, quantiles and the PIT of mixtures whose components may state distributions.

A distribution with masses has jumps, so "below $x$" and "up to $x$" differ by the mass at $x$.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from fg_core._numeric import FloatArray, as_floats, finite_or_nan, probability
from fg_core.errors import DataError
from fg_core.mixture import mixture_cdf, mixture_quantile, shares
from fg_core.transcendental import log, log1p, ndtri

from .parts import MixtureParts, by_rows, in_rows
from .shapes import ShapeArrays

__all__ = ["cdf", "pit", "quantile"]

_EPS = float(np.finfo(np.float64).eps)
_TINY = float(np.finfo(np.float64).tiny)
_ROUNDING = 4.0 * _EPS
"""Relative error of a probability that counts as none."""
_TURNS = 3
"""The bracket of a quantile has to halve in so many turns; else the next turn is a bisection."""
_BLOCK = 1 << 20


def cdf(
    x: Any,
    weights: FloatArray,
    means: FloatArray,
    scales: FloatArray,
    shapes: ShapeArrays | None,
    *,
    strictly: bool = False,
) -> FloatArray:
    """Return the probability of values up to `x`, or of values below it.

    Args:
        x: Values, shape (...) or one number, in the unit of the series; NaN gives NaN, infinities 0
            and 1.
        weights: Weights of the components, shape (..., component), at least 0, sum 1; rounding is
            divided out.
        means: Means of the components, shape (..., component), in the unit of the series.
        scales: Standard deviations of the components, shape (..., component), same unit, above 0.
        shapes: Stated distributions of the components, leading axes (..., component); None: all are
            normal.
        strictly: Whether a mass at `x` itself is left out.

    Returns:
        Shape (...), between 0 and 1.
    """
    if shapes is None:
        return mixture_cdf(x, weights, means, scales)
    w, m, s, own, lead = in_rows(weights, means, scales, shapes)
    at = np.broadcast_to(as_floats("x", x), lead).reshape(-1)
    found = by_rows(
        w,
        m,
        s,
        own,
        lambda which: np.asarray(mixture_cdf(at[which], w[which], m[which], s[which])),
        lambda parts, which: _whole(parts).cdf(at[which], strictly=strictly),
    )
    return np.where(np.isnan(at), np.nan, found).reshape(lead)[()]


def pit(
    value: Any,
    weights: FloatArray,
    means: FloatArray,
    scales: FloatArray,
    shapes: ShapeArrays | None,
    uniform: Any = 0.5,
) -> FloatArray:
    r"""Return the probability integral transform, $F(y-) + u \{F(y) - F(y-)\}$.

    Args:
        value: $y$, what happened, shape (...); NaN gives NaN.
        weights: Weights of the components, as for `cdf`.
        means: Means of the components, as for `cdf`.
        scales: Standard deviations of the components, as for `cdf`.
        shapes: Stated distributions of the components, as for `cdf`.
        uniform: $u$ in [0, 1], shape (...) or one number. A uniform random number gives the
            randomised PIT, uniform for a calibrated forecast also where it has masses; 1/2 gives
            the mid-PIT, which needs no randomness and has the mean 1/2.

    Returns:
        Shape (...), between 0 and 1. Without masses `uniform` does not matter.

    Reference: Czado, Gneiting & Held (2009), Biometrics 65, doi:10.1111/j.1541-0420.2009.01191.x.
    """
    y = finite_or_nan("value", value)
    if shapes is None:
        return mixture_cdf(y, weights, means, scales)
    u = as_floats("uniform", uniform)
    if not np.all((u >= 0.0) & (u <= 1.0)):
        raise DataError(f"uniform must be between 0 and 1, got {np.asarray(uniform).tolist()}")
    upto = cdf(y, weights, means, scales, shapes)
    below = cdf(y, weights, means, scales, shapes, strictly=True)
    # Where there is no mass both are equal, and the difference is exactly 0.
    return np.asarray(below + u * (upto - below))[()]


def quantile(
    levels: Any,
    weights: FloatArray,
    means: FloatArray,
    scales: FloatArray,
    shapes: ShapeArrays | None,
) -> FloatArray:
    r"""Return quantiles, the smallest $x$ with $F(x) \ge p$.

    A search among the knots and masses finds the piece that holds the quantile; a quantile at a
    mass is that place to the last bit. Inside a piece a bracketed secant method (the Illinois
    variant of regula falsi, with bisection where it is slow) solves $F(x) = p$ to rounding; a
    piece that is linear takes one step.

    Args:
        levels: Levels, shape (level,), or (..., level) for levels of each mixture's own; strictly
            between 0 and 1, in any order.
        weights: Weights of the components, shape (..., component), at least 0, sum 1; rounding is
            divided out.
        means: Means of the components, shape (..., component), in the unit of the series.
        scales: Standard deviations of the components, shape (..., component), same unit, above 0.
        shapes: Stated distributions of the components, leading axes (..., component); None: all are
            normal.

    Returns:
        Shape (..., level), in the unit of the series, never decreasing in the level.

    Reference: Dowell & Jarratt (1971), BIT 11, doi:10.1007/BF01934364.
    """
    if shapes is None:
        return mixture_quantile(levels, weights, means, scales)
    p = probability("levels", levels)
    if p.ndim == 0 or p.size == 0:
        raise DataError(f"levels must have an axis and one level or more, got shape {p.shape}")
    w, m, s, own, lead = in_rows(weights, means, scales, shapes)
    if p.ndim > 1 and p.shape[:-1] != lead:
        raise DataError(
            f"levels must have the shape (level,), or a row a mixture: got shape {p.shape} for "
            f"mixtures of shape {lead}"
        )
    n = p.shape[-1]
    at = np.broadcast_to(p, (*lead, n)).reshape(-1, n)

    def stated(parts: MixtureParts, which: Any) -> FloatArray:
        wanted, whole = at[which], _whole(parts)
        found = np.empty(wanted.shape)
        size = max(1, _BLOCK // (n * parts.numbers))
        for start in range(0, wanted.shape[0], size):
            block = np.arange(start, min(start + size, wanted.shape[0]))
            rows = whole.rows(np.repeat(block, n))
            found[block] = _solve(rows, wanted[block].ravel()).reshape(-1, n)
        order = np.argsort(wanted, axis=-1, kind="stable")
        # Rounding may leave two nearly equal levels in the wrong order.
        rising = np.maximum.accumulate(np.take_along_axis(found, order, axis=-1), axis=-1)
        np.put_along_axis(found, order, rising, axis=-1)
        return found

    def normal(which: Any) -> FloatArray:
        return mixture_quantile(at[which], w[which], m[which], s[which])

    return by_rows(w, m, s, own, normal, stated).reshape(*lead, n)


def _whole(parts: MixtureParts) -> MixtureParts:
    """Return mixtures whose weights sum to 1, but for the last bit."""
    return MixtureParts(shares(parts.weights), parts.means, parts.scales, parts.shapes)


def _solve(parts: MixtureParts, p: FloatArray) -> FloatArray:
    """Return one quantile per row; every row runs its own iteration."""
    here = parts.weights > 0.0
    parts = MixtureParts(parts.weights, parts.means, parts.scales, parts.shapes.where(here))
    knots = _breakpoints(parts)
    n = knots.shape[-1]
    # The first knot with F >= p, by bisection over their numbers; n if there is none.
    low, high = np.full(p.size, -1), np.full(p.size, n)
    while np.count_nonzero(high - low > 1):
        middle = np.maximum((low + high) // 2, 0)
        enough = parts.cdf(_pick(knots, middle)) >= p
        open_ = high - low > 1
        high = np.where(open_ & enough, middle, high)
        low = np.where(open_ & ~enough, middle, low)
    last = _pick(knots, np.minimum(high, n - 1))
    is_jump = (high < n) & (parts.cdf(last, strictly=True) < p)
    outer_low, outer_high = _outermost(parts, p)
    first = np.where(low >= 0, _pick(knots, np.maximum(low, 0)), np.minimum(outer_low, last))
    end = np.where(high < n, last, np.maximum(outer_high, last))
    return np.where(is_jump, last, _within(parts, p, first, end, ~is_jump))


def _pick(array: FloatArray, at: Any) -> FloatArray:
    found: FloatArray = np.take_along_axis(array, at[:, np.newaxis], axis=-1)[:, 0]
    return found


def _breakpoints(parts: MixtureParts) -> FloatArray:
    """Return knots and places of each row, sorted; those that hold nothing repeat others."""
    own = parts.shapes
    rows = parts.weights.shape[0]
    grid = own.stated & (
        (own.lower_share > 0.0) | (own.upper_share > 0.0) | (own.pieces > 0.0).any(axis=-1)
    )
    knots = np.where(grid[..., np.newaxis], own.knots, np.nan).reshape(rows, -1)
    places = np.where(own.masses > 0.0, own.places, np.nan).reshape(rows, -1)
    share, mean, _ = parts.normal
    centres = np.where((share > 0.0) & (parts.weights > 0.0), mean, np.nan)
    found = np.concatenate([knots, places, centres], axis=-1)
    top = np.nanmax(found, axis=-1)[:, np.newaxis]
    return np.sort(np.where(np.isnan(found), top, found), axis=-1)


def _outermost(parts: MixtureParts, p: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the smallest and the largest of the quantiles of normal parts and tails.

    The quantile of a mixture lies between the smallest and the largest of those of its parts.
    """
    at, own = p[:, np.newaxis], parts.shapes
    share, mean, scale = parts.normal
    there = parts.weights > 0.0
    normal = mean + ndtri(at) * scale
    has = there & (share > 0.0)
    lower = own.knots[..., 0] + own.lower_scale * log(at)
    upper = own.knots[..., -1] - own.upper_scale * log1p(-at)
    ends = []
    for sign, tail, amount in ((1.0, lower, own.lower_share), (-1.0, upper, own.upper_share)):
        both = np.concatenate(
            [
                np.where(has, sign * normal, np.inf),
                np.where(there & (amount > 0.0), sign * tail, np.inf),
            ],
            axis=-1,
        )
        ends.append(sign * both.min(axis=-1))
    return ends[0], ends[1]


def _within(
    parts: MixtureParts, p: FloatArray, low: FloatArray, high: FloatArray, wanted: Any
) -> FloatArray:
    """Return the root of F(x) = p between `low` and `high`, where F is continuous."""
    found = high.copy()
    at = np.flatnonzero(wanted & (high > low))
    parts, p, low, high = parts.rows(at), p[at], low[at], high[at]
    below, above = parts.cdf(low) - p, parts.cdf(high, strictly=True) - p
    # Rounding can leave a sign wrong at an end; that end is the root then.
    ended = (below >= 0.0) | (above <= 0.0)
    found[at[ended]] = np.where(below >= 0.0, low, high)[ended]
    at, parts, p = at[~ended], parts.rows(~ended), p[~ended]
    low, high, below, above = (a[~ended] for a in (low, high, below, above))
    # Per row: which end moved last (-1 low, 1 high), turns since the bracket was measured, and
    # how long it was then.
    last, turns, measured = np.zeros(at.size), np.zeros(at.size), high - low
    while at.size:
        length = high - low
        slow = (turns >= _TURNS) & (length > 0.5 * measured)
        measured = np.where(turns >= _TURNS, length, measured)
        turns = np.where(turns >= _TURNS, 0.0, turns + 1.0)
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            secant = low - below * (length / (above - below))
        inside = (secant > low) & (secant < high) & ~slow
        x = np.where(inside, secant, low + 0.5 * length)
        miss = parts.cdf(x) - p
        up = miss < 0.0
        # Illinois: the value at an end that stays twice is halved, so that this end moves next.
        above = np.where(up, np.where(last < 0.0, 0.5 * above, above), miss)
        below = np.where(up, miss, np.where(last > 0.0, 0.5 * below, below))
        last = np.where(up, -1.0, 1.0)
        low, high = np.where(up, x, low), np.where(up, high, x)
        done = np.abs(miss) <= _ROUNDING * p
        done |= high - low <= 4.0 * _EPS * np.abs(x) + _TINY
        if np.count_nonzero(done):
            found[at[done]] = x[done]
            at, parts, p = at[~done], parts.rows(~done), p[~done]
            low, high, below, above = (a[~done] for a in (low, high, below, above))
            last, turns, measured = last[~done], turns[~done], measured[~done]
    return found
