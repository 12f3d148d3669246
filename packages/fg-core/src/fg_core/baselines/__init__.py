"""Baseline forecasters: the simple methods that everything else has to beat.

One method per file. Each is a frozen value: `fit(window)` returns a fitted copy, `act(state,
horizon)` and `sensitivity(state, horizon)` are pure, and parameters stay frozen between fits.
Multiplying a series by a power of two multiplies their forecasts by it, to the last bit.
"""

from __future__ import annotations

from .autoregression import AutoRegression
from .autoregression_fit import AutoRegressionFit
from .drift import Drift, DriftFit
from .equal_weight import EqualWeightPool
from .forecasting_agent import ForecastingAgent
from .random_walk import RandomWalk, RandomWalkFit
from .runtime import PythonStrategyRuntime
from .seasonal_naive import SeasonalNaive, SeasonalNaiveFit

__all__ = [
    "AutoRegression",
    "AutoRegressionFit",
    "Drift",
    "DriftFit",
    "EqualWeightPool",
    "ForecastingAgent",
    "PythonStrategyRuntime",
    "RandomWalk",
    "RandomWalkFit",
    "SeasonalNaive",
    "SeasonalNaiveFit",
]
