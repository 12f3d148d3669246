"""Agents that combine forecasters, beyond the baselines of `fg_core`."""

from __future__ import annotations

from importlib.metadata import version as _version

from .aggregate import BayesianAggregator, EnsembleAggregatorAgent

__all__ = ["BayesianAggregator", "EnsembleAggregatorAgent", "__version__"]

__version__ = _version("fg-agents")
