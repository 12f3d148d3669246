"""Polymarket as a service: its addresses and default series, and what must be said of its data."""

from __future__ import annotations

from fg_data.histories import snapshot_service

__all__ = ["CLOB_URL", "CLOB_URL_VARIABLE", "POLYMARKET", "POLYMARKET_NOTICE"]

CLOB_URL = "https://clob.polymarket.com"
CLOB_URL_VARIABLE = "POLYMARKET_CLOB_BASE_URL"

POLYMARKET_NOTICE = (
    "Source: Polymarket, https://polymarket.com, prices of outcomes, used under its terms of use, "
    "which give no open licence. Polymarket does not endorse this product."
)
"""Citation of the source."""

_MEANING = (
    "A price is that of the last moment of a day (UTC) which the service lists: between bid and "
    "ask or of the last trade, not one at which somebody could trade. Prices of thin markets stay "
    "where they were, and those of all outcomes need not sum to one."
)

POLYMARKET = snapshot_service(
    "polymarket",
    "Polymarket",
    "https://gamma-api.polymarket.com",
    ("will-donald-trump-win-the-2024-us-presidential-election",),
    licence="Polymarket's terms of use: reading is free; no open data licence is given",
    citation=POLYMARKET_NOTICE,
    meaning=_MEANING,
    url_variable="POLYMARKET_BASE_URL",
    # 100 requests a second are allowed, and more are delayed rather than refused.
    spacing_seconds=0.1,
    row_frequency="D",
    conditional=False,
)
"""The service."""
