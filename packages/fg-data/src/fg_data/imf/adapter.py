"""The source `imf`: actual figures of DataMapper and of the SDMX service, without projections."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import ClassVar

from fg_core import DataError, ForecastGameError, SourceError
from fg_core.errors import UnknownSeriesError
from fg_data.histories import DataService, SeriesDescription, Snapshot, SnapshotAdapter, Span
from fg_data.http import JSON, require_content
from fg_data.sdmx import SDMX_JSON, read_sdmx_json

from .datamapper import Indicator, read_indicators, read_years
from .outlook import ImfOutlook, is_outlook, last_actual_year, split_outlook, year_of_attribute
from .service import IMF, SDMX_URL, SDMX_URL_VARIABLE

__all__ = ["ImfAdapter"]

_DATAMAPPER = re.compile(r"(?P<indicator>[A-Za-z0-9_@]{2,40})\.(?P<area>[A-Z0-9]{2,12})")
_SDMX = re.compile(
    r"(?P<agency>[A-Z][A-Z0-9.]*)/(?P<flow>[A-Za-z0-9_]+)(?:/(?P<version>[0-9.]+))?"
    r"/(?P<key>[A-Za-z0-9_]+(?:\.[A-Za-z0-9_]+)+)"
)
_HINT = (
    "names are INDICATOR.AREA of DataMapper, such as NGDP_RPCH.USA, or AGENCY/FLOW/KEY of the data "
    "portal, such as IMF.RES/WEO/USA.NGDP_RPCH.A, without wildcards"
)
_LATEST = "LATEST_ACTUAL_ANNUAL_DATA"
_UNIT = "UNIT"
# A year is taken for actual in the edition of October after it; months and quarters come sooner.
_RELEASE_LAGS = {"Y": 300, "Q": 120, "M": 60}
_OTHER_LAG = 30


@dataclass(frozen=True)
class ImfAdapter(SnapshotAdapter[SeriesDescription]):
    """Figures of the International Monetary Fund: DataMapper, and the data portal by SDMX.

    A name is an indicator and an area of DataMapper ("NGDP_RPCH.USA"), or agency, flow and key of
    the data portal ("IMF.RES/WEO/USA.NGDP_RPCH.A"; a version may stand before the key). Histories
    have actual figures alone; `outlook` has the projections as well, apart.

    Args:
        base_url: Address of DataMapper; empty: that of the environment variable IMF_BASE_URL, or
            the service's own.
        transport: Transport of the requests; None: at the pace of the service.
        clock: Function that returns the present moment, with a time zone.
        sdmx_url: Address of the data portal; empty: that of the environment variable
            IMF_SDMX_BASE_URL, or the service's own.
    """

    service: ClassVar[DataService[SeriesDescription]] = IMF

    _: KW_ONLY
    sdmx_url: str = ""

    def outlook(self, series_id: str) -> ImfOutlook:
        """Return the figures of a series as the service has them now, projections apart.

        Args:
            series_id: Name of the series.

        Returns:
            Actual and projected figures, in the unit of the series.

        Raises:
            UnknownSeriesError: No such series.
            SourceError: The service refuses, fails, or sends what cannot be used.
        """
        found = self._outlooks((series_id,))[series_id]
        if isinstance(found, ForecastGameError):
            raise found
        return found

    def _ask(
        self,
        names: Sequence[str],
        span: Span,  # noqa: ARG002 - years are few, and bounds are applied to what comes
    ) -> Mapping[str, Snapshot[SeriesDescription] | ForecastGameError]:
        found: dict[str, Snapshot[SeriesDescription] | ForecastGameError] = {}
        for name, one in self._outlooks(names).items():
            if isinstance(one, ForecastGameError):
                found[name] = one
            elif not one.actual:
                found[name] = DataError(
                    f"series {name!r} of the IMF has no actual figures: all are estimates or "
                    "projections (`ImfAdapter().outlook` has them)"
                )
            else:
                about = SeriesDescription(name, one.title, one.units, edition=one.edition)
                lag = _RELEASE_LAGS.get(one.frequency, _OTHER_LAG)
                found[name] = Snapshot(one.actual, one.frequency, about, lag)
        return found

    def _outlooks(self, names: Sequence[str]) -> dict[str, ImfOutlook | ForecastGameError]:
        found: dict[str, ImfOutlook | ForecastGameError] = {}
        by_indicator: dict[str, list[tuple[str, str]]] = {}
        for name in names:
            if match := _DATAMAPPER.fullmatch(name):
                by_indicator.setdefault(match["indicator"], []).append((name, match["area"]))
            elif match := _SDMX.fullmatch(name):
                try:
                    found[name] = self._from_portal(name, match)
                except ForecastGameError as error:
                    found[name] = error
            else:
                found[name] = UnknownSeriesError(f"the IMF has no series {name!r}: {_HINT}")
        if by_indicator:
            try:
                facts = self._indicators()
            except ForecastGameError as error:
                listed = [name for pairs in by_indicator.values() for name, _ in pairs]
                found |= dict.fromkeys(listed, error)
                by_indicator = {}
        for indicator, pairs in by_indicator.items():
            try:
                found |= self._from_datamapper(indicator, dict(pairs), facts.get(indicator))
            except ForecastGameError as error:
                found |= {name: error for name, _ in pairs}
        return {name: found[name] for name in names}

    # ------------------------------------------------------------------------ DataMapper

    def _indicators(self) -> dict[str, Indicator]:
        what = "IMF list of indicators"
        response = self._transport().get(f"{self._address()}/indicators", {}, accept=JSON)
        return read_indicators(require_content(response, what=what), what=what)

    def _from_datamapper(
        self, indicator: str, areas: Mapping[str, str], facts: Indicator | None
    ) -> dict[str, ImfOutlook | ForecastGameError]:
        what = f"IMF indicator {indicator}"
        if facts is None:
            raise UnknownSeriesError(f"the IMF has no indicator {indicator!r}: {_HINT}")
        url = "/".join((self._address(), indicator, *areas.values()))
        response = self._transport().get(url, {}, accept=JSON)
        years = read_years(require_content(response, what=what, hint=_HINT), indicator, what=what)
        now, edition = self.clock(), facts.source or ""
        # An area that stops early is of the same edition as those that go on.
        outlook = is_outlook((year for found in years.values() for year in found), "Y", now)
        last = last_actual_year(edition, outlook=outlook, now=now)
        found: dict[str, ImfOutlook | ForecastGameError] = {}
        for name, area in areas.items():
            if area not in years:
                found[name] = UnknownSeriesError(f"the IMF has no {indicator} of {area!r}: {_HINT}")
                continue
            actual, projected = split_outlook(years[area], "Y", last, now)
            title = f"{facts.label or indicator}, {area}"
            found[name] = ImfOutlook(name, "Y", actual, projected, facts.unit or "", title, edition)
        return found

    # ------------------------------------------------------------------------ data portal

    def _from_portal(self, name: str, parts: re.Match[str]) -> ImfOutlook:
        what = f"IMF series {name}"
        base = self.sdmx_url or os.environ.get(SDMX_URL_VARIABLE, "").strip() or SDMX_URL
        flow = f"{parts['agency']}/{parts['flow']}/{parts['version'] or '+'}"
        params = {
            "dimensionAtObservation": "TIME_PERIOD",
            "attributes": "dsd",
            "measures": "all",
        }
        url = f"{base.rstrip('/')}/data/dataflow/{flow}/{parts['key']}"
        response = self._transport().get(url, params, accept=SDMX_JSON)
        body = require_content(response, what=what, hint=_HINT)
        series, attributes = read_sdmx_json(body, attributes=(_LATEST, _UNIT), what=what)
        if not series:
            raise UnknownSeriesError(f"{what}: the service has no data; {_HINT}")
        codes = ".".join(series[0].key.values())
        if len(series) > 1 or codes != parts["key"]:
            raise SourceError(f"{what}: {codes} came, which was not asked for")
        (one,) = series
        now = self.clock()
        if _LATEST in attributes:
            last = year_of_attribute(one.attributes.get(_LATEST, ""))
        else:
            outlook = is_outlook(one.values, one.frequency, now)
            last = last_actual_year("", outlook=outlook, now=now)
        actual, projected = split_outlook(one.values, one.frequency, last, now)
        units = one.attributes.get(_UNIT, "")
        return ImfOutlook(name, one.frequency, actual, projected, units, name)
