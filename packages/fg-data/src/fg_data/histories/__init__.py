"""Data services that have histories: what they have in common, whatever their answers look like.

A new service is one folder with its parser and a `HistorySource` made of these parts, and a row
in the entry points.
"""

from __future__ import annotations

from .aggregation import METHODS, aggregate, aggregate_history, require_aggregation
from .asking import dataset_of_query, fetch_dataset, gather_histories
from .cached import CachedHistories, FetchedHistory, history_format, history_key, kept_histories
from .dataset import dataset_of
from .options import OPTIONS, VINTAGES, HistoryOptions
from .series_set import Described, SeriesDescription, SeriesHistories
from .service import DataService, HistoryService, HistorySource, MakesUp, NeedsKey
from .span import Span, moment_of
from .transforms import PERIODS_PER_YEAR, UNITS, require_units, transform, transform_history

__all__ = [
    "METHODS",
    "OPTIONS",
    "PERIODS_PER_YEAR",
    "UNITS",
    "VINTAGES",
    "CachedHistories",
    "DataService",
    "Described",
    "FetchedHistory",
    "HistoryOptions",
    "HistoryService",
    "HistorySource",
    "MakesUp",
    "NeedsKey",
    "SeriesDescription",
    "SeriesHistories",
    "Span",
    "aggregate",
    "aggregate_history",
    "dataset_of",
    "dataset_of_query",
    "fetch_dataset",
    "gather_histories",
    "history_format",
    "history_key",
    "kept_histories",
    "moment_of",
    "require_aggregation",
    "require_units",
    "transform",
    "transform_history",
]
