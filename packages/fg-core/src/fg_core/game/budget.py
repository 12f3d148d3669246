"""The budget that all adversaries of a game share: a cap per round, and a total."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["cut"]


def cut(wanted: Any, room: Any, left: Any, step_scale: Any) -> Any:
    """Return what an adversary may add, in the unit of the series; numbers, or arrays of games.

    Args:
        wanted: What it would add, in the unit of the series.
        room: What is left of the cap of the round, in step scales.
        left: What is left of the total of the game, in step scales.
        step_scale: In the unit of the series.

    >>> float(cut(-3.0, 1.0, 5.0, 2.0))
    -2.0
    """
    limit = np.minimum(room, left) * step_scale
    # Adding 0 makes -0 a plain 0, so that nobody sees which bound was hit.
    return np.maximum(-limit, np.minimum(limit, wanted)) + 0.0
