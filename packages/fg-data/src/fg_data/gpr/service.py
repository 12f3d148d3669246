"""The page of the indices as a service: its address and series, and what must be said of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from fg_core import Provenance
from fg_data.histories import DataService, SeriesDescription, snapshot_provenance
from fg_data.vintages import VintageHistory

__all__ = ["GPR", "GPR_NOTICE"]

GPR_NOTICE = (
    "Source: Dario Caldara and Matteo Iacoviello (2022), Measuring Geopolitical Risk, American "
    "Economic Review 112(4), 1194-1225; data from https://www.matteoiacoviello.com/gpr.htm."
)
"""Citation that the authors ask for."""

_MEANING = (
    "Indices count newspaper articles: GPR, GPRT and GPRA have the mean 100 over 1985 to 2019, "
    "GPRH and its kin over 1900 to 2019, and series of countries are shares of articles in "
    "percent, not indices."
)


def _provenance(
    histories: Mapping[str, VintageHistory], metadata: Mapping[str, SeriesDescription], today: date
) -> Provenance:
    return snapshot_provenance(
        "gpr",
        "the index of geopolitical risk",
        histories,
        {name: about.edition for name, about in metadata.items()},
        today,
        licence="free to use with citation of Caldara and Iacoviello (2022)",
        notices=(GPR_NOTICE, _MEANING),
    )


GPR = DataService(
    "gpr",
    "the index of geopolitical risk",
    "https://www.matteoiacoviello.com/gpr_files",
    ("GPR", "GPRT", "GPRA"),
    SeriesDescription,
    _provenance,
    url_variable="GPR_BASE_URL",
    # A personal page: two files at most, asked for again only if they changed.
    spacing_seconds=3.0,
    row_frequency="M",
    keeps_vintages=False,
    conditional=True,
    required_notices=(GPR_NOTICE,),
)
"""The service."""
