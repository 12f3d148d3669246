"""Worlds in which series move: simulated, or replayed from a record."""

from __future__ import annotations

from .replay import ReplayWorld
from .simulated import SimulatedWorld
from .vintages import Release, VintageWorld

__all__ = ["Release", "ReplayWorld", "SimulatedWorld", "VintageWorld"]
