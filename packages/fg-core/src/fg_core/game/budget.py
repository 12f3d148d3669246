"""The budget that all adversaries of a game share: a cap a round, and a total."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["cut"]


def cut(wanted: Any, room: Any, left: Any, step_scale: float) -> tuple[Any, Any, Any]:
    """Return what an adversary may add, and what it uses up; numbers, or arrays of games.

    Args:
        wanted: What it would add, in the unit of the series.
        room: What is left of the round's cap, in step scales.
        left: What is left of the game's total, in step scales.
        step_scale: In the unit of the series.

    Returns:
        What it adds in the unit of the series, the room that is left, the units spent.

    >>> [float(x) for x in cut(-3.0, 1.0, 5.0, 2.0)]
    [-2.0, 0.0, 1.0]
    """
    limit = np.minimum(room, left) * step_scale
    # Adding 0 makes -0 a plain 0, so that nobody sees which bound was hit.
    delta = np.maximum(-limit, np.minimum(limit, wanted)) + 0.0
    units = np.abs(delta) / step_scale
    return delta, np.maximum(0.0, room - units), units
