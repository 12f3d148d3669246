"""Series on another scale, with forecasts that are read and scored on the original one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fg_core.lazy_names import lazy_names

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

if TYPE_CHECKING:
    from .forecast import TransformedForecast
    from .forecaster import GRID_LEVELS, TransformedForecaster
    from .maps import AffineMap, ExpMap, PredictiveMap
    from .series import LogTransform, StandardisedChanges, Transform
else:
    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            ".forecast": ("TransformedForecast",),
            ".forecaster": (
                "GRID_LEVELS",
                "TransformedForecaster",
            ),
            ".maps": (
                "AffineMap",
                "ExpMap",
                "PredictiveMap",
            ),
            ".series": (
                "LogTransform",
                "StandardisedChanges",
                "Transform",
            ),
        },
    )
