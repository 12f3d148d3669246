"""The fixed agents of the default game: adversaries, defender and refactorers."""

from __future__ import annotations

from .adversaries import (
    AdversaryAgent,
    ArrayAdversary,
    EvasiveHit,
    LargestHit,
    RandomHits,
    ScriptedAdversary,
    SlowPoison,
    TwoQuarterHit,
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
    "EvasiveHit",
    "LargestHit",
    "RandomHits",
    "RefactoringAgent",
    "RefiningAgent",
    "ScriptedAdversary",
    "SlowPoison",
    "TwoQuarterHit",
]
