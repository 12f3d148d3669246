"""Validation scenarios of prediction markets."""

from __future__ import annotations

from .polymarket_clean import PolymarketClean

__all__ = ["PolymarketClean"]
