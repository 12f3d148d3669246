"""The fixed agents of the default game: adversaries, defender and refactorers."""

from __future__ import annotations

from .adversaries import (
    AdversaryAgent,
    ArrayAdversary,
    EventFlip,
    LargestHit,
    OneSidedHits,
    RandomHits,
    ScriptedAdversary,
    SlowPoison,
    TwoQuarterHit,
    push_down,
)
from .defender import DefenderAgent
from .episode_filter import EpisodeFilter
from .refactoring import RefactoringAgent
from .refining import RefiningAgent

__all__ = [
    "AdversaryAgent",
    "ArrayAdversary",
    "DefenderAgent",
    "EpisodeFilter",
    "EventFlip",
    "LargestHit",
    "OneSidedHits",
    "RandomHits",
    "RefactoringAgent",
    "RefiningAgent",
    "ScriptedAdversary",
    "SlowPoison",
    "TwoQuarterHit",
    "push_down",
]
