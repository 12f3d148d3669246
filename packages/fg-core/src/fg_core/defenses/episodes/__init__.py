"""Episodes of false prints: which of the newest prints are false, and what reveals teach of it."""

from __future__ import annotations

from .autoregression import Autoregression, Moments
from .corroboration import ColumnChanges, CommonShock
from .counts import EpisodeCounts, EpisodePrior
from .hypotheses import AGE, LONGEST, NEWEST_FIRST
from .memory import EpisodeMemory
from .posterior import EpisodePosterior, TailedNormal, false_if_unrevised, posterior_of

__all__ = [
    "AGE",
    "LONGEST",
    "NEWEST_FIRST",
    "Autoregression",
    "ColumnChanges",
    "CommonShock",
    "EpisodeCounts",
    "EpisodeMemory",
    "EpisodePosterior",
    "EpisodePrior",
    "Moments",
    "TailedNormal",
    "false_if_unrevised",
    "posterior_of",
]
