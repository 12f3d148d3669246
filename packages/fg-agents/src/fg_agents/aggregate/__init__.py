"""Aggregators: one class per file."""

from __future__ import annotations

from .bayesian import BayesianAggregator
from .calibrated import CalibratedAggregator
from .calibrated_forecast import CalibratedForecast
from .ensemble import EnsembleAggregatorAgent
from .grid import PoolGrid
from .pool_of_pools import PoolOfPools

__all__ = [
    "BayesianAggregator",
    "CalibratedAggregator",
    "CalibratedForecast",
    "EnsembleAggregatorAgent",
    "PoolGrid",
    "PoolOfPools",
]
