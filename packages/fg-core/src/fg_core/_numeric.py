"""Checks and sums under every score, written so that a row and a batch give the same bits.

Two habits of numpy would break that promise, and both are dealt with here once:

* `np.sum` adds pairwise, in an order that depends on shape and memory layout. `ordered_sum`
  always adds from left to right.
* `np.exp` and `np.log` take another code path, with other last bits, over memory that runs
  backwards (`x[::-1]`). `as_floats` returns C-ordered arrays, and everything else is computed
  from those.
"""

from __future__ import annotations

from functools import reduce
from operator import add

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .errors import DataError

__all__ = [
    "FloatArray",
    "as_floats",
    "common_shape",
    "expand_last",
    "finite",
    "finite_or_nan",
    "first_index",
    "is_one_row",
    "not_negative",
    "ordered_dot",
    "ordered_rows",
    "ordered_sum",
    "positive",
    "probability",
    "take_columns",
    "weighted_components",
]

FloatArray = NDArray[np.float64]

_FEW_TERMS = 16

_ROWS_WORTH_A_LOOP = 128
"""From here on, one vectorised addition a component beats one pass along each row."""


def ordered_sum(terms: FloatArray) -> FloatArray:
    """Sum over the last axis, strictly from left to right.

    The result for a row does not depend on how many rows there are, on the memory layout, or on
    which of the branches below was taken: all do the same additions in the same order.

    Args:
        terms: Shape (..., n); n may be 0.

    Returns:
        Shape (...).

    >>> float(ordered_sum(np.array([1e16, 1.0, -1e16])))
    0.0
    """
    n = terms.shape[-1]
    if n == 0:
        return np.zeros(terms.shape[:-1])
    if terms.ndim == 1 and n <= _FEW_TERMS:
        # The few numbers of one forecast: Python adds them before numpy has begun.
        return np.array(reduce(add, terms.tolist()))
    if terms.ndim == 2 and terms.size == n <= _FEW_TERMS:
        return np.array([reduce(add, terms[0].tolist())])
    if terms.size < _ROWS_WORTH_A_LOOP * n:
        last: FloatArray = np.add.accumulate(terms, axis=-1)[..., -1]
        return last
    total = terms[..., 0].copy(order="K")  # in another layout, every addition would be slower
    for k in range(1, n):
        total += terms[..., k]
    return total


