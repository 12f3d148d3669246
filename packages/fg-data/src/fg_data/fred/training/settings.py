"""The training set that is meant unless the caller says more, and the name of its file."""

from __future__ import annotations

from fg_data.cache import CacheKey
from fg_data.fred.service import DEFAULT_SERIES
from fg_data.training import TrainingSettings

__all__ = ["TRAINING_FILE", "TRAINING_SOURCE", "training_key"]

TRAINING_FILE = "fred_training.json"
"""Name, in the folder of the cache, of the training set with the default settings."""

TRAINING_SOURCE = "fred_training"
"""Name of the source of training sets."""


def training_key(settings: TrainingSettings) -> CacheKey:
    """Return the name of a training set in the cache.

    Args:
        settings: Settings of the training set; the default ones have a file that people know by
            name.

    Returns:
        Key of the file.

    >>> training_key(TrainingSettings(DEFAULT_SERIES)).path.name
    'fred_training.json'
    """
    is_default = settings == TrainingSettings(DEFAULT_SERIES)
    return settings.key(TRAINING_SOURCE, file=TRAINING_FILE if is_default else "")
