"""Data messages of SDMX, as CSV and as JSON: what statistical offices and central banks send.

A reader of our own, because the libraries for it (`sdmx1`, `pandasdmx`) bring pandas, lxml and
requests of their own, without the bounds, retries and paces of `fg_data.http`; what is needed of
the standard is two layouts of rows.
"""

from __future__ import annotations

from .csv_message import SDMX_CSV, read_sdmx_csv
from .json_message import SDMX_JSON, read_sdmx_json
from .series import SdmxSeries, read_value
from .time_period import read_time_period

__all__ = [
    "SDMX_CSV",
    "SDMX_JSON",
    "SdmxSeries",
    "read_sdmx_csv",
    "read_sdmx_json",
    "read_time_period",
    "read_value",
]