def weighted_components(
    w: FloatArray, m: FloatArray, s: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the components of mixtures that have weight in some row.

    Forecasters that have no forecast, and branches that nobody believes in, leave columns without
    weight. They change no bit of what is summed over components, and pairs of them cost time.

    Args:
        w: Weights, shape (..., component).
        m: Means, same shape.
        s: Standard deviations, same shape.

    Returns:
        Weights, means and standard deviations, all of them where every component has weight.

    >>> w, m, s = np.array([[0.5, 0.0, 0.5]]), np.array([[1.0, 2.0, 3.0]]), np.ones((1, 3))
    >>> [one.tolist() for one in weighted_components(w, m, s)]
    [[[0.5, 0.5]], [[1.0, 3.0]], [[1.0, 1.0]]]
    """
    n = w.shape[-1]
    used = np.flatnonzero(np.logical_or.reduce((w != 0.0).reshape(-1, n), axis=0))
    if used.size in (0, n):
        return w, m, s
    return take_columns(w, used), take_columns(m, used), take_columns(s, used)


def take_columns(array: FloatArray, which: NDArray[np.intp]) -> FloatArray:
    """Return some columns of the last axis, in the memory layout of the array.

    Args:
        array: Shape (..., n).
        which: Numbers of columns, shape (m,).

    Returns:
        Shape (..., m).

    >>> take_columns(np.array([[1.0, 2.0, 3.0]]), np.array([2, 0])).tolist()
    [[3.0, 1.0]]
    """
    # Along the first axis of the transpose: a batch that is laid out component by component
    # (the fast layout) stays so.
    return np.asarray(array.T.take(which, axis=0).T)


def is_one_row(*arrays: FloatArray) -> bool:
    """Return whether arrays of one shape hold a single row of few numbers.

    Python works through these before numpy has begun, with the same bits.

    Args:
        arrays: At least one array, the axis of its terms last.

    >>> is_one_row(np.zeros((1, 3))), is_one_row(np.zeros((2, 3)))
    (True, False)
    """
    first = arrays[0]
    shape, size = first.shape, first.size
    if not 0 < size <= _FEW_TERMS or shape[-1:] != (size,) or len(shape) > 2:
        return False
    for one in arrays:  # noqa: SIM110 - a generator costs more than all that is looked at
        if one.shape != shape:
            return False
    return True


def ordered_dot(left: FloatArray, right: FloatArray) -> FloatArray:
    """Sum products over the last axis, strictly from left to right.

    As `ordered_sum(left * right)`, to the last bit, without memory for all products of many rows.

    Args:
        left: Shape (..., n).
        right: Shape (..., n); leading axes broadcast.

    Returns:
        Shape (...).

    >>> float(ordered_dot(np.array([1e8, 1.0, -1e8]), np.array([1e8, 1.0, 1e8])))
    0.0
    """
    n = left.shape[-1]
    if n == 0 or max(left.size, right.size) < _ROWS_WORTH_A_LOOP * n:
        return ordered_sum(left * right)
    total = left[..., 0] * right[..., 0]
    for k in range(1, n):
        total += left[..., k] * right[..., k]
    return total


def ordered_rows(terms: FloatArray) -> FloatArray:
    """Sum over the axis before the last, strictly from first to last.

    As `ordered_sum` of the swapped axes, to the last bit; whole rows are added at once where they
    lie in one piece.

    Args:
        terms: Shape (..., n, m).

    Returns:
        Shape (..., m).

    >>> ordered_rows(np.array([[1e16, 1.0], [1.0, 2.0], [-1e16, 3.0]])).tolist()
    [0.0, 6.0]
    """
    if terms.shape[-1] > 1 and terms.flags.c_contiguous:
        # numpy adds pairwise along the axis that is fastest in memory alone, which is another one.
        total: FloatArray = np.add.reduce(terms, axis=-2)
        return total
    return ordered_sum(terms.swapaxes(-1, -2))


def expand_last(number: FloatArray, terms: FloatArray) -> FloatArray:
    """Return one number per row in the shape that goes with the row's terms.

    (A single row needs no axis; without one, numpy takes its fastest way.)

    Args:
        number: Shape (...).
        terms: Shape (..., n).

    >>> expand_last(np.zeros(3), np.zeros((3, 2))).shape
    (3, 1)
    """
    return number if terms.ndim == 1 else number[..., np.newaxis]


def as_floats(name: str, values: ArrayLike) -> FloatArray:
    """Return `values` as a C-ordered float64 array.

    Raises:
        DataError: They are not numbers, or ragged.

    >>> as_floats("value", [1, 2])
    array([1., 2.])
    """
    try:
        array = np.asarray(values, dtype=np.float64, order="C")
    except (TypeError, ValueError) as error:
        raise DataError(f"{name} must be an array of numbers: {error}") from error
    if array.size == 1 and array.ndim:
        # One element counts as C-ordered even if its stride is negative; numpy looks at that.
        array = array.copy()
    return array


def first_index(wrong: NDArray[np.bool_]) -> str:
    """Say where the first True is, as the end of a sentence; empty for a scalar.

    >>> first_index(np.array([[False, False], [False, True]]))
    ' at index (1, 1)'
    """
    if wrong.ndim == 0:
        return ""
    index = tuple(int(i) for i in np.unravel_index(int(np.argmax(wrong)), wrong.shape))
    return f" at index {index[0] if len(index) == 1 else index}"


def _require(name: str, array: FloatArray, right: NDArray[np.bool_], rule: str) -> None:
    # Counting is several times faster than `np.all` on the few numbers of a round.
    if np.count_nonzero(right) != array.size:
        wrong = ~np.asarray(right)
        got = float(array.flat[int(np.argmax(wrong))])
        raise DataError(f"{name} must be {rule}, got {got}{first_index(wrong)}")


def finite(name: str, values: ArrayLike) -> FloatArray:
    """Return `values` as floats, none of which is NaN or infinite.

    >>> finite("mean", [0.0, float("nan")])
    Traceback (most recent call last):
    ...
    fg_core.errors.DataError: mean must be finite, got nan at index 1
    """
    array = as_floats(name, values)
    _require(name, array, np.isfinite(array), "finite")
    return array


def finite_or_nan(name: str, values: ArrayLike) -> FloatArray:
    """Return `values` as floats; NaN stands for "not known", infinity is an error.

    >>> finite_or_nan("value", [0.0, float("nan")])
    array([ 0., nan])
    """
    array = as_floats(name, values)
    _require(name, array, ~np.isinf(array), "finite, or NaN where it is unknown")
    return array


def positive(name: str, values: ArrayLike) -> FloatArray:
    """Return `values` as floats that are finite and above 0.

    >>> positive("std", 0.0)
    Traceback (most recent call last):
    ...
    fg_core.errors.DataError: std must be finite and above 0, got 0.0
    """
    array = as_floats(name, values)
    _require(name, array, (array > 0.0) & (array < np.inf), "finite and above 0")
    return array


def not_negative(name: str, values: ArrayLike) -> FloatArray:
    """Return `values` as floats that are finite and at least 0.

    >>> not_negative("variance", -1.0)
    Traceback (most recent call last):
    ...
    fg_core.errors.DataError: variance must be finite and at least 0, got -1.0
    """
    array = as_floats(name, values)
    _require(name, array, (array >= 0.0) & (array < np.inf), "finite and at least 0")
    return array


def probability(name: str, values: ArrayLike) -> FloatArray:
    """Return `values` as floats strictly between 0 and 1.

    >>> probability("level", 1.0)
    Traceback (most recent call last):
    ...
    fg_core.errors.DataError: level must be between 0 and 1, both excluded, got 1.0
    """
    array = as_floats(name, values)
    _require(name, array, (array > 0.0) & (array < 1.0), "between 0 and 1, both excluded")
    return array


def common_shape(**arrays: FloatArray) -> tuple[int, ...]:
    """Return the shape that the named arrays broadcast to.

    Raises:
        DataError: They do not broadcast; the message lists the shapes.

    >>> common_shape(mean=np.zeros(3), value=np.zeros(()))
    (3,)
    """
    try:
        return np.broadcast_shapes(*(array.shape for array in arrays.values()))
    except ValueError:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
        raise DataError(f"shapes do not fit together: {shapes}") from None
