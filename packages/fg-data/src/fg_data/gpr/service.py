"""The page of the indices as a service: its address and series, and what must be said of them."""

from __future__ import annotations

from fg_data.histories import snapshot_service

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

GPR = snapshot_service(
    "gpr",
    "the index of geopolitical risk",
    "https://www.matteoiacoviello.com/gpr_files",
    ("GPR", "GPRT", "GPRA"),
    licence="free to use with citation of Caldara and Iacoviello (2022)",
    citation=GPR_NOTICE,
    meaning=_MEANING,
    url_variable="GPR_BASE_URL",
    # A personal page: two files at most, asked for again only if they changed.
    spacing_seconds=3.0,
    row_frequency="M",
)
"""The service."""
