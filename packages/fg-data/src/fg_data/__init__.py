"""Point-in-time data sources for Forecast Game.

Everything public is importable from here, and imported when it is first used, so that
`fg-data --help` loads neither numpy nor the network's library.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._api import (
        FRED_NOTICE,
        RELEASE_LAGS,
        AlignedCell,
        AlignedRow,
        AlignedTable,
        CachedFred,
        CacheStore,
        CacheWarning,
        FetchedSeries,
        FileSource,
        FredMacroAdapter,
        FredSeriesSet,
        FredTrainingDataBuilder,
        FredTrainingSource,
        HybridOptions,
        HybridSource,
        KnownValue,
        Leak,
        Origin,
        OriginClock,
        Print,
        ReleaseLag,
        Scale,
        Scaling,
        SeriesVintage,
        SyntheticDataWarning,
        SyntheticSource,
        TrainingSet,
        UsMacroSource,
        VintageHistory,
        VintageStore,
        align,
        available_at,
        cache_location,
        chronological_split,
        find_early_rows,
        find_early_use,
        find_leaks,
        fred_cpi_clean,
        fred_training_clean,
        hybrid_dataset,
        load_dataset,
    )

__version__ = "0.1.0"

__all__ = [
    "FRED_NOTICE",
    "RELEASE_LAGS",
    "AlignedCell",
    "AlignedRow",
    "AlignedTable",
    "CacheStore",
    "CacheWarning",
    "CachedFred",
    "FetchedSeries",
    "FileSource",
    "FredMacroAdapter",
    "FredSeriesSet",
    "FredTrainingDataBuilder",
    "FredTrainingSource",
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
    "SeriesVintage",
    "SyntheticDataWarning",
    "SyntheticSource",
    "TrainingSet",
    "UsMacroSource",
    "VintageHistory",
    "VintageStore",
    "__version__",
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


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import _api

    return getattr(_api, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
