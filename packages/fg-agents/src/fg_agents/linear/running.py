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

from .moments import Moments, lagged, weighted_sums_together

__all__ = ["running_moments", "running_moments_together"]

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
    (found,) = running_moments_together(rows[np.newaxis], weights[np.newaxis], order, discount)
    return found


def running_moments_together(
    rows: Array, weights: Array, order: int, discount: float = 1.0
) -> list[Moments]:
    """Return `running_moments` of several records of one length, to the last bit.

    Args:
        rows: Finite rows of each record, shape (record, time, column).
        weights: Weights of the targets, shape (record, time - order), at least 0.
        order: Number of lags.
        discount: Factor in (0, 1] by which the weight of a row is multiplied per period.

    Returns:
        Sums of shape (1, ...), for each record.
    """
    n_targets = weights.shape[1]
    whole = n_targets // _BLOCK
    # Records of one series in one unit begin alike.
    keys = [(order, discount, own[: order + 2].tobytes()) for own in rows]
    sums: list[list[tuple[Array, float]]] = []
    for key, own, its_weights in zip(keys, rows, weights, strict=True):
        known = _blocks.get(key)
        n_known = 0 if known is None else known.shared(own, its_weights)
        sums.append([] if known is None else list(known.sums[:n_known]))
    grown = [i for i, each in enumerate(sums) if len(each) < whole]
    for block in range(whole):
        _add_block(
            sums, [i for i in grown if len(sums[i]) == block], rows, weights, order, discount
        )
    for i in grown:
        n = whole * _BLOCK
        _blocks.pop(keys[i], None)
        _blocks[keys[i]] = _Blocks(
            rows[i, : n + order].copy(), weights[i, :n].copy(), tuple(sums[i])
        )
    while len(_blocks) > _RECORDS:
        _blocks.pop(next(iter(_blocks)), None)
    if n_targets > whole * _BLOCK or not whole:
        _add_block(sums, range(len(sums)), rows, weights, order, discount)
    m = 1 + order * rows.shape[2]
    found = []
    for *_, (total, number) in sums:
        both = total[np.newaxis]
        parts = both[:, :m, :m], both[:, :m, m:], both[:, m:, m:]
        found.append(Moments(*parts, np.array([number])))
    return found


def _add_block(
    sums: Sequence[list[tuple[Array, float]]],
    some: Sequence[int],
    rows: Array,
    weights: Array,
    order: int,
    discount: float,
) -> None:
    """Add the sums at the end of the next block, or of what there is, to those of some records.

    Args:
        sums: Sums at the end of each block so far, by record; those of `some` are as many.
        some: Numbers of the records.
        rows: Rows of all records.
        weights: Weights of the targets of all records.
        order: Number of lags.
        discount: Factor by which weights are multiplied per period.
    """
    if not some:
        return
    begin = len(sums[some[0]]) * _BLOCK
    every = len(some) == len(rows)
    own_rows, own = (rows, weights) if every else (rows[list(some)], weights[list(some)])
    x, y = lagged(own_rows[:, begin : begin + _BLOCK + order], order)
    own = own[:, begin : begin + _BLOCK]
    new = weighted_sums_together(np.concatenate([x, y], axis=2), own, discount)
    fade = discount ** own.shape[1]
    for i, (total, number) in zip(some, new, strict=True):
        if sums[i]:
            before, count = sums[i][-1]
            total, number = fade * before + total, fade * count + number
        sums[i].append((total, number))


def _same(a: Array, b: Array) -> bool:
    """Return whether two arrays are the same, bit by bit."""
    return a.shape == b.shape and a.tobytes() == b.tobytes()
