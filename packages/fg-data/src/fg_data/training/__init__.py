"""The training set: series of FRED, aligned, cut in three, and kept in a file."""

from __future__ import annotations

from .builder import FredTrainingDataBuilder
from .scaling import Scale, Scaling, fit_scaling
from .scenarios import fred_cpi_clean, fred_training_clean
from .settings import TRAINING_FILE, TrainingSettings
from .source import FredTrainingSource
from .training_set import SeriesVintage, TrainingSet

__all__ = [
    "TRAINING_FILE",
    "FredTrainingDataBuilder",
    "FredTrainingSource",
    "Scale",
    "Scaling",
    "SeriesVintage",
    "TrainingSet",
    "TrainingSettings",
    "fit_scaling",
    "fred_cpi_clean",
    "fred_training_clean",
]
