"""Validation scenarios of aggregators and hierarchical forecasters."""

from __future__ import annotations

from .calibration import BayesianCalibration
from .hierarchy import HierarchicalAgentRun

__all__ = ["BayesianCalibration", "HierarchicalAgentRun"]
