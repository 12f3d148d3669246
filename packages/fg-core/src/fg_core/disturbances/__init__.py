"""What nature does to a series: pure rules over arrays of games."""

from __future__ import annotations

from .gaussian import GaussianDisturbance

__all__ = ["GaussianDisturbance"]
