"""The OECD as a service: its address and default series, and what must be said of its data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from fg_core import Provenance
from fg_data.histories import DataService, SeriesDescription, snapshot_provenance
from fg_data.vintages import VintageHistory

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


def _provenance(
    histories: Mapping[str, VintageHistory], metadata: Mapping[str, SeriesDescription], today: date
) -> Provenance:
    return snapshot_provenance(
        "oecd",
        "the OECD",
        histories,
        {name: about.edition for name, about in metadata.items()},
        today,
        licence="OECD terms and conditions: free use with attribution, on terms like CC BY 4.0",
        notices=(OECD_NOTICE, _LOOK_AHEAD),
    )


OECD = DataService(
    "oecd",
    "the OECD",
    "https://sdmx.oecd.org/public/rest",
    ("USA", "DEU", "JPN", "CHN", "G20"),
    SeriesDescription,
    _provenance,
    url_variable="OECD_BASE_URL",
    # 60 downloads an hour; all series come in one.
    spacing_seconds=3.0,
    row_frequency="M",
    keeps_vintages=False,
    conditional=True,
    required_notices=(OECD_NOTICE,),
)
"""The service."""
