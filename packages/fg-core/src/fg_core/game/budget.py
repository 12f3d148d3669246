"""The budget that all adversaries of a game share: a cap per round, and a total."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["cut"]


def cut(wanted: Any, room: Any, left: Any, step_scale: Any) -> Any:
    """Return what an adversary may add to a value.

    Args:
        wanted: Change that it would make, a number or shape (game,), in the unit of the series.
        room: Rest of the cap of the round, likewise, in step scales.
        left: Rest of the total of the game, likewise, in step scales.
        step_scale: One-step scale, likewise, in the unit of the series.

    Returns:
        Change within both limits, a number or shape (game,), in the unit of the series.

    >>> float(cut(-3.0, 1.0, 5.0, 2.0))
    -2.0
    """
    limit = np.minimum(room, left) * step_scale
    # Adding 0 makes -0 a plain 0, so that it does not show which bound was hit.
    return np.maximum(-limit, np.minimum(limit, wanted)) + 0.0
