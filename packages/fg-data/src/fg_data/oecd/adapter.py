"""The source `oecd`: composite leading indicators."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import KW_ONLY, dataclass
from typing import ClassVar
from urllib.parse import quote

from fg_core import ConfigError, ForecastGameError, SourceError
from fg_core.errors import UnknownSeriesError
from fg_data.histories import DataService, SeriesDescription, Snapshot, SnapshotAdapter, Span
from fg_data.http import require_content
from fg_data.sdmx import SDMX_CSV, SDMX_JSON, SdmxSeries, read_sdmx_csv, read_sdmx_json

from .service import OECD

__all__ = ["OECDCLIAdapter"]

_NAME = re.compile(r"[A-Z0-9]{3,8}")
_HINT = "names are areas in capitals, such as USA or G20; about twenty countries have an indicator"
_FLOW = ("OECD.SDD.STES", "DSD_STES@DF_CLI")
# Month, leading indicator, amplitude adjusted, index, by the harmonised method; the rest is open.
_DIMENSIONS = (
    *("REF_AREA", "FREQ", "MEASURE", "UNIT_MEASURE", "ACTIVITY", "ADJUSTMENT", "TRANSFORMATION"),
    *("TIME_HORIZ", "METHODOLOGY"),
)
_WANTED = {
    "FREQ": "M",
    "MEASURE": "LI",
    "ADJUSTMENT": "AA",
    "TRANSFORMATION": "IX",
    "METHODOLOGY": "H",
}
_STYLES = ("v1", "v2")
_FORMATS = {
    # Content types; the value of `format` in the first style, the type with its version in the
    # second one.
    "csv": (SDMX_CSV, "csvfile", "application/vnd.sdmx.data+csv; version=2.0.0"),
    "json": (SDMX_JSON, "jsondata", "application/vnd.sdmx.data+json; version=2.0.0"),
}
_UNITS = "Index"
# Published in the second week of the month after.
_RELEASE_LAG = 15


@dataclass(frozen=True)
class OECDCLIAdapter(SnapshotAdapter[SeriesDescription]):
    """Composite leading indicators of the OECD, amplitude adjusted, by area.

    The whole history is filtered and scaled anew every month, and the service keeps no vintages, so
    one answer is one vintage. All areas of a call are asked for together.

    Args:
        base_url: Address of the service; empty: that of the environment variable OECD_BASE_URL, or
            the service's own.
        transport: Transport of the requests; None: at the pace of the service.
        clock: Function that returns the present moment, with a time zone.
        style: Style of the address: "v1" or "v2" of SDMX-REST.
        message: Format of the answer: "csv" or "json".
        version: Version of the dataflow.

    Raises:
        ConfigError: An unknown style or format.
    """

    service: ClassVar[DataService[SeriesDescription]] = OECD

    _: KW_ONLY
    style: str = "v1"
    message: str = "csv"
    version: str = "4.1"

    def __post_init__(self) -> None:
        if self.style not in _STYLES:
            raise ConfigError(f"style is {' or '.join(_STYLES)}, got {self.style!r}")
        if self.message not in _FORMATS:
            raise ConfigError(f"message is {' or '.join(_FORMATS)}, got {self.message!r}")

    def _ask(
        self, names: Sequence[str], span: Span
    ) -> Mapping[str, Snapshot[SeriesDescription] | ForecastGameError]:
        areas = [name for name in names if _NAME.fullmatch(name)]
        found: dict[str, SdmxSeries] = {}
        if areas:
            # Where the service has none of them, each is told of below.
            with suppress(UnknownSeriesError):
                found = self._series(areas, span)
        return {
            name: (
                Snapshot(
                    found[name].values,
                    found[name].frequency,
                    SeriesDescription(name, f"Composite leading indicator, {name}", _UNITS),
                    _RELEASE_LAG,
                )
                if name in found
                else UnknownSeriesError(f"the OECD has no leading indicator {name!r}: {_HINT}")
            )
            for name in names
        }

    def _series(self, areas: Sequence[str], span: Span) -> dict[str, SdmxSeries]:
        what = f"OECD leading indicators of {', '.join(areas)}"
        types, format_name, versioned = _FORMATS[self.message]
        agency, flow = _FLOW
        key = {**_WANTED, "REF_AREA": "+".join(areas)}
        bounds = [None if at is None else f"{at:%Y-%m}" for at in (span.start, span.end)]
        headers: dict[str, str] = {}
        if self.style == "v1":
            codes = ".".join(key.get(name, "") for name in _DIMENSIONS)
            path = f"data/{agency},{quote(flow)},{self.version}/{codes}"
            named = zip(("startPeriod", "endPeriod"), bounds, strict=True)
            params = {"format": format_name} | {name: at for name, at in named if at}
        else:
            codes = ".".join(key.get(name, "*") for name in _DIMENSIONS)
            path = f"v2/data/dataflow/{agency}/{quote(flow)}/{self.version}/{codes}"
            # One parameter with both bounds: of two parameters, the service ignores the second.
            both = [f"{op}:{at}" for op, at in zip(("ge", "le"), bounds, strict=True) if at]
            params = {"c[TIME_PERIOD]": "+".join(both)} if both else {}
            params["dimensionAtObservation"] = "TIME_PERIOD"
            headers = {"Accept": versioned}
        response = self._transport().get(
            f"{self._address()}/{path}", params, accept=types, headers=headers
        )
        body = require_content(response, what=what, hint=_HINT)
        if self.message == "csv":
            series = read_sdmx_csv(body, _DIMENSIONS, what=what)
        else:
            series, _ = read_sdmx_json(body, what=what)
        found: dict[str, SdmxSeries] = {}
        for one in series:
            area = one.key.get("REF_AREA", "")
            if area not in areas or any(one.key.get(n) != code for n, code in _WANTED.items()):
                raise SourceError(
                    f"{what}: {'.'.join(one.key.values())} came, which was not asked for"
                )
            if area in found:
                raise SourceError(f"{what}: {area} has two indicators of the same kind")
            found[area] = one
        return found
