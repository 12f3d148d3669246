"""Data services that have histories: what they have in common, whatever their answers look like.

A new service is one folder with its parser and a `HistorySource` made of these parts, and a row
in the entry points.
"""

from __future__ import annotations

from .aggregation import METHODS, aggregate, aggregate_history, require_aggregation
from .asking import dataset_of_query, fetch_dataset, gather_histories
from .cached import CachedHistories, FetchedHistory, history_format, history_key, kept_histories
from .dataset import dataset_of
from .facts import history_notes, n_assumed, series_details
from .options import OPTIONS, VINTAGES, HistoryOptions
from .series_set import Described, SeriesDescription, SeriesHistories
from .service import (
    DataService,
    HistoryService,
    HistorySource,
    MakesUp,
    NeedsKey,
    SyntheticDataWarning,
)
from .snapshot_adapter import Snapshot, SnapshotAdapter
from .snapshot_service import snapshot_service
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
    "Snapshot",
    "SnapshotAdapter",
    "Span",
    "SyntheticDataWarning",
    "aggregate",
    "aggregate_history",
    "dataset_of",
    "dataset_of_query",
    "fetch_dataset",
    "gather_histories",
    "history_format",
    "history_key",
    "history_notes",
    "kept_histories",
    "moment_of",
    "n_assumed",
    "require_aggregation",
    "require_units",
    "series_details",
    "snapshot_service",
    "transform",
    "transform_history",
]
