"""The fixed adversaries: who tampers with the prints, by rules that never change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fg_core.lazy_names import lazy_names

__all__ = [
    "AdversaryAgent",
    "ArrayAdversary",
    "EvasiveHit",
    "EventFlip",
    "LargestHit",
    "OnColumns",
    "OneSidedHits",
    "RandomHits",
    "ScriptedAdversary",
    "SlowPoison",
    "TwoQuarterHit",
    "columns_down",
    "columns_up",
    "push_down",
    "random_columns",
]

if TYPE_CHECKING:
    from .against_trend import AdversaryAgent
    from .evasive_hit import EvasiveHit
    from .largest_hit import LargestHit
    from .on_columns import OnColumns, columns_down, columns_up, random_columns
    from .one_sided import EventFlip, OneSidedHits, push_down
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
            ".evasive_hit": ("EvasiveHit",),
            ".largest_hit": ("LargestHit",),
            ".on_columns": ("OnColumns", "columns_down", "columns_up", "random_columns"),
            ".one_sided": ("EventFlip", "OneSidedHits", "push_down"),
            ".random_hits": ("RandomHits",),
            ".scripted": ("ScriptedAdversary",),
            ".slow_poison": ("SlowPoison",),
            ".spending": ("ArrayAdversary",),
            ".two_quarter": ("TwoQuarterHit",),
        },
    )
