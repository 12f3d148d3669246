"""Agents that combine forecasters, beyond the baselines of `fg_core`.

Names are imported when they are first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fg_core.lazy_names import lazy_names

__all__ = [
    "ARIMABackend",
    "BayesianAggregator",
    "BottomUpAgent",
    "CalibratedAggregator",
    "CalibratedForecast",
    "DataPanel",
    "DynamicRegression",
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
    "intermittent_lineup",
    "intermittent_pool",
    "known_ahead_forecasters",
    "macro_forecasters",
    "macro_lineup",
    "macro_pool",
    "mint",
    "pool_paths",
    "shrunk_covariance",
    "univariate_forecasters",
]

__version__ = "0.2.0"

if TYPE_CHECKING:
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
    from .known_ahead import DynamicRegression, known_ahead_forecasters
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
    from .model_forecaster import ModelForecaster
    from .pooled_paths import PooledPaths, pool_paths
    from .presets import (
        default_lineup,
        default_pool,
        intermittent_lineup,
        intermittent_pool,
        macro_lineup,
        macro_pool,
    )
else:
    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            ".aggregate": (
                "BayesianAggregator",
                "CalibratedAggregator",
                "CalibratedForecast",
                "EnsembleAggregatorAgent",
                "PoolGrid",
                "PoolOfPools",
            ),
            ".backends": (
                "ARIMABackend",
                "ETSBackend",
                "LocalLevelBackend",
                "PassthroughBackend",
                "SklearnBackend",
                "ThetaBackend",
                "XGBoostBackend",
            ),
            ".hierarchy": (
                "BottomUpAgent",
                "ReconciledAgent",
                "TopDownAgent",
                "mint",
                "shrunk_covariance",
            ),
            ".known_ahead": ("DynamicRegression", "known_ahead_forecasters"),
            ".linear": (
                "DataPanel",
                "LinearForecaster",
                "LinearModel",
                "LocalLevel",
                "Roles",
                "ShrunkAutoregression",
                "VectorAutoregression",
                "context_forecasters",
                "forecast_paths",
                "macro_forecasters",
                "univariate_forecasters",
            ),
            ".presets": (
                "default_lineup",
                "default_pool",
                "intermittent_lineup",
                "intermittent_pool",
                "macro_lineup",
                "macro_pool",
            ),
            ".model_forecaster": ("ModelForecaster",),
            ".pooled_paths": ("PooledPaths", "pool_paths"),
        },
    )
