"""Aggregators: one class per file."""

from __future__ import annotations

from .bayesian import BayesianAggregator, BayesianMode
from .calibrated import CalibratedAggregator
from .calibrated_forecast import CalibratedForecast
from .ensemble import EnsembleAggregatorAgent
from .grid import PoolGrid
from .pool_of_pools import PoolOfPools

__all__ = [
    "BayesianAggregator",
    "BayesianMode",
    "CalibratedAggregator",
    "CalibratedForecast",
    "EnsembleAggregatorAgent",
    "PoolGrid",
    "PoolOfPools",
]
