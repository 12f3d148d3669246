"""The training set of FRED: five series, or others, kept in `fred_training.json`."""

from __future__ import annotations

from .builder import FredTrainingDataBuilder
from .scenarios import fred_cpi_clean, fred_training_clean
from .settings import TRAINING_FILE, TRAINING_SOURCE
from .source import FredTrainingSource

__all__ = [
    "TRAINING_FILE",
    "TRAINING_SOURCE",
    "FredTrainingDataBuilder",
    "FredTrainingSource",
    "fred_cpi_clean",
    "fred_training_clean",
]
