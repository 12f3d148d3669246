"""Training sets: series of one service, aligned, cut in three, and kept in a file."""

from __future__ import annotations

from .assembly import assemble
from .protocol import TrainingSource
from .scaling import Scale, Scaling, fit_scaling
from .settings import TrainingSettings
from .training_file import TRAINING_FORMAT
from .training_set import SeriesVintage, TrainingSet

__all__ = [
    "TRAINING_FORMAT",
    "Scale",
    "Scaling",
    "SeriesVintage",
    "TrainingSet",
    "TrainingSettings",
    "TrainingSource",
    "assemble",
    "fit_scaling",
]
