r"""The CRPS of mixtures whose components are normals and stated distributions.

With the parts of `ShapeArrays` as $X_i$ and the mixture as $X$,

$$\operatorname{CRPS} = \sum_i w_i E|X_i - y| - \tfrac12 \sum_i w_i E|X_i - X|,$$

both sums in closed form (`.distances`, `.piecewise`). Pairs are formed only with the few normals
and tails; pieces and masses among themselves take one sort. For $K$ components of $L$ levels each
that is $O(K^2 L)$ per row instead of $O(K^2 L^2)$.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fg_core._numeric import FloatArray, ordered_sum
from fg_core.scoring._kernels import expected_distance, mixture_crps
from fg_core.transcendental import hypot

from . import distances
from .parts import MixtureParts, by_rows, in_rows
from .piecewise import distances_to_pool
from .shapes import ShapeArrays

__all__ = ["crps", "own_crps", "pool_regret"]

_BLOCK = 1 << 18
"""Numbers in one temporary array: a large batch is scored in pieces of this size."""


def crps(
    weights: FloatArray,
    means: FloatArray,
    scales: FloatArray,
    shapes: ShapeArrays | None,
    value: FloatArray,
) -> FloatArray:
    """Return the continuous ranked probability score of mixtures.

    Args:
        weights: Weights of the components, shape (..., component), at least 0, sum 1 (not checked).
        means: Means of the components, shape (..., component), in the unit of the series.
        scales: Standard deviations of the components, shape (..., component), same unit, above 0.
        shapes: Stated distributions of the components, leading axes (..., component); None: all are
            normal.
        value: Value that was forecast, shape (...), same unit; NaN gives NaN.

    Returns:
        Shape (...), at least 0, in the unit of the series. Rows of normals alone have the bits of
        `crps_mixture`.

    Reference: Gneiting & Raftery (2007), J. Am. Stat. Assoc. 102, doi:10.1198/016214506000001437.

    >>> from fg_core.distributions import Mass, NormalPart, StatedDistribution
    >>> one = StatedDistribution(NormalPart(2.0, 1.0), (Mass(0.0, 0.5),))
    >>> round(one.crps(0.0), 6)
    0.363198
    """
    if shapes is None:
        return mixture_crps(weights, means, scales, value)
    lead = np.shape(value)
    w, m, s, own, _ = in_rows(weights, means, scales, shapes)
    y = np.asarray(value, dtype=np.float64).reshape(-1)

    def stated(parts: MixtureParts, which: Any) -> FloatArray:
        there = y[which]
        found = np.empty(there.shape)
        for part in _blocks(parts):
            found[part] = _crps(parts.rows(part), there[part])
        return found

    def normal(which: Any) -> FloatArray:
        return mixture_crps(w[which], m[which], s[which], y[which])

    with np.errstate(over="ignore"):
        found = by_rows(w, m, s, own, normal, stated)
    return found.reshape(lead)[()]


def own_crps(
    means: FloatArray, scales: FloatArray, shapes: ShapeArrays, value: FloatArray
) -> FloatArray:
    """Return the CRPS of each component by itself.

    Args:
        means: Means of the components, shape (..., component), in the unit of the series.
        scales: Standard deviations of the components, shape (..., component), above 0, same unit.
        shapes: Distributions of the components, leading axes (..., component).
        value: Value that was forecast, broadcasts to (..., component), same unit.

    Returns:
        CRPS, shape (..., component), at least 0, in the unit of the series.
    """
    one = np.ones((*means.shape, 1))
    alone = shapes.map(lambda array: array[(slice(None),) * means.ndim + (np.newaxis,)])
    at = np.broadcast_to(value, means.shape)
    return np.asarray(crps(one, means[..., np.newaxis], scales[..., np.newaxis], alone, at))


def pool_regret(
    weights: FloatArray,
    means: FloatArray,
    scales: FloatArray,
    shapes: ShapeArrays,
    value: FloatArray,
    normal: FloatArray,
) -> FloatArray:
    """Return what a pool would have gained by leaning towards each forecaster.

    As `fg_core.pooling.crps_regret`, for forecasters that state distributions.

    Args:
        weights: Weights of the pool that was scored, shape (..., forecaster), sum 1.
        means: Means of the forecasts, shape (..., forecaster), in the unit of the series.
        scales: Standard deviations of the forecasts, shape (..., forecaster), same unit, above 0.
        shapes: Stated distributions of the forecasts, leading axes (..., forecaster).
        value: Value that was forecast, shape (...), same unit.
        normal: Results for rows in which no forecaster states a distribution, shape (...,
            forecaster).

    Returns:
        Shape (..., forecaster), in the unit of the series.
    """
    w, m, s, own, _ = in_rows(weights, means, scales, shapes)
    y = np.asarray(value, dtype=np.float64).reshape(-1)
    parts = MixtureParts(w, m, s, own)
    found = np.empty(w.shape)
    with np.errstate(over="ignore"):
        for part in _blocks(parts):
            rows = parts.rows(part)
            slope = _to_value(rows, y[part]) - _to_pool(rows)
            found[part] = ordered_sum(rows.weights * slope)[:, np.newaxis] - slope
    some = np.asarray(own.stated.any(axis=-1))[:, np.newaxis]
    return np.where(some, found, normal.reshape(w.shape)).reshape(np.shape(weights))


def _blocks(parts: MixtureParts) -> Iterator[slice]:
    n_rows, k = parts.weights.shape
    size = max(1, _BLOCK // (3 * k * max(1, parts.numbers)))
    for start in range(0, n_rows, size):
        yield slice(start, start + size)


def _crps(parts: MixtureParts, y: FloatArray) -> FloatArray:
    # A component without weight is not there: its knots may not cut the pieces of others.
    here = parts.weights > 0.0
    there = MixtureParts(parts.weights, parts.means, parts.scales, parts.shapes.where(here))
    score = ordered_sum(there.weights * (_to_value(there, y) - 0.5 * _to_pool(there)))
    # The difference of large numbers can fall below 0 by rounding; NaN stays NaN.
    return np.maximum(score, 0.0)


def _to_value(parts: MixtureParts, y: FloatArray) -> FloatArray:
    """Return $E|X_i - y|$, shape (row, component)."""
    at, own = y[:, np.newaxis], parts.shapes
    share, mean, scale = parts.normal
    found = share * expected_distance(at - mean, scale)
    by_tail, foot, beta, side = parts.tails
    if np.count_nonzero(by_tail):
        at_tail = np.broadcast_to(at, foot.shape)
        tails = by_tail * distances.tail_to_point(foot, beta, side, at_tail)
        found += tails[:, 0::2] + tails[:, 1::2]
    here = at[..., np.newaxis]
    if own.pieces.shape[-1]:
        left, right = own.knots[..., :-1], own.knots[..., 1:]
        found += ordered_sum(own.pieces * distances.point_to_uniform(here, left, right))
    if own.n_masses:
        found += ordered_sum(own.masses * np.abs(here - own.places))
    return found


def _to_pool(parts: MixtureParts) -> FloatArray:
    """Return $E|X_i - X|$ with X from the mixture, shape (row, component)."""
    own, w = parts.shapes, parts.weights
    rows, k = w.shape
    share, mean, scale = parts.normal
    by_tail, foot, beta, side = parts.tails
    normals, tails = _some(share), _some(by_tail)
    pieces, masses = _some(own.pieces.reshape(rows, -1)), _some(own.masses.reshape(rows, -1))
    found = distances_to_pool(w, own) if pieces.size or masses.size else np.zeros((rows, k))
    n, t = _Kind(share, normals, w), _Kind(by_tail, tails, w)
    u = _Kind(own.pieces.reshape(rows, -1), pieces, w)
    p = _Kind(own.masses.reshape(rows, -1), masses, w)
    m, s = mean[:, normals], scale[:, normals]
    q, b, e = foot[:, tails], beta[:, tails], side[:, tails]
    m1, s1, q1, b1, e1 = (array[:, :, np.newaxis] for array in (m, s, q, b, e))
    left = own.knots[..., :-1].reshape(rows, -1)[:, np.newaxis, pieces]
    right = own.knots[..., 1:].reshape(rows, -1)[:, np.newaxis, pieces]
    at = own.places.reshape(rows, -1)[:, np.newaxis, masses]
    if n.size:
        apart = expected_distance(m1 - m[:, np.newaxis, :], hypot(s1, s[:, np.newaxis, :]))
        n.add(found, n, apart)
        if t.size:
            crossed = (m1, s1, q[:, np.newaxis], b[:, np.newaxis], e[:, np.newaxis])
            n.add(found, t, distances.normal_to_tail(*crossed))
        if u.size:
            n.add(found, u, distances.normal_to_uniform(m1, s1, left, right))
        if p.size:
            n.add(found, p, expected_distance(at - m1, s1))
    if t.size:
        others = (array[:, np.newaxis] for array in (q, b, e))
        t.add(found, t, distances.tail_to_tail(q1, b1, e1, *others))
        if u.size:
            t.add(found, u, distances.tail_to_uniform(q1, b1, e1, left, right))
        if p.size:
            t.add(found, p, distances.tail_to_point(q1, b1, e1, at))
    return found


class _Kind:
    """The parts of one kind that are there in some row.

    Args:
        share: Their probabilities, shape (row, part), each component's parts side by side.
        which: Those that are there.
        w: Weights of the components, shape (row, component).
    """

    def __init__(self, share: FloatArray, which: NDArray[np.intp], w: FloatArray) -> None:
        self.which, self.size, self.n_parts = which, which.size, share.shape[-1]
        self.share = share[:, which]
        self.weight = self.share * w[:, which // max(1, self.n_parts // w.shape[-1])]

    def add(self, found: FloatArray, other: _Kind, apart: FloatArray) -> None:
        """Add to every component its distance from the other kind, and the other way round.

        Args:
            found: Shape (row, component), changed.
            other: Other kind.
            apart: Expected distances, shape (row, own part, other part).
        """
        self._give(found, ordered_sum(other.weight[:, np.newaxis, :] * apart))
        if other is not self:
            across = np.swapaxes(self.weight[:, :, np.newaxis] * apart, 1, 2)
            other._give(found, ordered_sum(across))

    def _give(self, found: FloatArray, distance: FloatArray) -> None:
        rows, k = found.shape
        whole = np.zeros((rows, self.n_parts))
        whole[:, self.which] = self.share * distance
        found += ordered_sum(whole.reshape(rows, k, -1))


def _some(share: FloatArray) -> NDArray[np.intp]:
    """Return the columns that hold a probability above 0 in some row."""
    return np.flatnonzero(share.any(axis=0))
