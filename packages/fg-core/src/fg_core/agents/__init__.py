"""The fixed agents of the default game: adversaries, defender and refactorers."""

from __future__ import annotations

from .adversaries import (
    AdversaryAgent,
    ArrayAdversary,
    EvasiveHit,
    EventFlip,
    LargestHit,
    OneSidedHits,
    RandomHits,
    ScriptedAdversary,
    SlowPoison,
    TwoQuarterHit,
    push_down,
)
from .best_response import BestResponseDefender, best_response_gate
from .defender import DefenderAgent
from .episode_filter import EpisodeFilter
from .refactoring import RefactoringAgent
from .refining import RefiningAgent

__all__ = [
    "AdversaryAgent",
    "ArrayAdversary",
    "BestResponseDefender",
    "DefenderAgent",
    "EpisodeFilter",
    "EvasiveHit",
    "EventFlip",
    "LargestHit",
    "OneSidedHits",
    "RandomHits",
    "RefactoringAgent",
    "RefiningAgent",
    "ScriptedAdversary",
    "SlowPoison",
    "TwoQuarterHit",
    "best_response_gate",
    "push_down",
]
