"""Aggregators: one class per file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fg_core.lazy_names import lazy_names

__all__ = [
    "BayesianAggregator",
    "CalibratedAggregator",
    "CalibratedForecast",
    "EnsembleAggregatorAgent",
    "PoolGrid",
    "PoolOfPools",
]

if TYPE_CHECKING:
    from .bayesian import BayesianAggregator
    from .calibrated import CalibratedAggregator
    from .calibrated_forecast import CalibratedForecast
    from .ensemble import EnsembleAggregatorAgent
    from .grid import PoolGrid
    from .pool_of_pools import PoolOfPools
else:
    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            ".bayesian": ("BayesianAggregator",),
            ".calibrated": ("CalibratedAggregator",),
            ".calibrated_forecast": ("CalibratedForecast",),
            ".ensemble": ("EnsembleAggregatorAgent",),
            ".grid": ("PoolGrid",),
            ".pool_of_pools": ("PoolOfPools",),
        },
    )
