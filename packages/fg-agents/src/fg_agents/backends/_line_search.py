"""The lowest point of a function on an interval, by grids that zoom in.

All points of a grid are evaluated at once, so that a filter which costs a Python loop over time is
run a handful of times and not once a trial value.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ._reduction import FloatArray

__all__ = ["lowest"]

_POINTS = 65
_ROUNDS = 6
"""Each round narrows the interval 32 times; after six, to a billionth of its width."""


def lowest(function: Callable[[FloatArray], FloatArray], low: float, high: float) -> float:
    """Return the point at which `function` is lowest in [low, high]; of equals, the first.

    The first grid decides which of several minima is followed.

    Args:
        function: Maps points, shape (points,), to values of the same shape.
        low: Left end; evaluated.
        high: Right end; evaluated.

    >>> round(lowest(lambda x: (x - 0.3) ** 2, 0.0, 1.0), 7)
    0.3
    """
    best = low
    for _ in range(_ROUNDS):
        points = np.linspace(low, high, _POINTS)
        i = int(np.argmin(function(points)))
        best = float(points[i])
        low, high = float(points[max(i - 1, 0)]), float(points[min(i + 1, _POINTS - 1)])
    return best
