"""Indices of geopolitical risk, by Dario Caldara and Matteo Iacoviello."""

from __future__ import annotations

from .adapter import GeopoliticalRiskAdapter
from .service import GPR, GPR_NOTICE

__all__ = ["GPR", "GPR_NOTICE", "GeopoliticalRiskAdapter"]
