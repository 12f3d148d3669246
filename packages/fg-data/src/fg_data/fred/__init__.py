"""FRED and ALFRED: series of the Federal Reserve Bank of St. Louis, with all their vintages."""

from __future__ import annotations

from .adapter import BASE_URL, DEFAULT_SERIES, URL_VARIABLE, FredMacroAdapter
from .aggregation import METHODS, aggregate, aggregate_history
from .metadata import SeriesMetadata, SeriesTag
from .options import OPTIONS, VINTAGES, FredOptions
from .provenance import FRED_NOTICE, SOURCE_NAME, SyntheticDataWarning
from .refusals import KEY_VARIABLE
from .series_set import FredSeriesSet
from .transforms import PERIODS_PER_YEAR, UNITS, transform, transform_history

__all__ = [
    "BASE_URL",
    "DEFAULT_SERIES",
    "FRED_NOTICE",
    "KEY_VARIABLE",
    "METHODS",
    "OPTIONS",
    "PERIODS_PER_YEAR",
    "SOURCE_NAME",
    "UNITS",
    "URL_VARIABLE",
    "VINTAGES",
    "FredMacroAdapter",
    "FredOptions",
    "FredSeriesSet",
    "SeriesMetadata",
    "SeriesTag",
    "SyntheticDataWarning",
    "aggregate",
    "aggregate_history",
    "transform",
    "transform_history",
]
