"""Validation scenarios of the IMF."""

from __future__ import annotations

from .gdp_clean import ImfGdpClean

__all__ = ["ImfGdpClean"]
