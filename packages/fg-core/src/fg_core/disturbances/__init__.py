"""Disturbances of a series by nature: pure rules over arrays of games."""

from __future__ import annotations

from .drift import DriftDisturbance
from .evasion import EvasionDisturbance
from .gaussian import GaussianDisturbance
from .regime_shift import RegimeShiftDisturbance
from .shift import ShiftDisturbance
from .volatility_burst import VolatilityBurstDisturbance
from .volatility_scaled import VolatilityScaledDisturbance

__all__ = [
    "DriftDisturbance",
    "EvasionDisturbance",
    "GaussianDisturbance",
    "RegimeShiftDisturbance",
    "ShiftDisturbance",
    "VolatilityBurstDisturbance",
    "VolatilityScaledDisturbance",
]
