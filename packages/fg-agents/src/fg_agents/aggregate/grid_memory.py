"""What a pool of pools remembers for one horizon, and what follows from it.

Axes of the arrays: member set s, discount of the scales d, temperature t, recalibration r,
forgetting factor q, forecaster k.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from fg_core import DataError
from fg_core.pooling import array_from_plain, array_to_plain, field_of

__all__ = ["Beliefs", "GridMemory"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Beliefs:
    """What a pool of pools makes of its memory: all that a forecast needs.

    Args:
        ratio: Weight over prior weight, (s, d, t, k).
        factor: By which claims are multiplied, (d, k).
        seen: Root mean squared errors, (k,), for forecasters who claim no scale.
        spread: Recalibration of each pool, (s, d, t).
        losses: Discounted sums of CRPS in units of its mean, (s, d, t, r).
    """

    ratio: Array
    factor: Array
    seen: Array
    spread: Array
    losses: Array


@dataclass(frozen=True, eq=False)
class GridMemory:
    """What was learned for one horizon.

    Args:
        evidence: Log of weight over prior weight, (s, d, t, q, k).
        scores: Discounted log predictive scores, (s, d, t, q).
        squares: Discounted sums of capped squared standardised errors, (d, k).
        n_squares: Their discounted counts.
        errors: Discounted sums of squared errors, (k,).
        n_errors: Their discounted counts.
        spread: Discounted sums of the pools' capped squared standardised errors, (s, d, t).
        n_spread: Their discounted counts.
        losses: Discounted sums of the pools' CRPS, (s, d, t, r).
        typical: Discounted sum of its mean over pools, ().
        n_losses: Discounted count behind both, ().
        start_square: Mean square of changes over the horizon in the training window, ().
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


T = TypeVar("T", Beliefs, GridMemory)


def to_plain(arrays: Beliefs | GridMemory) -> dict[str, Any]:
    """Return the arrays as plain values that JSON can hold."""
    return {name: array_to_plain(getattr(arrays, name)) for name in arrays.__dataclass_fields__}


def from_plain(plain: object, like: T) -> T:
    """Return the arrays that `to_plain` wrote.

    Args:
        plain: What was read.
        like: Arrays of the same pool, with the shapes that are wanted.

    Raises:
        DataError: They are none, or those of another grid or of other forecasters.
    """
    found = {}
    for name in like.__dataclass_fields__:
        array = array_from_plain(name, field_of(plain, name))
        wanted = getattr(like, name).shape
        if array.shape != wanted:
            raise DataError(
                f"{name}: what was saved has shape {array.shape}, and this pool wants {wanted}: it "
                "is that of another grid, or of other forecasters"
            )
        found[name] = array
    return type(like)(**found)
