"""Aggregators: one class per file."""

from __future__ import annotations

from .bayesian import BayesianAggregator
from .ensemble import EnsembleAggregatorAgent

__all__ = ["BayesianAggregator", "EnsembleAggregatorAgent"]
