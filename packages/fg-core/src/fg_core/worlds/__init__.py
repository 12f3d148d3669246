"""Where the series moves: simulated, or replayed from a record."""

from __future__ import annotations

from .replay import ReplayWorld
from .simulated import SimulatedWorld

__all__ = ["ReplayWorld", "SimulatedWorld"]
