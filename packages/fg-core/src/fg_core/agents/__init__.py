"""The fixed agents of the default game: adversaries, defender and refactorers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fg_core.lazy_names import lazy_names

__all__ = [
    "AdversaryAgent",
    "ArrayAdversary",
    "DefenderAgent",
    "EpisodeFilter",
    "LargestHit",
    "RandomHits",
    "RefactoringAgent",
    "RefiningAgent",
    "ScriptedAdversary",
    "SlowPoison",
    "TwoQuarterHit",
]

if TYPE_CHECKING:
    from .adversaries import (
        AdversaryAgent,
        ArrayAdversary,
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
else:
    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            ".adversaries": (
                "AdversaryAgent",
                "ArrayAdversary",
                "LargestHit",
                "RandomHits",
                "ScriptedAdversary",
                "SlowPoison",
                "TwoQuarterHit",
            ),
            ".defender": ("DefenderAgent",),
            ".episode_filter": ("EpisodeFilter",),
            ".refactoring": ("RefactoringAgent",),
            ".refining": ("RefiningAgent",),
        },
    )
