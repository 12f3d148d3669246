"""What a defense makes of prints, over arrays of games."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["Suspicion"]


@dataclass(frozen=True)
class Suspicion:
    """What a defense makes of a print, elementwise over games.

    Args:
        delta: How far it would move the print, in the unit of the series.
        p_bad: How probable it is that the print is bad, in [0, 1].
        scale: Standard deviation of the value that it would put in the print's place.
    """

    delta: Any
    p_bad: Any
    scale: Any
