"""The source `bis`: policy rates of central banks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from fg_core import ForecastGameError, SourceError
from fg_core.errors import UnknownSeriesError
from fg_data.histories import DataService, SeriesDescription, Snapshot, SnapshotAdapter, Span
from fg_data.http import map_concurrently, require_content
from fg_data.sdmx import SDMX_CSV, read_sdmx_csv

from .service import BIS

__all__ = ["BISPolicyRateAdapter"]

_NAME = re.compile(r"(?:(?P<frequency>[DM])\.)?(?P<area>[A-Z0-9]{2})")
_HINT = (
    "areas are two capital letters (US, GB, XM for the euro area), daily rates are D.US; "
    "https://data.bis.org/topics/CBPOL lists them"
)
_DIMENSIONS = ("FREQ", "REF_AREA")
_TITLE = "TITLE"
_UNITS = "Percent per Year"
_WORDS = {"D": "daily", "M": "monthly"}
_SPANS = {"D": "%Y-%m-%d", "M": "%Y-%m"}
# The file of all rates is updated once a week.
_RELEASE_LAG = 7
_WORKERS = 3


@dataclass(frozen=True)
class BISPolicyRateAdapter(SnapshotAdapter[SeriesDescription]):
    """Policy rates of central banks, monthly and daily, by the BIS.

    A name is an area ("US", "XM" for the euro area), whose rate at the end of each month is meant,
    or a frequency and an area ("D.US" for days, weekends among them). Zero and negative rates are
    rates; a period that the service marks as missing is missing. Rates are assumed to have been
    known a week after the period, since the file of them is updated weekly; announcements are
    earlier.

    Args:
        base_url: Address of the service; empty: that of the environment variable BIS_BASE_URL, or
            the service's own.
        transport: Transport of the requests; None: at the pace of the service.
        clock: Function that returns the present moment, with a time zone.
    """

    service: ClassVar[DataService[SeriesDescription]] = BIS

    def _ask(
        self, names: Sequence[str], span: Span
    ) -> Mapping[str, Snapshot[SeriesDescription] | ForecastGameError]:
        # A request per series: one area's file can be of megabytes.
        ask = partial(self._one, span=span)
        return dict(zip(names, map_concurrently(ask, names, _WORKERS), strict=True))

    def _one(self, name: str, *, span: Span) -> Snapshot[SeriesDescription] | ForecastGameError:
        try:
            return self._snapshot(name, span)
        except ForecastGameError as error:
            return error

    def _snapshot(self, name: str, span: Span) -> Snapshot[SeriesDescription]:
        match = _NAME.fullmatch(name)
        if match is None:
            raise UnknownSeriesError(f"the BIS has no policy rate {name!r}: {_HINT}")
        code, area = match["frequency"] or "M", match["area"]
        params = {"format": "csv"}
        if code == "D":
            params["detail"] = "dataonly"  # a day's row has kilobytes of text otherwise
        for parameter, bound in (("startPeriod", span.start), ("endPeriod", span.end)):
            if bound is not None:
                params[parameter] = bound.strftime(_SPANS[code])
        what = f"BIS policy rate {name}"
        url = f"{self._address()}/data/dataflow/BIS/WS_CBPOL/1.0/{code}.{area}"
        response = self._transport().get(url, params, accept=SDMX_CSV)
        body = require_content(response, what=what, hint=_HINT)
        series = read_sdmx_csv(body, _DIMENSIONS, attributes=(_TITLE,), what=what)
        if not series:
            raise UnknownSeriesError(f"{what}: the service has no rows; {_HINT}")
        others = [one.key for one in series if one.key != {"FREQ": code, "REF_AREA": area}]
        if others:
            raise SourceError(
                f"{what}: {'.'.join(others[0].values())} came, which was not asked for"
            )
        (one,) = series
        title = one.attributes.get(_TITLE) or f"Central bank policy rate, {area}, {_WORDS[code]}"
        about = SeriesDescription(name, title, _UNITS)
        return Snapshot(one.values, one.frequency, about, _RELEASE_LAG)
