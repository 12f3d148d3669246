"""The IMF as a service: its addresses and default series, and what must be said of its data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from fg_core import Provenance
from fg_data.histories import DataService, SeriesDescription, snapshot_provenance
from fg_data.vintages import VintageHistory

__all__ = ["IMF", "IMF_NOTICE", "SDMX_URL", "SDMX_URL_VARIABLE"]

SDMX_URL = "https://api.imf.org/external/sdmx/3.0"
SDMX_URL_VARIABLE = "IMF_SDMX_BASE_URL"

IMF_NOTICE = (
    "Source: International Monetary Fund, https://www.imf.org, used with attribution under the "
    "IMF's copyright and usage terms. The IMF does not endorse this product."
)
"""Citation that the terms of use ask for."""

_ACTUAL = (
    "Figures of years that the edition does not have as actual data are projections of the IMF's "
    "staff; they are left out. Of single countries, later actual years may be estimates."
)


def _provenance(
    histories: Mapping[str, VintageHistory], metadata: Mapping[str, SeriesDescription], today: date
) -> Provenance:
    return snapshot_provenance(
        "imf",
        "the IMF",
        histories,
        {name: about.edition for name, about in metadata.items()},
        today,
        licence="IMF copyright and usage: reuse with attribution; no bulk redistribution or sale",
        notices=(IMF_NOTICE, _ACTUAL),
    )


IMF = DataService(
    "imf",
    "the IMF",
    "https://www.imf.org/external/datamapper/api/v1",
    ("NGDP_RPCH.USA", "NGDP_RPCH.CHN", "NGDP_RPCH.DEU"),
    SeriesDescription,
    _provenance,
    url_variable="IMF_BASE_URL",
    # No limit is published.
    spacing_seconds=1.0,
    row_frequency="Y",
    keeps_vintages=False,
    conditional=True,
    required_notices=(IMF_NOTICE,),
)
"""The service."""
