"""Today's forecast of each series, from its last row, and how far it may be trusted."""

from __future__ import annotations

from .forecaster import LatestForecaster
from .forecasts import Forecasts
from .print_checks import PrintCheck, PrintChecks
from .series_forecast import HorizonForecast, SeriesForecast
from .track_record import TrackRecord

__all__ = [
    "Forecasts",
    "HorizonForecast",
    "LatestForecaster",
    "PrintCheck",
    "PrintChecks",
    "SeriesForecast",
    "TrackRecord",
]
