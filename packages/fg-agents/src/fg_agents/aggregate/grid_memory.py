"""Memory of a pool of pools for one horizon, and what follows from it.

Axes of the arrays: member set s, discount of the scales d, temperature t, recalibration r,
forgetting factor q, forecaster k. A lane axis may stand before them: one memory per lane. Arrays
without one are the same in all lanes, so that lanes that share what they have learned share the
arrays, and what the lanes of one memory have in common is kept once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from fg_core import DataError
from fg_core.frozen import FrozenMapping
from fg_core.pooling import array_from_plain, array_to_plain, field_of

from .lanes import Lanes, joined, n_lanes, rows, stacked

__all__ = [
    "GridMemory",
    "HorizonPosterior",
    "from_plain",
    "join_lanes",
    "lanes_of",
    "stack_lanes",
    "take_lanes",
    "to_plain",
]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class HorizonPosterior:
    """Posterior of a pool of pools given its memory: all that a forecast needs.

    Args:
        ratio: Weight over prior weight, (..., s, d, t, k).
        factor: Factor of the stated scales, (..., d, k).
        seen: Root mean squared errors, (..., k), for forecasters that state no scale.
        spread: Recalibration of each pool, (..., s, d, t).
        losses: Discounted sums of CRPS in units of its mean, (..., s, d, t, r).
    """

    ratio: Array
    factor: Array
    seen: Array
    spread: Array
    losses: Array


@dataclass(frozen=True, eq=False)
class GridMemory:
    """Memory of one horizon.

    Args:
        evidence: Log of weight over prior weight, (..., s, d, t, q, k).
        scores: Discounted log predictive scores, (..., s, d, t, q).
        squares: Discounted sums of capped squared standardised errors, (..., d, k).
        n_squares: Discounted counts of the squares.
        errors: Discounted sums of squared errors, (..., k).
        n_errors: Discounted counts of the errors.
        spread: Discounted sums of the pools' capped squared standardised errors, (..., s, d, t).
        n_spread: Discounted counts of the spread's terms.
        losses: Discounted sums of the pools' CRPS, (..., s, d, t, r).
        typical: Discounted sum of its mean over pools, (...).
        n_losses: Discounted count behind both, (...).
        start_square: Mean square of changes over the horizon in the training window, (...).
    """

    evidence: Array
    scores: Array
    squares: Array
    n_squares: Array
    errors: Array
    n_errors: Array
    spread: Array
    n_spread: Array
    losses: Array
    typical: Array
    n_losses: Array
    start_square: Array


T = TypeVar("T", HorizonPosterior, GridMemory)
_AXES: Mapping[str, int] = FrozenMapping(
    {
        "ratio": 4,
        "factor": 2,
        "seen": 1,
        "evidence": 5,
        "scores": 4,
        "squares": 2,
        "n_squares": 2,
        "errors": 1,
        "n_errors": 1,
        "spread": 3,
        "n_spread": 3,
        "losses": 4,
        "typical": 0,
        "n_losses": 0,
        "start_square": 0,
    }
)
"""Axes of each array in one lane."""
_OF_POSTERIOR = tuple([(name, _AXES[name]) for name in HorizonPosterior.__dataclass_fields__])
_OF_MEMORY = tuple([(name, _AXES[name]) for name in GridMemory.__dataclass_fields__])


def lanes_of(arrays: HorizonPosterior | GridMemory) -> int:
    """Return the number of lanes that the arrays tell apart; 1: they are the same in all lanes.

    Args:
        arrays: Memory or posterior of one horizon.

    Returns:
        Number of lanes, at least 1.
    """
    axes = _OF_MEMORY if isinstance(arrays, GridMemory) else _OF_POSTERIOR
    return max([n_lanes(arrays.__dict__[name], n) for name, n in axes])


def take_lanes(arrays: T, lanes: Lanes) -> T:
    """Return the arrays of some lanes; those that are the same in all lanes as they are.

    Args:
        arrays: Memory or posterior of one horizon.
        lanes: Lanes that are chosen.

    Returns:
        Arrays whose lanes are those chosen, in that order.
    """
    found = {name: rows(getattr(arrays, name), _AXES[name], lanes) for name in _names(arrays)}
    return type(arrays)(**found)


def stack_lanes(each: Sequence[T]) -> T:
    """Return the arrays of several pools, of one grid and the same forecasters, as lanes.

    Args:
        each: Memories or posteriors of one lane each.

    Returns:
        Arrays with one lane per entry, in the order of `each`; an array that is equal in all of
        them has no lane axis.
    """
    found = {
        name: stacked([getattr(one, name) for one in each], _AXES[name]) for name in _names(each[0])
    }
    return type(each[0])(**found)


def join_lanes(each: Sequence[T], where: Sequence[slice]) -> T:
    """Return the results of blocks of lanes as one.

    Args:
        each: Results of the blocks.
        where: Lanes of each block.

    Returns:
        Arrays of all lanes, in their order.
    """
    found = {
        name: joined([getattr(one, name) for one in each], _AXES[name], where)
        for name in _names(each[0])
    }
    return type(each[0])(**found)


def _names(arrays: HorizonPosterior | GridMemory) -> Iterable[str]:
    return arrays.__dataclass_fields__


def to_plain(arrays: HorizonPosterior | GridMemory) -> dict[str, Any]:
    """Return the arrays as plain values that JSON can hold.

    Args:
        arrays: Memory or posterior of one horizon.

    Returns:
        Plain values by name of the array.
    """
    return {name: array_to_plain(getattr(arrays, name)) for name in _names(arrays)}


def from_plain(plain: object, like: T) -> T:
    """Return the arrays that `to_plain` wrote.

    Args:
        plain: What was read.
        like: Arrays of the same pool, with the shapes that are wanted of one lane.

    Returns:
        Arrays of one lane, to the last bit those that were written.

    Raises:
        DataError: They are none, or those of another grid or of other forecasters.
    """
    found = {}
    for name in _names(like):
        array = array_from_plain(name, field_of(plain, name))
        n_axes, wanted = _AXES[name], getattr(like, name).shape
        if array.shape[array.ndim - n_axes :] != wanted or array.ndim > n_axes + 1:
            raise DataError(
                f"{name}: what was saved has shape {array.shape}, and this pool wants {wanted}: it "
                "is that of another grid, or of other forecasters"
            )
        found[name] = array
    sizes = {n_lanes(array, _AXES[name]) for name, array in found.items()} - {1}
    if len(sizes) > 1:
        raise DataError(f"what was saved has {' and '.join(map(str, sorted(sizes)))} lanes")
    return type(like)(**found)
