"""Agents that combine forecasters, beyond the baselines of `fg_core`."""

from __future__ import annotations

from importlib.metadata import version as _version

from .aggregate import BayesianAggregator, EnsembleAggregatorAgent
from .backends import (
    ARIMABackend,
    ETSBackend,
    LocalLevelBackend,
    PassthroughBackend,
    SklearnBackend,
    ThetaBackend,
)
from .hierarchy import BottomUpAgent, ReconciledAgent, TopDownAgent, mint, shrunk_covariance
from .model_forecaster import ModelForecaster

__all__ = [
    "ARIMABackend",
    "BayesianAggregator",
    "BottomUpAgent",
    "ETSBackend",
    "EnsembleAggregatorAgent",
    "LocalLevelBackend",
    "ModelForecaster",
    "PassthroughBackend",
    "ReconciledAgent",
    "SklearnBackend",
    "ThetaBackend",
    "TopDownAgent",
    "__version__",
    "mint",
    "shrunk_covariance",
]

__version__ = _version("fg-agents")
