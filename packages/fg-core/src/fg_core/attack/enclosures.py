r"""Upper bounds of the CRPS of a mixture whose parameters move with one number.

A *cell* is an interval of that number, at both ends of which everything is known. In between, each
parameter is enclosed by its values at the ends and bounds of its derivative. Interval arithmetic
gives bounds of the derivative of the CRPS, and so a tent over the cell that the CRPS stays below:

$$S(x) \le \min\{S(0) + x \, \overline{S'}, \; S(\Delta) - (\Delta - x) \, \underline{S'}\}.$$

The tent is exact at both ends, and exceeds the CRPS by terms of order $\Delta^2$ in between.

With $a(d, s) = 2 \Phi(d / s) - 1$ and $b(d, s) = 2 \varphi(d / s)$, the partial derivatives of
$A(d, s) = E|N(d, s^2)|$, the CRPS $\sum_i w_i A(y - m_i, s_i) - \frac12 \sum_{ij} w_i w_j A_{ij}$
with $A_{ij} = A(m_i - m_j, s_{ij})$ and $s_{ij}^2 = s_i^2 + s_j^2$ has the derivative

$$S' = \sum_i w_i' \Big\{A(y - m_i, s_i) - \sum_j w_j A_{ij}\Big\}
  - \sum_i w_i m_i' \Big\{a(y - m_i, s_i) + \sum_j w_j a_{ij}\Big\}
  + \sum_i w_i s_i' \Big\{b(y - m_i, s_i) - \sum_j w_j b_{ij} \frac{s_i}{s_{ij}}\Big\}.$$

Reference for interval arithmetic and the mean value form: Moore, Kearfott & Cloud (2009),
Introduction to Interval Analysis, doi:10.1137/1.9780898717716, chapters 2 and 6.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fg_core.scoring._kernels import SQRT_2PI, expected_distance
from fg_core.transcendental import exp, hypot, ndtr

__all__ = ["Course", "Interval", "crps_tents", "product", "tent"]

Array = NDArray[np.float64]


class Interval(NamedTuple):
    """Bounds of numbers, elementwise.

    Args:
        low: Lower bounds, any shape.
        high: Upper bounds, of a shape that broadcasts with it.
    """

    low: Array
    high: Array

    @classmethod
    def at(cls, number: Array) -> Interval:
        """Return the intervals that hold one number each."""
        return cls(number, number)

    def plus(self, other: Interval) -> Interval:
        """Return bounds of the sum."""
        return Interval(self.low + other.low, self.high + other.high)

    def minus(self, other: Interval) -> Interval:
        """Return bounds of the difference."""
        return Interval(self.low - other.high, self.high - other.low)

    def total(self) -> Interval:
        """Return bounds of the sum over the last axis."""
        return Interval(self.low.sum(axis=-1), self.high.sum(axis=-1))

    def with_zero(self, where: NDArray[np.bool_]) -> Interval:
        """Return the hull of the interval and 0, in these places."""
        return Interval(
            np.where(where, np.minimum(self.low, 0.0), self.low),
            np.where(where, np.maximum(self.high, 0.0), self.high),
        )


def product(first: Interval, second: Interval) -> Interval:
    """Return bounds of the product of two numbers.

    Args:
        first: Bounds of one number.
        second: Bounds of the other one.

    Returns:
        The tightest bounds that hold whatever the two have to do with each other.

    >>> one, two = Interval.at(np.array(-2.0)), Interval(np.array(-1.0), np.array(3.0))
    >>> [float(end) for end in product(one, two)]
    [-6.0, 2.0]
    """
    ends = (
        first.low * second.low,
        first.low * second.high,
        first.high * second.low,
        first.high * second.high,
    )
    return Interval(np.minimum.reduce(ends), np.maximum.reduce(ends))


def tent(start: Array, end: Array, slope: Interval, width: Array) -> tuple[Array, Array]:
    """Return the corner of the tent over a cell: a function stays below its two sides.

    Args:
        start: Value at the lower end of the cell.
        end: Value at the upper end.
        slope: Bounds of the derivative in between.
        width: Width of the cell, at least 0.

    Returns:
        Distance of the corner from the lower end, and the height of the tent there, of the shape to
        which all broadcast.

    >>> slope = Interval(np.array(-1.0), np.array(1.0))
    >>> [float(x) for x in tent(np.array(0.0), np.array(1.0), slope, np.array(2.0))]
    [1.5, 1.5]
    """
    spread = slope.high - slope.low
    wide = spread > 0.0
    at = np.where(wide, (end - start - slope.low * width) / np.where(wide, spread, 1.0), 0.0)
    at = np.clip(at, 0.0, width)
    return at, np.maximum(start + slope.high * at, end - slope.low * (width - at))


@dataclass(frozen=True, eq=False)
class Course:
    """Numbers along a row of points, with bounds of their derivatives between these.

    Args:
        values: Values at the points, shape (round, point, component).
        slope: Bounds of the derivatives, shape (round, cell, component).
    """

    values: Array
    slope: Interval

    @property
    def start(self) -> Array:
        """Values at the lower ends of the cells, shape (round, cell, component)."""
        return self.values[:, :-1]

    @property
    def end(self) -> Array:
        """Values at the upper ends of the cells, shape (round, cell, component)."""
        return self.values[:, 1:]

    def range(self, width: Array) -> Interval:
        """Return bounds of the numbers in each cell, shape (round, cell, component).

        Args:
            width: Widths of the cells, shape (round, cell).
        """
        return _range(self.start, self.end, self.slope, width[..., np.newaxis])

    def rounds(self, some: slice) -> Course:
        """Return some of the rounds."""
        return Course(self.values[some], Interval(self.slope.low[some], self.slope.high[some]))


def _range(start: Array, end: Array, slope: Interval, width: Array) -> Interval:
    high = np.maximum(np.maximum(start, end), tent(start, end, slope, width)[1])
    turned = tent(-start, -end, Interval(-slope.high, -slope.low), width)[1]
    return Interval(np.minimum(np.minimum(start, end), -turned), high)


def crps_tents(
    points: Array, targets: Array, scores: Array, weights: Course, means: Course, scales: Course
) -> tuple[Array, Array]:
    """Return the corners of tents that the CRPS of mixtures stays below, one per cell.

    Args:
        points: Ends of the cells, not decreasing, shape (round, point).
        targets: Values that were forecast, shape (round,).
        scores: CRPS at the points, shape (round, point).
        weights: Weights of the components.
        means: Means of the components.
        scales: Standard deviations of the components, above 0.

    Returns:
        Places of the corners and heights there, shape (round, cell) each, in the unit of the
        series; the height is infinite where a derivative is unbounded.

    >>> still = Interval(np.zeros((1, 1, 1)), np.zeros((1, 1, 1)))
    >>> moves = Interval(np.ones((1, 1, 1)), np.ones((1, 1, 1)))
    >>> ones = np.ones((1, 2, 1))
    >>> points, scores = np.array([[1.0, 3.0]]), np.array([[0.6, 2.4]])
    >>> places, heights = crps_tents(points, np.zeros(1), scores, Course(ones, still),
    ...     Course(points[..., np.newaxis], moves), Course(ones, still))
    >>> bool(1.0 <= places[0, 0] <= 3.0), bool(1.5 < heights[0, 0] <= 2.4)
    (True, True)
    """
    width = np.diff(points, axis=1)
    places, heights = np.empty(width.shape), np.empty(width.shape)
    per_block = max(1, int(2e5 / max(1, width.shape[1] * weights.values.shape[2] ** 2)))
    for begin in range(0, width.shape[0], per_block):
        some = slice(begin, begin + per_block)
        slope = _slope_of_crps(
            width[some], targets[some], *(one.rounds(some) for one in (weights, means, scales))
        )
        bounded = np.isfinite(slope.low) & np.isfinite(slope.high)
        kept = Interval(np.where(bounded, slope.low, 0.0), np.where(bounded, slope.high, 0.0))
        at, height = tent(scores[some, :-1], scores[some, 1:], kept, width[some])
        places[some] = points[some, :-1] + at
        heights[some] = np.where(bounded | (width[some] == 0.0), height, np.inf)
    return places, heights


def _slope_of_crps(
    width: Array, targets: Array, weights: Course, means: Course, scales: Course
) -> Interval:
    """Return bounds of the derivative of the CRPS in each cell, shape (round, cell)."""
    with np.errstate(invalid="ignore", over="ignore"):
        w, m, s = (one.range(width) for one in (weights, means, scales))
        w = Interval(np.maximum(w.low, 0.0), np.minimum(w.high, 1.0))
        y = targets[:, np.newaxis, np.newaxis]
        to_target = Interval(y - m.high, y - m.low)
        apart = _range(
            _pairs(means.start, np.subtract),
            _pairs(means.end, np.subtract),
            Interval(
                means.slope.low[..., :, np.newaxis] - means.slope.high[..., np.newaxis, :],
                means.slope.high[..., :, np.newaxis] - means.slope.low[..., np.newaxis, :],
            ),
            width[..., np.newaxis, np.newaxis],
        )
        # The distance of a component to itself is 0, whatever is known of its mean.
        itself = np.eye(w.low.shape[-1], dtype=np.bool_)
        apart = Interval(np.where(itself, 0.0, apart.low), np.where(itself, 0.0, apart.high))
        both = Interval(_pairs(s.low, hypot), _pairs(s.high, hypot))
        others = Interval(w.low[..., np.newaxis, :], w.high[..., np.newaxis, :])
        by_weight = _distance(to_target, s).minus(product(others, _distance(apart, both)).total())
        # Weights sum to 1, so that their derivatives sum to 0: a constant makes no difference.
        middle = 0.5 * (by_weight.low + by_weight.high).mean(axis=-1, keepdims=True)
        by_weight = Interval(by_weight.low - middle, by_weight.high - middle)
        by_mean = _signed_share(to_target, s).plus(
            product(others, _signed_share(apart, both)).total()
        )
        shares = Interval(
            s.low[..., np.newaxis] / hypot(s.low[..., np.newaxis], s.high[..., np.newaxis, :]),
            s.high[..., np.newaxis] / hypot(s.high[..., np.newaxis], s.low[..., np.newaxis, :]),
        )
        half = np.sqrt(0.5)
        shares = Interval(np.where(itself, half, shares.low), np.where(itself, half, shares.high))
        by_scale = _density(to_target, s).minus(
            product(others, product(_density(apart, both), shares)).total()
        )
        return (
            product(weights.slope, by_weight)
            .minus(product(w, product(means.slope, by_mean)))
            .plus(product(w, product(scales.slope, by_scale)))
            .total()
        )


def _pairs(numbers: Array, function: np.ufunc) -> Array:
    found: Array = function(numbers[..., :, np.newaxis], numbers[..., np.newaxis, :])
    return found


def _nearest(distance: Interval) -> Array:
    """Return the smallest size of a number."""
    return np.maximum(0.0, np.maximum(distance.low, -distance.high))


def _farthest(distance: Interval) -> Array:
    """Return the largest size of a number."""
    return np.maximum(np.abs(distance.low), np.abs(distance.high))


def _distance(distance: Interval, scale: Interval) -> Interval:
    """Return bounds of E|N(d, s^2)|, which grows with |d| and with s."""
    return Interval(
        expected_distance(_nearest(distance), scale.low),
        expected_distance(_farthest(distance), scale.high),
    )


def _signed_share(distance: Interval, scale: Interval) -> Interval:
    """Return bounds of 2 Phi(d / s) - 1."""
    low = distance.low / np.where(distance.low < 0.0, scale.low, scale.high)
    high = distance.high / np.where(distance.high > 0.0, scale.low, scale.high)
    return Interval(2.0 * ndtr(low) - 1.0, 2.0 * ndtr(high) - 1.0)


def _density(distance: Interval, scale: Interval) -> Interval:
    """Return bounds of 2 phi(d / s)."""
    far, near = _farthest(distance) / scale.low, _nearest(distance) / scale.high
    return Interval(
        2.0 / SQRT_2PI * exp(-0.5 * far * far), 2.0 / SQRT_2PI * exp(-0.5 * near * near)
    )
