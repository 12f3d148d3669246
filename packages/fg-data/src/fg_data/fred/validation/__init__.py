"""Validation scenarios of FRED: its figures, its training set, and both in the cache."""

from __future__ import annotations

from .cache_integrity import CacheIntegrityFred
from .cpi_clean import FredCpiClean
from .made_up import MadeUpFred
from .training_clean import FredTrainingClean

__all__ = ["CacheIntegrityFred", "FredCpiClean", "FredTrainingClean", "MadeUpFred"]
