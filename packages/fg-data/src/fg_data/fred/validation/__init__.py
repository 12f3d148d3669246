"""Validation scenarios of FRED: figures, training set, cache, and a file beside it."""

from __future__ import annotations

from .cache_integrity import CacheIntegrityFred
from .cpi_clean import FredCpiClean
from .cross_source import CrossSourceConsistency
from .made_up import MadeUpFred
from .training_clean import FredTrainingClean

__all__ = [
    "CacheIntegrityFred",
    "CrossSourceConsistency",
    "FredCpiClean",
    "FredTrainingClean",
    "MadeUpFred",
]
