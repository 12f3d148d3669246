"""Lanes of arrays: some of them, several memories as the lanes of one, and block by block.

An array has a lane axis before its own axes, or none where it is the same in all lanes. Large
numbers of lanes are worked through in blocks whose arrays stay in the processor's cache: several
times faster than whole arrays of millions of numbers, and the same bits, since what happens in a
lane does not depend on the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Lanes",
    "along_last",
    "blocks",
    "difference",
    "joined",
    "n_lanes",
    "own_rows",
    "rows",
    "stacked",
]

Array = NDArray[np.float64]
Lanes: TypeAlias = "NDArray[np.intp] | slice"
_NUMBERS = 262_144
"""Numbers in the largest array of a block: 2 MiB."""


def n_lanes(array: NDArray[np.generic], n_axes: int) -> int:
    """Return the number of lanes that an array tells apart; 1: it is the same in all lanes.

    Args:
        array: Array with a lane axis before its own axes, or without one.
        n_axes: Number of axes of its own, without that of lanes.

    Returns:
        Number of lanes, at least 1.
    """
    return int(array.shape[0]) if array.ndim > n_axes else 1


def rows(array: Array, n_axes: int, lanes: Lanes) -> Array:
    """Return some lanes of an array; one that is the same in all lanes as it is.

    Args:
        array: Array with a lane axis before its own axes, or without one.
        n_axes: Number of axes of its own, without that of lanes.
        lanes: Lanes that are chosen.

    Returns:
        Array whose lanes are those chosen, in that order.
    """
    return array[lanes] if n_lanes(array, n_axes) > 1 else array


def stacked(arrays: Sequence[Array], n_axes: int) -> Array:
    """Return arrays of one lane each as the lanes of one; the first where all are equal.

    What is equal in all lanes is kept once: nothing has to be computed lane by lane from it.

    Args:
        arrays: Arrays with a lane axis of length 1 before their own axes, or without one.
        n_axes: Number of axes of their own, without that of lanes.

    Returns:
        Array of shape (lane, ...), or without a lane axis.
    """
    single = [array[0] if array.ndim > n_axes else array for array in arrays]
    same = all(array is single[0] or np.array_equal(array, single[0]) for array in single[1:])
    return single[0] if same else np.stack(single)


def difference(values: Array, others: Array, n_axes: int) -> Array:
    """Return `values - others` with the lanes side by side in memory.

    Args:
        values: Array with a lane axis before axes of length 1 that stand for those of `others`, or
            without a lane axis.
        others: Array that is subtracted; shapes broadcast.
        n_axes: Number of axes that they have in one lane.

    Returns:
        Array of the shape that the two broadcast to, in their unit.
    """
    if values.ndim == n_axes or values.shape[0] == 1:
        return values - others
    shape = (values.shape[0], *others.shape[others.ndim - n_axes :])
    return np.subtract(values, others, out=_side_by_side(shape))


def along_last(arrays: Sequence[Array], n_axes: int) -> Array:
    """Return arrays of one shape as one array, the entries of whose last axis they are.

    Args:
        arrays: Arrays with a lane axis first, which stays side by side in memory, or without one.
        n_axes: Number of axes that they have in one lane.

    Returns:
        Array of shape (..., entry), with one entry per array.
    """
    shape = (*arrays[0].shape, len(arrays))
    found = _side_by_side(shape) if n_lanes(arrays[0], n_axes) > 1 else np.empty(shape)
    for i, array in enumerate(arrays):
        found[..., i] = array
    return found


def _side_by_side(shape: tuple[int, ...]) -> Array:
    """Return an array whose first axis is the fastest in memory."""
    return np.empty((*shape[1:], shape[0])).transpose(-1, *range(len(shape) - 1))


def own_rows(array: Array, lanes: int) -> Array:
    """Return a copy with that many lanes, side by side in memory as `fg_core.batch` has them.

    What is given away shares no memory with what is remembered.

    Args:
        array: One number per forecaster, with a lane axis or without one.
        lanes: Number of lanes.

    Returns:
        Array of shape (lane, forecaster).
    """
    if array.ndim == 1 and lanes == 1:
        return array.reshape(1, -1).copy()
    if array.ndim == 2 and array.shape[0] == lanes:
        return array.copy(order="F")
    return np.array(np.broadcast_to(array, (lanes, array.shape[-1])), order="F")


def blocks(lanes: int, numbers: int) -> list[slice]:
    """Return blocks of neighbouring lanes, in order.

    Args:
        lanes: Number of lanes.
        numbers: Number of entries of the largest array per lane.

    Returns:
        Slices that together cover all lanes.

    >>> blocks(5, 131_072)
    [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]
    """
    size = max(1, _NUMBERS // numbers)
    return [slice(start, min(start + size, lanes)) for start in range(0, lanes, size)]


def joined(parts: Sequence[Array], n_axes: int, where: Sequence[slice]) -> Array:
    """Return the results of blocks as one array; without a lane axis where none of them has one.

    Args:
        parts: Results of the blocks, one per block; the same for all of its lanes where it has no
            lane axis.
        n_axes: Number of axes of their own, without that of lanes.
        where: The blocks.

    Returns:
        Array of shape (lane, ...), or without a lane axis.
    """
    if all(part.ndim == n_axes for part in parts):
        return parts[0]
    own = next(part.shape[1:] for part in parts if part.ndim > n_axes)
    found = _side_by_side((where[-1].stop, *own))
    for part, lanes in zip(parts, where, strict=True):
        found[lanes] = part
    return found
