"""The fixed adversaries: who tampers with the prints, by rules that never change."""

from __future__ import annotations

from .against_trend import AdversaryAgent
from .evasive_hit import EvasiveHit
from .largest_hit import LargestHit
from .one_sided import EventFlip, OneSidedHits, push_down
from .random_hits import RandomHits
from .scripted import ScriptedAdversary
from .slow_poison import SlowPoison
from .spending import ArrayAdversary
from .two_quarter import TwoQuarterHit

__all__ = [
    "AdversaryAgent",
    "ArrayAdversary",
    "EvasiveHit",
    "EventFlip",
    "LargestHit",
    "OneSidedHits",
    "RandomHits",
    "ScriptedAdversary",
    "SlowPoison",
    "TwoQuarterHit",
    "push_down",
]
