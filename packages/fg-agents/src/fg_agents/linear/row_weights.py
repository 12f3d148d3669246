r"""Weights of the rows of a fit: broken periods count little.

A quarter such as 2020Q2 is many usual changes away from its neighbours. Least squares then fits
that quarter and little else, for as long as it is in the sample. So a row is given the weight

$$w_t = \min_{0 \le l \le P} \min(1, (c / r_{t-l})^2),$$

with $r_t$ the size of the change into row $t$: the *second* largest over the columns of their
absolute changes, each in units of its own usual change. One odd column is a misprint or that
column's own business; where two break at once, the period is broken. Where there is one column
only, it speaks for itself. The minimum goes over a row and its lags, since a broken row stands on
both sides of the equation.

The usual change of a column is 1.4826 times the median absolute deviation of its last 80 changes
before $t$ (their standard deviation where more than half of them are the same), so a weight
depends on nothing after its row and, once given, never changes. With $c = 6$ no quarter before 1985
of the embedded series of the United States is touched.

Reference: Huber & Ronchetti (2009), Robust Statistics, 2nd ed., chapter 7 (weights from sizes);
Lenza & Primiceri (2022), J. Applied Econometrics 37, doi:10.1002/jae.2895 (the pandemic in VARs).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fg_core.authoring import binary_units

__all__ = ["row_sizes", "row_sizes_together", "row_weights"]

Array = NDArray[np.float64]

_SPAN = 80
"""Changes that tell what is usual: twenty years of quarters."""
_LEAST = 20
"""Changes before a row, below which nothing is called unusual."""
_BLOCK = 256
"""Rows that are looked at together: enough to be quick, few enough for the cache."""
_CONSISTENT = 1.4826
"""Median absolute deviation to standard deviation, for a Gaussian."""


def row_sizes(values: Array, known: Array | None = None) -> Array:
    """Return the size of the change into each row, in usual changes, shape (time,).

    0 where nothing can be said: in the first rows, and for columns that do not move.

    Args:
        values: Values of shape (time, column); NaN before a column begins.
        known: Sizes of the first rows, from a shorter record of the same; they stay what they are.

    Returns:
        Sizes of at least 0, without a unit.

    >>> steps = np.tile([1.0, -1.0, 2.0, -2.0], 10)
    >>> steps[30] = 150.0
    >>> row_sizes(np.cumsum(steps)[:, np.newaxis])[29:32].round(2).tolist()
    [0.45, 101.17, 0.9]
    """
    before = None if known is None else known[np.newaxis]
    found: Array = row_sizes_together(values[np.newaxis], before)[0]
    return found


def row_sizes_together(values: Array, known: Array | None = None) -> Array:
    """Return `row_sizes` of several records of one length, shape (record, time).

    Args:
        values: Values of shape (record, time, column); NaN before a column begins.
        known: Sizes of the first rows, from shorter records of the same, shape (record, row).

    Returns:
        Sizes of at least 0, without a unit.
    """
    n_records, n, n_columns = values.shape
    n_known = 0 if known is None else known.shape[1]
    sizes = np.zeros((n_records, n))
    sizes[:, :n_known] = 0.0 if known is None else known
    # Columns of all records beside each other: each is judged by itself.
    beside = np.moveaxis(values, 0, 1).reshape(n, n_records * n_columns)
    changes = np.full(beside.shape, np.nan)
    reduced = beside / binary_units(beside)
    np.subtract(reduced[1:], reduced[:-1], out=changes[1:])
    # A column's first change is that from its first row to its second.
    begins = np.argmax(np.isfinite(changes), axis=0)
    step = max(1, _BLOCK // n_records)
    for first in range(max(_LEAST + 1, n_known), n, step):
        rows = np.arange(first, min(first + step, n))
        judged = _column_sizes(changes, begins, rows).reshape(rows.size, n_records, n_columns)
        sizes[:, rows] = _row_sizes(judged).T
    return sizes


def _column_sizes(changes: Array, begins: NDArray[np.intp], rows: NDArray[np.intp]) -> Array:
    """Return the sizes of the changes of some rows, shape (row, column); -1: nothing can be said.

    Args:
        changes: Changes of the columns, shape (time, column).
        begins: First row with a change, by column.
        rows: Numbers of rows, one after the other.
    """
    now = changes[rows]
    since = np.maximum(begins, np.maximum(1, rows - _SPAN)[:, np.newaxis])
    places = rows[:, np.newaxis] - _SPAN + np.arange(_SPAN)
    # Shape (row, column, change); infinite where there is none, so that it is sorted to the end.
    before = np.moveaxis(changes[np.maximum(places, 0)], 1, 2)
    there = places[:, np.newaxis] >= since[:, :, np.newaxis]
    judged = np.isfinite(now) & (rows[:, np.newaxis] - begins >= _LEAST)
    judged &= (np.isfinite(before) | ~there).all(axis=2)
    before = np.where(there, before, np.inf)
    counts = np.where(judged, rows[:, np.newaxis] - since, 1)
    middle = np.where(judged, _medians(before, counts), 0.0)
    usual = _CONSISTENT * _medians(np.abs(before - middle[:, :, np.newaxis]), counts)
    for i, j in np.argwhere(judged & (usual == 0.0)).tolist():
        usual[i, j] = np.std(changes[since[i, j] : rows[i], j])
    judged &= usual > 0.0
    return np.asarray(np.where(judged, np.abs(now) / np.where(judged, usual, 1.0), -1.0))


def _row_sizes(sizes: Array) -> Array:
    """Return the sizes of rows from those of their columns, which are the last axis."""
    # Those that say nothing come before all others.
    found = np.sort(sizes, axis=-1)
    largest = found[..., -1]
    second = found[..., -2] if found.shape[-1] > 1 else largest
    return np.asarray(np.where(second < 0.0, np.maximum(largest, 0.0), second))


def _medians(numbers: Array, counts: NDArray[np.intp]) -> Array:
    """Return the medians along the last axis, shape (row, column).

    Args:
        numbers: Numbers of shape (row, column, number); infinite from `counts` on, once sorted.
        counts: Numbers of entries, at least 1, shape (row, column).
    """
    ordered = np.sort(numbers, axis=2)
    i, j = np.ogrid[: counts.shape[0], : counts.shape[1]]
    return np.asarray((ordered[i, j, (counts - 1) // 2] + ordered[i, j, counts // 2]) / 2.0)


def row_weights(sizes: Array, cutoff: float, order: int) -> Array:
    """Return the weight of each row as a target of a regression, shape (time,), in (0, 1].

    Args:
        sizes: Sizes that `row_sizes` returned.
        cutoff: $c$, above 0: up to that size a change counts in full.
        order: Number $P$ of lags beside a target.

    Returns:
        Weights without a unit.

    >>> row_weights(np.array([0.0, 1.0, 12.0, 1.0, 1.0]), 6.0, 1).tolist()
    [1.0, 1.0, 0.25, 0.25, 1.0]
    """
    own = np.ones(len(sizes))
    large = sizes > cutoff
    if not np.count_nonzero(large):
        return own  # as in most records
    own[large] = (cutoff / sizes[large]) ** 2
    found = own.copy()
    for lag in range(1, min(order, len(own) - 1) + 1):
        found[lag:] = np.minimum(found[lag:], own[:-lag])
    return found
