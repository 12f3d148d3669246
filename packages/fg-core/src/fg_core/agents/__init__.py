"""The fixed agents of the default game: adversaries, defender and refactorer."""

from __future__ import annotations

from .adversaries import (
    AdversaryAgent,
    ArrayAdversary,
    LargestHit,
    RandomHits,
    SlowPoison,
    TwoQuarterHit,
)
from .defender import DefenderAgent
from .refactoring import RefactoringAgent

__all__ = [
    "AdversaryAgent",
    "ArrayAdversary",
    "DefenderAgent",
    "LargestHit",
    "RandomHits",
    "RefactoringAgent",
    "SlowPoison",
    "TwoQuarterHit",
]
