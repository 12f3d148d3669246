"""The OECD as a service: its address and default series, and what must be said of its data."""

from __future__ import annotations

from fg_data.histories import snapshot_service

__all__ = ["OECD", "OECD_NOTICE"]

OECD_NOTICE = (
    "Source: OECD, composite leading indicators (DSD_STES@DF_CLI), https://data-explorer.oecd.org, "
    "used with attribution under the OECD's terms and conditions."
)
"""Citation that the terms of use ask for."""

_LOOK_AHEAD = (
    "The whole history of a composite leading indicator is filtered and scaled anew every month: "
    "values from before the first fetch know of years that came after them. What was known at a "
    "moment is in vintages of that moment alone."
)

OECD = snapshot_service(
    "oecd",
    "the OECD",
    "https://sdmx.oecd.org/public/rest",
    ("USA", "DEU", "JPN", "CHN", "G20"),
    licence="OECD terms and conditions: free use with attribution, on terms like CC BY 4.0",
    citation=OECD_NOTICE,
    meaning=_LOOK_AHEAD,
    url_variable="OECD_BASE_URL",
    # 60 downloads an hour; all series come in one.
    spacing_seconds=3.0,
    row_frequency="M",
)
"""The service."""
