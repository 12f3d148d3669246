"""Robust location and scale, of a whole series and along it.

A scale is 1.4826 times the median absolute deviation from the median, which makes it a standard
deviation for a normal distribution, and which a few bad values do not move.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

__all__ = ["local_scale", "robust_scale", "running_median"]

Array = NDArray[np.float64]

MAD_TO_SD = 1.4826
MEAN_TO_SD = 1.2533
_ENOUGH_MOVES = 8
_HALF_WINDOW = 30
_ABOVE, _BELOW = 1.35, 1.6
_LEAST_SHARE = 0.5


def robust_scale(values: Array) -> float:
    """Return the robust standard deviation of values.

    Where more than half of the values are the same, the median distance is 0. The others are then
    taken by themselves if there are eight or more of them (1.4826 times their median distance),
    and else the mean distance of all times 1.2533.

    Args:
        values: Values, shape (row,), at least one.

    Returns:
        Scale in the unit of the values; 0 where all are the same.

    >>> robust_scale(np.array([1.0, 2.0, 3.0, 4.0, 500.0]))
    1.4826
    """
    distances = np.abs(values - np.median(values))
    scale = MAD_TO_SD * float(np.median(distances))
    if scale > 0.0:
        return scale
    moves = distances[distances > 0.0]
    if moves.size >= _ENOUGH_MOVES:
        return MAD_TO_SD * float(np.median(moves))
    return MEAN_TO_SD * float(distances.mean())


def running_median(values: Array, half: int) -> Array:
    """Return the median of each row and its neighbours.

    Args:
        values: Values, shape (row,).
        half: Number of neighbours on either side; at both ends, the window of the nearest row that
            has all of them counts.

    Returns:
        Medians of shape (row,).

    >>> running_median(np.array([1.0, 9.0, 2.0, 3.0, 4.0]), 1).tolist()
    [2.0, 2.0, 3.0, 3.0, 3.0]
    """
    width = 2 * half + 1
    if values.size <= width:
        return np.full(values.size, np.median(values))
    inner = np.median(sliding_window_view(values, width), axis=1)
    return np.concatenate([np.full(half, inner[0]), inner, np.full(half, inner[-1])])


def local_scale(values: Array) -> Array:
    """Return the robust standard deviation along a series, whose volatility may change.

    It is that of the 61 values around a row where that is more than 1.35 times the scale of the
    whole series, or less than 1 / 1.6 of it; else that of the whole, which is known better. (Of 61
    values a scale is known to a seventh, and one that is too small makes false alarms.) It is never
    below half of the scale of the whole.

    Args:
        values: Values, shape (row,).

    Returns:
        Scales of shape (row,), in the unit of the values.
    """
    whole = robust_scale(values)
    distances = np.abs(values - running_median(values, _HALF_WINDOW))
    here = MAD_TO_SD * running_median(distances, _HALF_WINDOW)
    same = (here < _ABOVE * whole) & (here * _BELOW > whole)
    return np.where(same, whole, np.maximum(here, _LEAST_SHARE * whole))
