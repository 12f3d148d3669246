"""The BIS as a service: its address and default series, and what must be said of its data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from fg_core import Provenance
from fg_data.histories import DataService, SeriesDescription, snapshot_provenance
from fg_data.vintages import VintageHistory

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


def _provenance(
    histories: Mapping[str, VintageHistory], metadata: Mapping[str, SeriesDescription], today: date
) -> Provenance:
    return snapshot_provenance(
        "bis",
        "the BIS",
        histories,
        {name: about.edition for name, about in metadata.items()},
        today,
        licence="terms of permitted use of BIS statistics: free, with the source cited",
        notices=(BIS_NOTICE, _MEANING),
    )


BIS = DataService(
    "bis",
    "the BIS",
    "https://stats.bis.org/api/v2",
    ("US", "XM", "JP", "GB", "CH"),
    SeriesDescription,
    _provenance,
    url_variable="BIS_BASE_URL",
    # No limit is published; the files are long.
    spacing_seconds=1.0,
    row_frequency="M",
    keeps_vintages=False,
    conditional=True,
    required_notices=(BIS_NOTICE,),
)
"""The service."""
