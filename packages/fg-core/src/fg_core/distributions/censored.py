r"""Mixtures censored at zero: what they give to values below zero is given to zero itself.

A demand or a price cannot fall below zero, and a normal says that it may. With the mixture's
distribution function $F$, the censored one is that of $X^+ = \max(X, 0)$: 0 below zero and $F$
from there on, with a mass of $F(0)$ at zero. Everything follows from three integrals over the part
that is cut off,

$$I_1 = \int_{-\infty}^0 F(x)\,dx, \quad I_2 = -2 \int_{-\infty}^0 x F(x)\,dx, \quad
I_3 = \int_{-\infty}^0 F(x)^2\,dx:$$

the mean is $E X + I_1$, the second moment $E X^2 - I_2$, and the CRPS of $y \ge 0$ that of the
mixture less $I_3$, since the two differ below zero alone. Where normals alone reach below zero they
are there in closed form; else they are taken by Gauss-Legendre rules between the knots, masses and
quantiles of the components, where $F$ is smooth (to some nine digits of the largest scale).

Reference: Gneiting & Raftery (2007), J. Am. Stat. Assoc. 102, doi:10.1198/016214506000001437 (the
CRPS as the integral of $\{F(x) - 1(x \ge y)\}^2$); Tobin (1958), Econometrica 26,
doi:10.2307/1907382 (censored normals).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from fg_core._numeric import FloatArray, finite_or_nan, ordered_sum
from fg_core.mixture import moments_of, shares
from fg_core.transcendental import exp, hypot, ndtr, owens_t

from .energy import crps
from .parts import MixtureParts, in_rows
from .probability import pit
from .shapes import ShapeArrays

__all__ = ["censored_crps", "censored_moments", "censored_pit"]

_NODES, _SHARES = np.polynomial.legendre.leggauss(8)
_NORMAL_STEPS = np.array([-8.5, -5.5, -3.5, -2.0, -0.7, 0.7, 2.0, 3.5, 5.5])
_TAIL_STEPS = np.array([1.0, 3.0, 6.0, 11.0, 20.0, 38.0])
_BLOCK = 1 << 18
_LEAST = 1e-12
"""A component that gives less than this to values below zero is not cut off."""
_TINY = 1e-200
_SQRT_2, _SQRT_PI, _SQRT_2PI = (float(np.sqrt(x)) for x in (2.0, np.pi, 2.0 * np.pi))


def censored_moments(
    weights: FloatArray, means: FloatArray, scales: FloatArray, shapes: ShapeArrays | None
) -> tuple[FloatArray, FloatArray]:
    """Return means and variances of mixtures that are censored at zero.

    Args:
        weights: Weights of the components, shape (..., component), at least 0, sum 1.
        means: Means of the components, shape (..., component), in the unit of the series.
        scales: Standard deviations of the components, shape (..., component), same unit, above 0.
        shapes: Stated distributions of the components, leading axes (..., component); None: all are
            normal.

    Returns:
        Means, shape (...), in the unit of the series, and variances, same shape, in its square.

    >>> mean, variance = censored_moments(np.ones(1), np.zeros(1), np.ones(1), None)
    >>> round(float(mean), 6), round(float(variance), 6)  # 1 / sqrt(2 pi) and 1/2 less its square
    (0.398942, 0.340845)
    """
    first, second, _ = _below_zero(weights, means, scales, shapes, squares=False)
    mean, variance = moments_of(shares(weights), means, scales)
    censored = np.maximum(mean + first, 0.0)
    # From the moments of the mixture, so that nothing changes by a bit where nothing is cut off.
    moved = variance - second + (mean - censored) * (mean + censored)
    return censored[()], np.where(second > 0.0, np.maximum(moved, 0.0), variance)[()]


def censored_crps(
    weights: FloatArray,
    means: FloatArray,
    scales: FloatArray,
    shapes: ShapeArrays | None,
    value: Any,
) -> FloatArray:
    """Return the CRPS of mixtures that are censored at zero.

    Args:
        weights: Weights of the components, as for `censored_moments`.
        means: Means of the components, as for `censored_moments`.
        scales: Standard deviations of the components, as for `censored_moments`.
        shapes: Stated distributions of the components, as for `censored_moments`.
        value: Value that was forecast, shape (...), in the unit of the series; NaN gives NaN. One
            below zero is as far from the forecast as zero is, and its distance from there besides.

    Returns:
        CRPS, shape (...), at least 0, in the unit of the series.

    >>> one = np.ones(1), np.zeros(1), np.ones(1)
    >>> round(float(censored_crps(*one, None, 0.0)), 6)  # half of what the normal has
    0.116847
    """
    y = finite_or_nan("value", value)
    third = _below_zero(weights, means, scales, shapes, squares=True)[2]
    whole = crps(shares(weights), means, scales, shapes, np.maximum(y, 0.0))
    return np.asarray(np.maximum(whole - third, 0.0) + np.maximum(-y, 0.0))[()]


def censored_pit(
    weights: FloatArray,
    means: FloatArray,
    scales: FloatArray,
    shapes: ShapeArrays | None,
    value: Any,
    uniform: float = 0.5,
) -> FloatArray:
    """Return the probability integral transform of mixtures that are censored at zero.

    Args:
        weights: Weights of the components, as for `censored_moments`.
        means: Means of the components, as for `censored_moments`.
        scales: Standard deviations of the components, as for `censored_moments`.
        shapes: Stated distributions of the components, as for `censored_moments`.
        value: Value that was forecast, shape (...), in the unit of the series; NaN gives NaN.
        uniform: Number in [0, 1], as for `fg_core.distributions.pit`: it matters at zero.

    Returns:
        Numbers in [0, 1], shape (...).
    """
    y = finite_or_nan("value", value)
    found = pit(np.maximum(y, 0.0), weights, means, scales, shapes, uniform)
    at_zero = pit(np.zeros(y.shape), weights, means, scales, shapes, 1.0)
    return np.where(y == 0.0, uniform * at_zero, np.where(y < 0.0, 0.0, found))[()]


def _below_zero(
    weights: FloatArray,
    means: FloatArray,
    scales: FloatArray,
    shapes: ShapeArrays | None,
    *,
    squares: bool,
) -> FloatArray:
    """Return the integrals of the module, shape (3, ...); the last one only with `squares`."""
    if shapes is None:
        shape = np.shape(means)
        flat = (
            np.broadcast_to(array, shape).reshape(-1, shape[-1])
            for array in (shares(weights), means, scales)
        )
        return _of_normals(*flat, squares=squares).reshape(3, *shape[:-1])
    w, m, s, own, rows = in_rows(shares(weights), means, scales, shapes)
    parts = MixtureParts(w, m, s, own.where(w > 0.0))
    below = parts.probabilities_below(np.zeros(w.shape[0]), strictly=True)
    # A distribution of counts has nothing below zero: then normals alone are cut off.
    cut = np.asarray((w * below * own.stated > _LEAST).any(axis=-1))
    found = np.zeros((3, w.shape[0]))
    normal = np.where(own.stated, 0.0, w)[~cut], m[~cut], s[~cut]
    found[:, ~cut] = _of_normals(*normal, squares=squares)
    if cut.any():
        found[:, cut] = _by_panels(parts.rows(cut))
    return found.reshape(3, *rows)


def _of_normals(w: FloatArray, m: FloatArray, s: FloatArray, *, squares: bool) -> FloatArray:
    r"""Return the integrals of mixtures of normals in closed form, shape (3, row).

    With $X \sim N(a, s^2)$ and $Y \sim N(b, t^2)$, by parts,

    $$\int_{-\infty}^0 F G = -a P(X \le 0, Y \le X) - b P(Y \le 0, X \le Y) + s^2 f(0) G(0)
      + t^2 g(0) F(0) - (s^2 + t^2) \int_{-\infty}^0 f g,$$

    where $f g$ is a normal density once more and the probabilities are of bivariate normals, by
    Owen's T function.

    Reference: Owen (1956), Annals of Mathematical Statistics 27, doi:10.1214/aoms/1177728074.
    """
    with np.errstate(over="ignore", under="ignore"):
        z = -m / s
        below = np.where(w > 0.0, ndtr(z), 0.0)
        density = exp(-0.5 * z * z) / _SQRT_2PI  # times 1 / s
        first = s * (z * below + density)
        second = (m * m + s * s) * below - m * s * density
        square = s * (z * below * below + 2.0 * density * below)
        square -= s / _SQRT_PI * ndtr(z * _SQRT_2)
        here = below > _LEAST
        sums = [np.where(here, one, 0.0) for one in (first, second)]
        found = np.stack(
            [
                *(ordered_sum(w * one) for one in sums),
                ordered_sum(w * w * np.where(here, square, 0.0)),
            ]
        )
        i, j = np.triu_indices(w.shape[1] if squares else 0, 1)
        for begin in range(0, w.shape[0], max(1, _BLOCK // max(1, i.size))):
            rows = slice(begin, begin + max(1, _BLOCK // max(1, i.size)))
            r, pair = np.nonzero(here[rows][:, i] & here[rows][:, j])
            r, x, y = r + begin, i[pair], j[pair]
            both = _of_pairs(m[r, x], s[r, x], m[r, y], s[r, y])
            np.add.at(found[2], r, 2.0 * w[r, x] * w[r, y] * both)
    return np.maximum(found, 0.0)


def _of_pairs(a: FloatArray, s: FloatArray, b: FloatArray, t: FloatArray) -> FloatArray:
    """Return the integral over F G of normals, shape (pair,)."""
    # Nothing is divided by zero, and both at zero are told apart as any others.
    a, b = (np.where(one == 0.0, _TINY * width, one) for one, width in ((a, s), (b, t)))
    apart = np.where(a == b, _TINY * s, a - b)
    wide = hypot(s, t)
    h, g, k = -a / s, -b / t, apart / wide
    f_0, g_0 = ndtr(h), ndtr(g)
    slope = -(a * t / s + b * s / t) / apart
    first = 0.5 * (f_0 + ndtr(k)) - owens_t(h, g / h) - owens_t(k, slope)
    first -= np.where((h > 0.0) == (k > 0.0), 0.0, 0.5)
    other = f_0 * g_0 - first
    edge = (s * exp(-0.5 * h * h) * g_0 + t * exp(-0.5 * g * g) * f_0) / _SQRT_2PI
    centre = (a * t / s + b * s / t) / wide
    inside = wide * exp(-0.5 * k * k) / _SQRT_2PI * ndtr(-centre)
    found: FloatArray = np.maximum(edge - a * first - b * other - inside, 0.0)
    return found


def _by_panels(parts: MixtureParts) -> FloatArray:
    """Return the integrals of any mixtures by Gauss-Legendre rules, shape (3, row)."""
    edges = _edges(parts)
    found = np.zeros((3, parts.weights.shape[0]))
    row, panel = np.nonzero(np.diff(edges, axis=-1) > 0.0)
    size = max(1, _BLOCK // (_NODES.size * max(1, parts.numbers)))
    for begin in range(0, row.size, size):
        r, p = row[begin : begin + size], panel[begin : begin + size]
        left, right = edges[r, p], edges[r, p + 1]
        half = 0.5 * (right - left)
        x = (left + half)[:, np.newaxis] + half[:, np.newaxis] * _NODES
        f = parts.rows(np.repeat(r, _NODES.size)).cdf(x.reshape(-1)).reshape(x.shape)
        for i, terms in enumerate((f, -2.0 * x * f, f * f)):
            # Panel by panel in the order of the edges: a row has the same bits alone.
            np.add.at(found[i], r, half * ordered_sum(terms * _SHARES))
    return found


def _edges(parts: MixtureParts) -> FloatArray:
    """Return the ends of the panels of each row, increasing and at most 0, shape (row, edge)."""
    own, here = parts.shapes, parts.weights > 0.0
    share, mean, scale = parts.normal

    def around(there: Any, foot: FloatArray, unit: FloatArray, steps: FloatArray) -> FloatArray:
        ends = foot[..., np.newaxis] + unit[..., np.newaxis] * steps
        return np.where((here & there)[..., np.newaxis], ends, 0.0)

    pieces = np.zeros(own.knots.shape, dtype=np.bool_)
    pieces[..., :-1] = own.pieces > 0.0
    pieces[..., 1:] |= own.pieces > 0.0
    low, high = own.knots[..., 0], own.knots[..., -1]
    found = [
        around(share > 0.0, mean, scale, _NORMAL_STEPS),
        np.where(here[..., np.newaxis] & pieces, own.knots, 0.0),
        np.where(here[..., np.newaxis] & (own.masses > 0.0), own.places, 0.0),
        around(own.lower_share > 0.0, low, own.lower_scale, -_TAIL_STEPS),
        around(own.lower_share > 0.0, low, own.lower_scale, np.zeros(1)),
        around(own.upper_share > 0.0, high, own.upper_scale, np.zeros(1)),
        around(own.upper_share > 0.0, high, own.upper_scale, _TAIL_STEPS),
    ]
    rows = parts.weights.shape[0]
    everything = np.concatenate([one.reshape(rows, -1) for one in found], axis=-1)
    ends = np.sort(np.minimum(everything, 0.0), axis=-1)
    return np.concatenate([ends, np.zeros((rows, 1))], axis=-1)
