"""Today's forecast of each series, from its last row, and how far it may be trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fg_core.lazy_names import lazy_names

__all__ = [
    "Forecasts",
    "HorizonForecast",
    "LatestForecaster",
    "PrintCheck",
    "PrintChecks",
    "SeriesForecast",
    "TrackRecord",
]

if TYPE_CHECKING:
    from .forecaster import LatestForecaster
    from .forecasts import Forecasts
    from .print_checks import PrintCheck, PrintChecks
    from .series_forecast import HorizonForecast, SeriesForecast
    from .track_record import TrackRecord
else:
    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            ".forecaster": ("LatestForecaster",),
            ".forecasts": ("Forecasts",),
            ".print_checks": (
                "PrintCheck",
                "PrintChecks",
            ),
            ".series_forecast": (
                "HorizonForecast",
                "SeriesForecast",
            ),
            ".track_record": ("TrackRecord",),
        },
    )
