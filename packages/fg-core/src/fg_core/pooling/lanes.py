"""The memories of many pools as one: lanes are games, or series that games share.

An array of a memory has the lane on its first axis. One without that axis, or of length 1 along
it, is the same in all lanes: a count of values stays one number per forecaster as long as every
lane has seen as many.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from .state import PoolSettings, PoolState

__all__ = ["lane_of", "stack_memories", "take_lanes"]

Array = NDArray[np.float64]


def stack_memories(settings: PoolSettings, memories: Sequence[PoolState]) -> PoolState | None:
    """Return memories of one lane each as one memory, a lane for each.

    Args:
        settings: Settings of their pools, which are the same, as are their forecasters.
        memories: Memories of one lane each, at least one.

    Returns:
        None where one of them has several lanes itself.
    """
    if any(_has_lanes(settings, memory) for memory in memories):
        return None
    alone = [lane_of(settings, memory, 0) for memory in memories]
    learned = zip(*(memory.learned for memory in alone), strict=True)
    return PoolState(
        tuple(np.stack(arrays) for arrays in learned),
        np.stack([memory.squares for memory in alone]),
        np.stack([memory.n_squares for memory in alone]),
        np.stack([memory.errors for memory in alone]),
        np.stack([memory.n_errors for memory in alone]),
        np.array([[memory.start_scale] for memory in alone]),
    )


def take_lanes(settings: PoolSettings, memory: PoolState, lanes: NDArray[np.intp]) -> PoolState:
    """Return a memory whose lane i is lane `lanes[i]` of this one.

    Args:
        settings: Settings of the pool.
        memory: Memory of any number of lanes; that of a single lane is returned as it is.
        lanes: Numbers of the lanes, shape (new lane,); a number may occur several times.

    Returns:
        Memory of `len(lanes)` lanes, or of the single one.
    """
    if not _has_lanes(settings, memory):
        return memory
    return _changed(settings, memory, lambda array: array[lanes] if len(array) > 1 else array)


def lane_of(settings: PoolSettings, memory: PoolState, lane: int) -> PoolState:
    """Return the memory of one lane, in the form that a pool by itself has.

    Args:
        settings: Settings of the pool.
        memory: Memory of any number of lanes.
        lane: Number of the lane; any number where there is only one.

    Returns:
        Memory of that lane, whose arrays have no axis of lanes.
    """
    return _changed(settings, memory, lambda array: array[lane if len(array) > 1 else 0])


def _axes(settings: PoolSettings, memory: PoolState) -> Iterator[tuple[Array, int]]:
    """Yield the arrays of a memory, each with the axes that it has without a lane."""
    fresh = settings.weighing.start(memory.squares.shape[-1], settings.before)
    yield from zip(memory.learned, (array.ndim for array in fresh), strict=True)
    for array in (memory.squares, memory.n_squares, memory.errors, memory.n_errors):
        yield array, 1
    # A number, or of shape (lane, 1).
    yield np.asarray(memory.start_scale), 1


def _has_lanes(settings: PoolSettings, memory: PoolState) -> bool:
    """Return whether a memory has more than one lane."""
    return any(array.ndim > axes and len(array) > 1 for array, axes in _axes(settings, memory))


def _changed(
    settings: PoolSettings, memory: PoolState, change: Callable[[Array], Array]
) -> PoolState:
    """Return a memory with `change` made to every array that has a lane axis."""
    arrays = [
        change(array) if array.ndim > axes else array for array, axes in _axes(settings, memory)
    ]
    *learned, squares, n_squares, errors, n_errors, start = arrays
    scale = start if start.ndim > 1 else start.item()
    return PoolState(tuple(learned), squares, n_squares, errors, n_errors, scale)
