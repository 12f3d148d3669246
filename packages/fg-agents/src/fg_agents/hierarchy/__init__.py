"""Forecasting a total and its segments: bottom-up, top-down, and both reconciled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fg_core.lazy_names import lazy_names

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

if TYPE_CHECKING:
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
    from .ridge_regression import Ridge, ridge
    from .segments import SegmentHistory
    from .top_down import TopDownAgent
else:
    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            ".bottom_up": ("BottomUpAgent",),
            ".in_window": ("window_errors",),
            ".members": ("SegmentFit",),
            ".reconcile": (
                "mint",
                "mint_projection",
                "projection",
                "shrinkage_intensity",
                "shrunk_correlation",
                "shrunk_covariance",
                "summing_matrix",
            ),
            ".reconciled": (
                "Reconciled",
                "ReconciledAgent",
            ),
            ".ridge_regression": (
                "Ridge",
                "ridge",
            ),
            ".segments": ("SegmentHistory",),
            ".top_down": ("TopDownAgent",),
        },
    )
