"""Series on another scale, with forecasts that are read and scored on the original one."""

from __future__ import annotations

from .forecast import TransformedForecast
from .forecaster import GRID_LEVELS, TransformedForecaster
from .maps import AffineMap, ExpMap, PredictiveMap
from .series import LogTransform, StandardisedChanges, Transform

__all__ = [
    "GRID_LEVELS",
    "AffineMap",
    "ExpMap",
    "LogTransform",
    "PredictiveMap",
    "StandardisedChanges",
    "Transform",
    "TransformedForecast",
    "TransformedForecaster",
]
