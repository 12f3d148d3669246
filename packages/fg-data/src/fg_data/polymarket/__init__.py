"""Prices of outcomes on the prediction market Polymarket."""

from __future__ import annotations

from .adapter import PolymarketAdapter
from .market import Market
from .service import POLYMARKET, POLYMARKET_NOTICE

__all__ = ["POLYMARKET", "POLYMARKET_NOTICE", "Market", "PolymarketAdapter"]
