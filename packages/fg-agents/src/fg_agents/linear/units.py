"""Units that are powers of two: dividing by them changes no digit, and saves sums from overflow."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["binary_units"]

Array = NDArray[np.float64]

_LARGEST = 1023


def binary_units(values: Array) -> Array:
    """Return, by column, the smallest power of two above every number; 1 for zeros or none.

    Args:
        values: Shape (time, ...); NaN counts for nothing.

    >>> binary_units(np.array([[0.75, 0.0], [-5.0, np.nan]])).tolist()
    [8.0, 1.0]
    """
    sizes = np.abs(values)
    largest = np.maximum.reduce(sizes, axis=0, initial=0.0, where=~np.isnan(sizes))
    _, exponents = np.frexp(np.where(largest > 0.0, largest, 0.5))
    return np.asarray(np.ldexp(1.0, np.minimum(exponents, _LARGEST)), dtype=np.float64)
