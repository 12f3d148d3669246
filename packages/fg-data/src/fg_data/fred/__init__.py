"""FRED and ALFRED: series of the Federal Reserve Bank of St. Louis, with all their vintages."""

from __future__ import annotations

from fg_data.histories import (
    METHODS,
    PERIODS_PER_YEAR,
    UNITS,
    aggregate,
    aggregate_history,
    transform,
    transform_history,
)
from fg_data.histories import SeriesHistories as FetchedSeries
from fg_data.histories import SeriesHistories as FredSeriesSet

from .adapter import FredMacroAdapter
from .cached import CachedFred
from .metadata import SeriesMetadata, SeriesTag
from .options import OPTIONS, VINTAGES, FredOptions
from .provenance import FRED_NOTICE, SOURCE_NAME, SyntheticDataWarning
from .refusals import KEY_VARIABLE
from .service import BASE_URL, DEFAULT_SERIES, FRED, URL_VARIABLE
from .source import FredSource

__all__ = [
    "BASE_URL",
    "DEFAULT_SERIES",
    "FRED",
    "FRED_NOTICE",
    "KEY_VARIABLE",
    "METHODS",
    "OPTIONS",
    "PERIODS_PER_YEAR",
    "SOURCE_NAME",
    "UNITS",
    "URL_VARIABLE",
    "VINTAGES",
    "CachedFred",
    "FetchedSeries",
    "FredMacroAdapter",
    "FredOptions",
    "FredSeriesSet",
    "FredSource",
    "SeriesMetadata",
    "SeriesTag",
    "SyntheticDataWarning",
    "aggregate",
    "aggregate_history",
    "transform",
    "transform_history",
]
