"""Moments of a record that grows: sums over whole blocks of rows are not taken again.

Targets are cut into blocks of 128 from the first one on. The sums at the end of each whole block
follow from those at the end of the block before, and the rows after the last whole block are added
at the end. What comes out depends on the rows alone, and not on what was remembered; a fit costs
what its new rows cost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .moments import Moments, lagged, weighted_sums

__all__ = ["running_moments"]

Array = NDArray[np.float64]

_BLOCK = 128
_RECORDS = 256
"""Number of records that are remembered: of some models, for the series that are played
together."""


@dataclass(frozen=True, eq=False)
class _Blocks:
    """The sums at the end of each whole block of a record.

    Args:
        rows: Up to the last whole block, shape (time, column).
        weights: Weights of the targets, shape (time - order,).
        sums: Sums, one matrix and one sum of weights per block.
    """

    rows: Array
    weights: Array
    sums: tuple[tuple[Array, float], ...]

    def shared(self, rows: Array, weights: Array) -> int:
        """Return the number of whole blocks that another record has in common with this one.

        0 where they differ anywhere as far as the shorter goes.
        """
        whole = min(len(self.sums), len(weights) // _BLOCK)
        n = whole * _BLOCK
        order = len(self.rows) - len(self.weights)
        same = _same(rows[: n + order], self.rows[: n + order])
        return whole if same and _same(weights[:n], self.weights[:n]) else 0


_blocks: dict[tuple[object, ...], _Blocks] = {}


def running_moments(rows: Array, weights: Array, order: int, discount: float = 1.0) -> Moments:
    """Return the moments of the regression of all rows on their lags, at one origin: the last row.

    They are those of `moments_at`, to the rounding of sums by blocks.

    Args:
        rows: Finite rows, shape (time, column).
        weights: Weights of the targets, the rows from `order` on, shape (time - order,), at least
            0.
        order: Number of lags.
        discount: Factor in (0, 1] by which the weight of a row is multiplied per period.

    Returns:
        Sums of shape (1, ...).

    >>> found = running_moments(np.array([[1.0], [2.0], [4.0]]), np.ones(2), 1)
    >>> found.xy[0].tolist(), found.count.tolist()
    ([[6.0], [10.0]], [2.0])
    """
    whole = len(weights) // _BLOCK
    # Records of one series in one unit begin alike.
    key = (order, discount, rows[: order + 2].tobytes())
    known = _blocks.get(key)
    n_known = 0 if known is None else known.shared(rows, weights)
    sums = [] if known is None else list(known.sums[:n_known])
    for _ in range(n_known, whole):
        sums.append(_next(sums, rows, weights, order, discount))
    if whole > n_known:
        n = whole * _BLOCK
        _blocks.pop(key, None)
        _blocks[key] = _Blocks(rows[: n + order].copy(), weights[:n].copy(), tuple(sums))
        while len(_blocks) > _RECORDS:
            del _blocks[next(iter(_blocks))]
    if len(weights) > whole * _BLOCK or not sums:
        sums.append(_next(sums, rows, weights, order, discount))
    total, number = sums[-1]
    m = 1 + order * rows.shape[1]
    both = total[np.newaxis]
    return Moments(both[:, :m, :m], both[:, :m, m:], both[:, m:, m:], np.array([number]))


def _next(
    sums: Sequence[tuple[Array, float]], rows: Array, weights: Array, order: int, discount: float
) -> tuple[Array, float]:
    """Return the sums at the end of the block after those that are known, or of what there is."""
    begin = len(sums) * _BLOCK
    x, y = lagged(rows[begin : begin + _BLOCK + order], order)
    own = weights[begin : begin + _BLOCK]
    total, number = weighted_sums(np.concatenate([x, y], axis=1), own, discount)
    if not sums:
        return total, number
    before, count = sums[-1]
    fade = discount ** len(own)
    return fade * before + total, fade * count + number


def _same(a: Array, b: Array) -> bool:
    """Return whether two arrays are the same, bit by bit."""
    return a.shape == b.shape and a.tobytes() == b.tobytes()
