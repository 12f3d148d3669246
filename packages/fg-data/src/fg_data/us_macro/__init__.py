"""The embedded real data: US quarterly macro series 1959Q1-2009Q3, public domain."""

from __future__ import annotations

from .series import (
    CONTEXT_COLUMNS,
    DEFAULT_SERIES,
    DETERMINING_COLUMNS,
    SERIES,
    growth_contributions,
    log_growth,
    observations_from_table,
)
from .source import UsMacroSource
from .table import MacroTable, load_table, parse_table

__all__ = [
    "CONTEXT_COLUMNS",
    "DEFAULT_SERIES",
    "DETERMINING_COLUMNS",
    "SERIES",
    "MacroTable",
    "UsMacroSource",
    "growth_contributions",
    "load_table",
    "log_growth",
    "observations_from_table",
    "parse_table",
]
