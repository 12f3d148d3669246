"""Forecasting a total and its segments: bottom-up, top-down, and both reconciled."""

from __future__ import annotations

from .bottom_up import BottomUpAgent
from .in_window import window_errors
from .members import SegmentFit
from .reconcile import (
    mint,
    mint_projection,
    projection,
    shrinkage_intensity,
    shrunk_correlation,
    shrunk_covariance,
    summing_matrix,
)
from .reconciled import Reconciled, ReconciledAgent
from .ridge import Ridge, ridge
from .segments import SegmentHistory
from .top_down import TopDownAgent

__all__ = [
    "BottomUpAgent",
    "Reconciled",
    "ReconciledAgent",
    "Ridge",
    "SegmentFit",
    "SegmentHistory",
    "TopDownAgent",
    "mint",
    "mint_projection",
    "projection",
    "ridge",
    "shrinkage_intensity",
    "shrunk_correlation",
    "shrunk_covariance",
    "summing_matrix",
    "window_errors",
]
