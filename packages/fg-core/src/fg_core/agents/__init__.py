"""The fixed agents of the default game: adversaries, defender and refactorers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fg_core.lazy_names import lazy_names

__all__ = [
    "AdversaryAgent",
    "ArrayAdversary",
    "BestResponseDefender",
    "DefenderAgent",
    "EpisodeFilter",
    "EvasiveHit",
    "EventFlip",
    "LargestHit",
    "OnColumns",
    "OneSidedHits",
    "RandomHits",
    "RefactoringAgent",
    "RefiningAgent",
    "ScriptedAdversary",
    "SlowPoison",
    "TwoQuarterHit",
    "best_response_gate",
    "columns_down",
    "columns_up",
    "push_down",
    "random_columns",
]

if TYPE_CHECKING:
    from .adversaries import (
        AdversaryAgent,
        ArrayAdversary,
        EvasiveHit,
        EventFlip,
        LargestHit,
        OnColumns,
        OneSidedHits,
        RandomHits,
        ScriptedAdversary,
        SlowPoison,
        TwoQuarterHit,
        columns_down,
        columns_up,
        push_down,
        random_columns,
    )
    from .best_response import BestResponseDefender, best_response_gate
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
            ),
            ".best_response": ("BestResponseDefender", "best_response_gate"),
            ".defender": ("DefenderAgent",),
            ".episode_filter": ("EpisodeFilter",),
            ".refactoring": ("RefactoringAgent",),
            ".refining": ("RefiningAgent",),
        },
    )
