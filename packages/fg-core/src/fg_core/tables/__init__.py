"""Anybody's data: from tables in memory to datasets. No file is opened here."""

from __future__ import annotations

from .columns import Frame, Table
from .dataset import dataset_from_table
from .frequency import (
    FREQUENCY_NAMES,
    PERIOD_NAMES,
    SEASON_LENGTHS,
    infer_frequency,
    period_end,
    period_number,
    period_start,
)

__all__ = [
    "FREQUENCY_NAMES",
    "PERIOD_NAMES",
    "SEASON_LENGTHS",
    "Frame",
    "Table",
    "dataset_from_table",
    "infer_frequency",
    "period_end",
    "period_number",
    "period_start",
]
