"""FRED as a service: its address, pace and default series, and what must be said of its data."""

from __future__ import annotations

from fg_data.histories import DataService

from .metadata import SeriesMetadata
from .provenance import FRED_NOTICE, SOURCE_NAME, provenance_of
from .refusals import KEY_VARIABLE

__all__ = ["BASE_URL", "DEFAULT_SERIES", "FRED", "URL_VARIABLE"]

BASE_URL = "https://api.stlouisfed.org/fred"
URL_VARIABLE = "FRED_BASE_URL"

DEFAULT_SERIES = ("CPIAUCSL", "GDP", "UNRATE", "FEDFUNDS", "T10YIE")
"""Consumer prices, gross domestic product, unemployment, policy rate, breakeven inflation."""

FRED = DataService(
    SOURCE_NAME,
    "FRED",
    BASE_URL,
    DEFAULT_SERIES,
    SeriesMetadata,
    provenance_of,
    url_variable=URL_VARIABLE,
    key_variable=KEY_VARIABLE,
    # 120 requests per minute and key, and two per second.
    spacing_seconds=0.55,
    row_frequency="M",
    required_notices=(FRED_NOTICE,),
)
"""The service."""
