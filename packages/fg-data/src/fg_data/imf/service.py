"""The IMF as a service: its addresses and default series, and what must be said of its data."""

from __future__ import annotations

from fg_data.histories import snapshot_service

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

IMF = snapshot_service(
    "imf",
    "the IMF",
    "https://www.imf.org/external/datamapper/api/v1",
    ("NGDP_RPCH.USA", "NGDP_RPCH.CHN", "NGDP_RPCH.DEU"),
    licence="IMF copyright and usage: reuse with attribution; no bulk redistribution or sale",
    citation=IMF_NOTICE,
    meaning=_ACTUAL,
    url_variable="IMF_BASE_URL",
    # No limit is published.
    spacing_seconds=1.0,
    row_frequency="Y",
)
"""The service."""
