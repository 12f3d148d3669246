"""Point-in-time data sources for Forecast Game.

Everything public is importable from here, and imported when it is first used, so that
`fg-data --help` loads neither numpy nor the network's library.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fg_core.lazy_names import lazy_names

__all__ = [
    "FRED_NOTICE",
    "RELEASE_LAGS",
    "AlignedCell",
    "AlignedRow",
    "AlignedTable",
    "BISPolicyRateAdapter",
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
    "GeopoliticalRiskAdapter",
    "HistorySource",
    "HybridOptions",
    "HybridSource",
    "ImfAdapter",
    "ImfOutlook",
    "KnownValue",
    "Leak",
    "OECDCLIAdapter",
    "Origin",
    "OriginClock",
    "PolymarketAdapter",
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
    "vintage_columns",
]

__version__ = "0.2.0"

if TYPE_CHECKING:
    from .alignment import AlignedCell, AlignedRow, AlignedTable, align
    from .bis import BISPolicyRateAdapter
    from .cache import CacheStore, CacheWarning, VintageStore, cache_location
    from .datasets import chronological_split, load_dataset
    from .files import FileSource
    from .fred import FRED_NOTICE, CachedFred, FetchedSeries, FredMacroAdapter, FredSeriesSet
    from .fred.training import (
        FredTrainingDataBuilder,
        FredTrainingSource,
        fred_cpi_clean,
        fred_training_clean,
    )
    from .gpr import GeopoliticalRiskAdapter
    from .histories import (
        CachedHistories,
        DataService,
        HistorySource,
        SeriesHistories,
        SyntheticDataWarning,
    )
    from .hybrid import HybridOptions, HybridSource, hybrid_dataset
    from .imf import ImfAdapter, ImfOutlook
    from .leaks import Leak, find_early_rows, find_early_use, find_leaks
    from .oecd import OECDCLIAdapter
    from .origins import Origin, OriginClock
    from .polymarket import PolymarketAdapter
    from .release_lags import RELEASE_LAGS, ReleaseLag, available_at
    from .synthetic import SyntheticSource
    from .training import Scale, Scaling, SeriesVintage, TrainingSet
    from .us_macro import UsMacroSource
    from .vintages import KnownValue, Print, VintageHistory, vintage_columns
else:
    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            ".alignment": ("AlignedCell", "AlignedRow", "AlignedTable", "align"),
            ".bis": ("BISPolicyRateAdapter",),
            ".cache": ("CacheStore", "CacheWarning", "VintageStore", "cache_location"),
            ".datasets": ("chronological_split", "load_dataset"),
            ".files": ("FileSource",),
            ".fred": (
                "FRED_NOTICE",
                "CachedFred",
                "FetchedSeries",
                "FredMacroAdapter",
                "FredSeriesSet",
            ),
            ".fred.training": (
                "FredTrainingDataBuilder",
                "FredTrainingSource",
                "fred_cpi_clean",
                "fred_training_clean",
            ),
            ".gpr": ("GeopoliticalRiskAdapter",),
            ".histories": (
                "CachedHistories",
                "DataService",
                "HistorySource",
                "SeriesHistories",
                "SyntheticDataWarning",
            ),
            ".hybrid": ("HybridOptions", "HybridSource", "hybrid_dataset"),
            ".imf": ("ImfAdapter", "ImfOutlook"),
            ".leaks": ("Leak", "find_early_rows", "find_early_use", "find_leaks"),
            ".oecd": ("OECDCLIAdapter",),
            ".origins": ("Origin", "OriginClock"),
            ".polymarket": ("PolymarketAdapter",),
            ".release_lags": ("RELEASE_LAGS", "ReleaseLag", "available_at"),
            ".synthetic": ("SyntheticSource",),
            ".training": ("Scale", "Scaling", "SeriesVintage", "TrainingSet"),
            ".us_macro": ("UsMacroSource",),
            ".vintages": ("KnownValue", "Print", "VintageHistory", "vintage_columns"),
        },
    )
