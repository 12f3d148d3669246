"""Forecasters that use columns which are known in advance: promotions, holidays, prices."""

from __future__ import annotations

from .effects import Effects, error_lags, estimate_effects
from .forecaster import DynamicRegression
from .known_columns import KnownColumns
from .presets import known_ahead_forecasters

__all__ = [
    "DynamicRegression",
    "Effects",
    "KnownColumns",
    "error_lags",
    "estimate_effects",
    "known_ahead_forecasters",
]
