"""The fixed adversaries: who tampers with the prints, by rules that never change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fg_core.lazy_names import lazy_names

__all__ = [
    "AdversaryAgent",
    "ArrayAdversary",
    "LargestHit",
    "RandomHits",
    "ScriptedAdversary",
    "SlowPoison",
    "TwoQuarterHit",
]

if TYPE_CHECKING:
    from .against_trend import AdversaryAgent
    from .largest_hit import LargestHit
    from .random_hits import RandomHits
    from .scripted import ScriptedAdversary
    from .slow_poison import SlowPoison
    from .spending import ArrayAdversary
    from .two_quarter import TwoQuarterHit
else:
    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            ".against_trend": ("AdversaryAgent",),
            ".largest_hit": ("LargestHit",),
            ".random_hits": ("RandomHits",),
            ".scripted": ("ScriptedAdversary",),
            ".slow_poison": ("SlowPoison",),
            ".spending": ("ArrayAdversary",),
            ".two_quarter": ("TwoQuarterHit",),
        },
    )
