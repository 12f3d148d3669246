"""Disturbances of a series by nature: pure rules over arrays of games."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fg_core.lazy_names import lazy_names

__all__ = [
    "DriftDisturbance",
    "EvasionDisturbance",
    "GaussianDisturbance",
    "RegimeShiftDisturbance",
    "ShiftDisturbance",
    "VolatilityBurstDisturbance",
    "VolatilityScaledDisturbance",
]

if TYPE_CHECKING:
    from .drift import DriftDisturbance
    from .evasion import EvasionDisturbance
    from .gaussian import GaussianDisturbance
    from .regime_shift import RegimeShiftDisturbance
    from .shift import ShiftDisturbance
    from .volatility_burst import VolatilityBurstDisturbance
    from .volatility_scaled import VolatilityScaledDisturbance
else:
    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            ".drift": ("DriftDisturbance",),
            ".evasion": ("EvasionDisturbance",),
            ".gaussian": ("GaussianDisturbance",),
            ".regime_shift": ("RegimeShiftDisturbance",),
            ".shift": ("ShiftDisturbance",),
            ".volatility_burst": ("VolatilityBurstDisturbance",),
            ".volatility_scaled": ("VolatilityScaledDisturbance",),
        },
    )
