r"""Sums of squares and products of a regression, at every origin in one pass.

All that a linear fit needs of its rows $(x_t, y_t)$ is

$$M_{xx} = \sum_{t \le T} d^{T-t} w_t x_t x_t', \quad M_{xy} = \sum d^{T-t} w_t x_t y_t', \quad
  M_{yy} = \sum d^{T-t} w_t y_t y_t', \quad N = \sum d^{T-t} w_t,$$

and these follow from one origin to the next: $M(T) = d^{T-S} M(S) + $ what the rows after $S$ add.
So fits at all origins cost one pass over the rows, and a fit at one origin is the case of one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fg_core.batch.lazy import lazy

__all__ = ["Moments", "diagonal", "lagged", "moments_at", "weighted_sums", "weighted_sums_together"]

Array = NDArray[np.float64]

_TINY = 1e-30


@dataclass(frozen=True, eq=False)
class Moments:
    """Weighted sums at some origins, one per position of the first axis.

    Args:
        xx: Sums of products of regressors, shape (origin, regressor, regressor).
        xy: Sums of products of regressors and targets, shape (origin, regressor, column).
        yy: Sums of products of targets, shape (origin, column, column).
        count: Sum of the weights, shape (origin,): how many rows there are, in effect.
    """

    xx: Array
    xy: Array
    yy: Array
    count: Array

    @classmethod
    def joined(cls, parts: Sequence[Moments]) -> Moments:
        """Return sums of one shape as those of one record, one origin after the other.

        Returns:
            Sums whose first axis is as long as those of all parts together.
        """
        return cls(
            np.concatenate([one.xx for one in parts]),
            np.concatenate([one.xy for one in parts]),
            np.concatenate([one.yy for one in parts]),
            np.concatenate([one.count for one in parts]),
        )

    @lazy
    def residual_variances(self) -> Array:
        """Residual variances of first-order autoregressions, shape (origin, column)."""
        k = self.yy.shape[-1]
        first = slice(1, 1 + k)
        number = self.count[:, np.newaxis]
        sum_x, sum_xx = self.xx[:, 0, first], diagonal(self.xx[:, first, first])
        sum_y, sum_xy = self.xy[:, 0], diagonal(self.xy[:, first])
        sum_yy = diagonal(self.yy)
        power = np.maximum(sum_xx - sum_x * sum_x / number, _TINY)
        joint = sum_xy - sum_x * sum_y / number
        left = sum_yy - sum_y * sum_y / number - joint * joint / power
        spare = np.maximum(number - 2.0, 1.0)
        floor = np.finfo(np.float64).eps * np.maximum(sum_yy, _TINY)
        return np.asarray(np.maximum(left, floor) / spare, dtype=np.float64)


def diagonal(matrices: Array) -> Array:
    """Return the diagonals of matrices, shape (origin, column); writing to them writes through.

    Args:
        matrices: Matrices of shape (origin, column, column).

    Returns:
        View of shape (origin, column).

    >>> diagonal(np.array([[[1.0, 2.0], [3.0, 4.0]]])).tolist()
    [[1.0, 4.0]]
    """
    found = matrices.diagonal(0, -2, -1)
    if matrices.flags.writeable:
        found.setflags(write=True)
    return found


def lagged(rows: Array, order: int) -> tuple[Array, Array]:
    """Return regressors (1, then the rows 1, ..., `order` periods ago) and targets.

    Args:
        rows: Rows of shape (..., time, column).
        order: Number of lags; the first targets are in row `order`.

    Returns:
        Two arrays: regressors of shape (..., time - order, 1 + order * column), and targets of
        shape (..., time - order, column).

    >>> x, y = lagged(np.array([[1.0], [2.0], [4.0]]), 1)
    >>> x.tolist(), y.tolist()
    ([[1.0, 1.0], [1.0, 2.0]], [[2.0], [4.0]])
    """
    n = rows.shape[-2]
    past = [rows[..., order - lag : n - lag, :] for lag in range(1, order + 1)]
    ones = np.ones((*rows.shape[:-2], n - order, 1))
    return np.concatenate([ones, *past], axis=-1), rows[..., order:, :]


def moments_at(
    x: Array, y: Array, weights: Array, ends: Sequence[int], discount: float = 1.0
) -> Moments:
    """Return the sums up to and with each of the rows `ends`.

    What comes after a row changes no bit of its sums.

    Args:
        x: Regressors, shape (time, regressor).
        y: Targets, shape (time, column).
        weights: Weights of the rows, shape (time,), at least 0.
        ends: Numbers of rows, rising.
        discount: Factor $d$ in (0, 1] by which the weight of a row is multiplied per period.

    Returns:
        Sums of shape (origin, ...), one origin per entry of `ends`.

    >>> ones, y = np.ones((4, 1)), np.array([[1.0], [2.0], [3.0], [4.0]])
    >>> found = moments_at(ones, y, np.ones(4), [1, 3], discount=0.5)
    >>> found.xy[:, 0, 0].tolist(), found.count.tolist()
    ([2.5, 6.125], [1.5, 1.875])
    """
    m, k = x.shape[1], y.shape[1]
    both = np.concatenate([x, y], axis=1)
    sums = np.zeros((len(ends), m + k, m + k))
    count = np.zeros(len(ends))
    total, number, begin = np.zeros((m + k, m + k)), 0.0, 0
    for at, end in enumerate(ends):
        block = both[begin : end + 1]
        fade = discount ** len(block)
        own, weight = weighted_sums(block, weights[begin : end + 1], discount)
        total = fade * total + own
        number = fade * number + weight
        sums[at], count[at] = total, number
        begin = end + 1
    return Moments(sums[:, :m, :m], sums[:, :m, m:], sums[:, m:, m:], count)


def weighted_sums(rows: Array, weights: Array, discount: float) -> tuple[Array, float]:
    r"""Return $\sum_t d^{T-t} w_t z_t z_t'$ over some rows, $T$ the last, and the sum of weights.

    Args:
        rows: $z_t$, shape (time, column).
        weights: $w_t$, shape (time,), at least 0.
        discount: $d$ in (0, 1].

    Returns:
        Array of shape (column, column), in products of the columns' units; and a number without a
        unit.

    >>> weighted_sums(np.array([[2.0], [1.0]]), np.ones(2), 0.5)
    (array([[3.]]), 1.5)
    """
    (found,) = weighted_sums_together(rows[np.newaxis], weights[np.newaxis], discount)
    return found


def weighted_sums_together(
    rows: Array, weights: Array, discount: float
) -> list[tuple[Array, float]]:
    """Return `weighted_sums` of several records of one length.

    Args:
        rows: Rows of each record, shape (record, time, column).
        weights: Weights of the rows, shape (record, time), at least 0.
        discount: Factor in (0, 1] by which the weight of a row is multiplied per period.

    Returns:
        For each record an array of shape (column, column), and the sum of its weights.
    """
    n = rows.shape[1]
    share = weights * discount ** np.arange(n - 1, -1, -1, dtype=np.float64)
    scaled = rows * share[..., np.newaxis]
    # Products one by one: last bits of many at once depend on the library.
    return [
        (one.T @ other, float(np.add.reduce(own)))
        for one, other, own in zip(scaled, rows, share, strict=True)
    ]
