"""The BIS as a service: its address and default series, and what must be said of its data."""

from __future__ import annotations

from fg_data.histories import snapshot_service

__all__ = ["BIS", "BIS_NOTICE"]

BIS_NOTICE = (
    "Source: Bank for International Settlements (BIS), central bank policy rates (WS_CBPOL), "
    "https://data.bis.org/topics/CBPOL. The BIS does not endorse this product."
)
"""Citation that the terms of use ask for."""

_MEANING = (
    "Policy rates are those at the end of the period, dated by effect and not by announcement; "
    "where a central bank has a target range, it is the middle of the range (US), which is not the "
    "effective rate."
)

BIS = snapshot_service(
    "bis",
    "the BIS",
    "https://stats.bis.org/api/v2",
    ("US", "XM", "JP", "GB", "CH"),
    licence="terms of permitted use of BIS statistics: free, with the source cited",
    citation=BIS_NOTICE,
    meaning=_MEANING,
    url_variable="BIS_BASE_URL",
    # No limit is published; the files are long.
    spacing_seconds=1.0,
    row_frequency="M",
)
"""The service."""
