"""Agents that combine forecasters, beyond the baselines of `fg_core`."""

from __future__ import annotations

from importlib.metadata import version as _version

from .aggregate import (
    BayesianAggregator,
    CalibratedAggregator,
    CalibratedForecast,
    EnsembleAggregatorAgent,
    PoolGrid,
    PoolOfPools,
)
from .backends import (
    ARIMABackend,
    ETSBackend,
    LocalLevelBackend,
    PassthroughBackend,
    SklearnBackend,
    ThetaBackend,
    XGBoostBackend,
)
from .hierarchy import BottomUpAgent, ReconciledAgent, TopDownAgent, mint, shrunk_covariance
from .linear import (
    DataPanel,
    LinearForecaster,
    LinearModel,
    LocalLevel,
    Roles,
    ShrunkAutoregression,
    VectorAutoregression,
    context_forecasters,
    forecast_paths,
    macro_forecasters,
    univariate_forecasters,
)
from .lineups import default_lineup, default_pool, macro_lineup, macro_pool
from .model_forecaster import ModelForecaster
from .pooled_paths import PooledPaths, pool_paths

__all__ = [
    "ARIMABackend",
    "BayesianAggregator",
    "BottomUpAgent",
    "CalibratedAggregator",
    "CalibratedForecast",
    "DataPanel",
    "ETSBackend",
    "EnsembleAggregatorAgent",
    "LinearForecaster",
    "LinearModel",
    "LocalLevel",
    "LocalLevelBackend",
    "ModelForecaster",
    "PassthroughBackend",
    "PoolGrid",
    "PoolOfPools",
    "PooledPaths",
    "ReconciledAgent",
    "Roles",
    "ShrunkAutoregression",
    "SklearnBackend",
    "ThetaBackend",
    "TopDownAgent",
    "VectorAutoregression",
    "XGBoostBackend",
    "__version__",
    "context_forecasters",
    "default_lineup",
    "default_pool",
    "forecast_paths",
    "macro_forecasters",
    "macro_lineup",
    "macro_pool",
    "mint",
    "pool_paths",
    "shrunk_covariance",
    "univariate_forecasters",
]

__version__ = _version("fg-agents")
