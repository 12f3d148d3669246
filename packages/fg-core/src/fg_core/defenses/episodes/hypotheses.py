r"""The hypotheses: an episode of one of four shapes began so many prints ago.

An episode that began $a$ prints ago displaces its $j$-th print by $c\, g_j$. Shapes are the level
$(1, 1, \dots)$, the ramp $(1, 2, \dots)$, the spike $(1, 0)$, which is a single false print that is
revised late, and the swing $(1, -1)$. At age 1 all shapes look alike, and the level stands for
them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "AGE",
    "LEVEL",
    "LONGEST",
    "NEWEST_FIRST",
    "N_HYPOTHESES",
    "N_SHAPES",
    "PATTERN",
    "RAMP",
    "SHAPE",
    "SPIKE",
    "SWING",
    "shapes_over",
]

LEVEL, RAMP, SPIKE, SWING = 0, 1, 2, 3
N_SHAPES = 4
LONGEST = 8
"""The most prints of an episode."""

_LISTED = (
    *[(LEVEL, age) for age in range(1, 5)],
    (SPIKE, 2),
    (SWING, 2),
    *[(RAMP, age) for age in range(2, LONGEST + 1)],
)
N_HYPOTHESES = len(_LISTED)


def shapes_over(n: int) -> NDArray[np.float64]:
    """Return the first `n` numbers of each shape, shape (shape, print), oldest first.

    >>> shapes_over(2).tolist()
    [[1.0, 1.0], [1.0, 2.0], [1.0, 0.0], [1.0, -1.0]]
    """
    place = np.arange(n)
    rows = (np.ones(n), place + 1.0, place == 0, (-1.0) ** place)
    return np.array(rows, dtype=np.float64)


def _constant(array: NDArray[np.float64]) -> NDArray[np.float64]:
    array.flags.writeable = False
    return array


SHAPE = np.array([shape for shape, _ in _LISTED])
AGE = np.array([age for _, age in _LISTED])
SHAPE.flags.writeable = AGE.flags.writeable = False

_within = np.arange(LONGEST) < AGE[:, np.newaxis]
PATTERN = _constant(np.where(_within, shapes_over(LONGEST)[SHAPE], 0.0))
"""Pattern of each hypothesis, shape (hypothesis, print), from the first print of the episode on."""

_back = np.maximum(AGE[:, np.newaxis] - 1 - np.arange(LONGEST), 0)
NEWEST_FIRST = _constant(np.where(_within, np.take_along_axis(PATTERN, _back, axis=1), 0.0))
"""The same, from the newest print back."""
