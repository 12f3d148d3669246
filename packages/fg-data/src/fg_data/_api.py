"""The public names of the package, imported together when one of them is first used."""

from __future__ import annotations

from .alignment import AlignedCell, AlignedRow, AlignedTable, align
from .cache import CacheStore, CacheWarning, VintageStore, cache_location
from .datasets import chronological_split, load_dataset
from .files import FileSource
from .fred import (
    FRED_NOTICE,
    CachedFred,
    FredMacroAdapter,
    FredSeriesSet,
    SyntheticDataWarning,
)
from .fred.training import (
    FredTrainingDataBuilder,
    FredTrainingSource,
    fred_cpi_clean,
    fred_training_clean,
)
from .histories import CachedHistories, DataService, HistorySource, SeriesHistories
from .histories import SeriesHistories as FetchedSeries
from .hybrid import HybridOptions, HybridSource, hybrid_dataset
from .leaks import Leak, find_early_rows, find_early_use, find_leaks
from .origins import Origin, OriginClock
from .release_lags import RELEASE_LAGS, ReleaseLag, available_at
from .synthetic import SyntheticSource
from .training import Scale, Scaling, SeriesVintage, TrainingSet
from .us_macro import UsMacroSource
from .vintages import KnownValue, Print, VintageHistory

__all__ = [
    "FRED_NOTICE",
    "RELEASE_LAGS",
    "AlignedCell",
    "AlignedRow",
    "AlignedTable",
    "CacheStore",
    "CacheWarning",
    "CachedFred",
    "CachedHistories",
    "DataService",
    "FetchedSeries",
    "FileSource",
    "FredMacroAdapter",
    "FredSeriesSet",
    "FredTrainingDataBuilder",
    "FredTrainingSource",
    "HistorySource",
    "HybridOptions",
    "HybridSource",
    "KnownValue",
    "Leak",
    "Origin",
    "OriginClock",
    "Print",
    "ReleaseLag",
    "Scale",
    "Scaling",
    "SeriesHistories",
    "SeriesVintage",
    "SyntheticDataWarning",
    "SyntheticSource",
    "TrainingSet",
    "UsMacroSource",
    "VintageHistory",
    "VintageStore",
    "align",
    "available_at",
    "cache_location",
    "chronological_split",
    "find_early_rows",
    "find_early_use",
    "find_leaks",
    "fred_cpi_clean",
    "fred_training_clean",
    "hybrid_dataset",
    "load_dataset",
]
