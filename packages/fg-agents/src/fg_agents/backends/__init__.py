"""Statistical models behind forecasters, one per file; heavy libraries load when a fit asks."""

from __future__ import annotations

from .arima import ARIMABackend
from .ets import ETSBackend
from .local_level import LocalLevelBackend
from .passthrough import PassthroughBackend
from .sklearn import SklearnBackend
from .theta import ThetaBackend
from .xgboost import XGBoostBackend

__all__ = [
    "ARIMABackend",
    "ETSBackend",
    "LocalLevelBackend",
    "PassthroughBackend",
    "SklearnBackend",
    "ThetaBackend",
    "XGBoostBackend",
]
