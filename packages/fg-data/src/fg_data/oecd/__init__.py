"""Composite leading indicators of the OECD."""

from __future__ import annotations

from .adapter import OECDCLIAdapter
from .service import OECD, OECD_NOTICE

__all__ = ["OECD", "OECD_NOTICE", "OECDCLIAdapter"]
