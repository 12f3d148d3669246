"""The requests that FRED knows, each as one method: what is asked, all pages, typed answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from itertools import pairwise
from typing import TypeVar

from fg_core import SourceError
from fg_data.http import Response, Transport

from .metadata import SeriesMetadata, SeriesTag
from .realtime import in_order
from .refusals import refusal
from .wire import (
    Page,
    Row,
    read_metadata,
    read_observations,
    read_release_dates,
    read_release_id,
    read_series_list,
    read_tags,
    read_vintage_dates,
)

__all__ = ["FredClient"]

_OK = 200
_ROWS_PER_PAGE = 100_000
_DAYS_PER_PAGE = 10_000


T = TypeVar("T")


@dataclass(frozen=True)
class FredClient:
    """Asks FRED.

    Args:
        base_url: Address of the service, without a slash at its end.
        api_key: The key.
        transport: Asks over HTTP.
    """

    base_url: str
    api_key: str = field(repr=False)
    transport: Transport = field(repr=False)

    def metadata(self, series_id: str) -> SeriesMetadata:
        """Return the facts that the service states about a series.

        Returns:
            Title, frequency, unit and other facts.

        Raises:
            UnknownSeriesError: No such series.
            SourceError: The service refuses, fails, or sends what cannot be used.
        """
        what = f"FRED series {series_id}"
        response = self._get("series", {"series_id": series_id}, what)
        return read_metadata(response.body, series_id, what=what)

    def tags(self, series_id: str) -> tuple[SeriesTag, ...]:
        """Return the labels of a series, its copyright among them.

        Returns:
            One entry per label.

        Raises:
            UnknownSeriesError: No such series.
            SourceError: The service refuses, fails, or sends what cannot be used.
        """
        what = f"FRED tags of {series_id}"
        response = self._get("series/tags", {"series_id": series_id}, what)
        return read_tags(response.body, what=what)

    def search(self, text: str, limit: int) -> tuple[SeriesMetadata, ...]:
        """Return series whose names or descriptions have certain words, the likeliest first.

        Returns:
            Metadata of at most `limit` series.

        Raises:
            SourceError: The service refuses, fails, or sends what cannot be used.
        """
        what = f"FRED search for {text!r}"
        params = {"search_text": text, "limit": str(limit)}
        return read_series_list(self._get("series/search", params, what).body, what=what).items

    def release_dates(self, series_id: str) -> tuple[date, ...]:
        """Return the days on which the release that carries a series came out, rising.

        Returns:
            Dates of the calendar, without a time zone.

        Raises:
            UnknownSeriesError: No such series.
            SourceError: The service refuses, fails, or sends what cannot be used.
        """
        what = f"FRED release dates of {series_id}"
        response = self._get("series/release", {"series_id": series_id}, what)
        release = str(read_release_id(response.body, what=what))
        return self._all_pages(
            "release/dates",
            {"release_id": release, "sort_order": "asc", "limit": str(_DAYS_PER_PAGE)},
            what,
            partial(read_release_dates, what=what),
        )

    def vintage_dates(self, series_id: str) -> tuple[date, ...]:
        """Return the days on which the archive took something new in, rising.

        Returns:
            Dates of the calendar, without a time zone.

        Raises:
            UnknownSeriesError: No such series.
            NoVintagesError: The series is not archived.
            SourceError: The service refuses, fails, or sends what cannot be used.
        """
        what = f"FRED vintage dates of {series_id}"
        days = self._all_pages(
            "series/vintagedates",
            {"series_id": series_id, "sort_order": "asc", "limit": str(_DAYS_PER_PAGE)},
            what,
            partial(read_vintage_dates, what=what),
        )
        if any(later <= earlier for earlier, later in pairwise(days)):
            raise SourceError(f"{what}: they do not rise, although that was asked for")
        return days

    def observations(
        self,
        series_id: str,
        *,
        start: date | None = None,
        end: date | None = None,
        realtime: tuple[date, date] | None = None,
        units: str = "lin",
        frequency: str | None = None,
        aggregation: str = "avg",
    ) -> tuple[Row, ...]:
        """Return rows with the days on which they held, by date.

        Args:
            series_id: Name of the series.
            start: First date; the service may send a row that lies before it.
            end: Last date.
            realtime: First and last day of the archive; None: as it is today.
            units: Transformation at the service.
            frequency: Lower frequency to aggregate to at the service, by its code.
            aggregation: "avg", "sum" or "eop".

        Returns:
            Rows in the unit that the transformation gives.

        Raises:
            UnknownSeriesError: No such series.
            NoVintagesError: The archive has nothing of the series in those days.
            SourceError: The service refuses, fails, or sends what cannot be used.
        """
        what = f"FRED observations of {series_id}"
        params = {
            "series_id": series_id,
            "sort_order": "asc",
            "output_type": "1",
            "units": units,
            "limit": str(_ROWS_PER_PAGE),
        }
        if start is not None:
            params["observation_start"] = start.isoformat()
        if end is not None:
            params["observation_end"] = end.isoformat()
        if realtime is not None:
            params["realtime_start"], params["realtime_end"] = (d.isoformat() for d in realtime)
        if frequency is not None:
            params |= {"frequency": frequency, "aggregation_method": aggregation}

        read = partial(read_observations, what=what, units=units)
        rows = self._all_pages("series/observations", params, what, read)
        return in_order(rows, what=what)

    def _all_pages(
        self,
        path: str,
        params: Mapping[str, str],
        what: str,
        read: Callable[[bytes], Page[T]],
    ) -> tuple[T, ...]:
        """Return the items of all pages: a first page alone would be a series cut short."""
        items: list[T] = []
        count = 0
        while not items or len(items) < count:
            asked = {**params, "offset": str(len(items))} if items else params
            page = read(self._get(path, asked, what).body)
            if items and page.count != count:
                raise SourceError(
                    f"{what}: the list changed from {count} to {page.count} items while it was "
                    "read; ask again"
                )
            count = page.count
            if page.offset != len(items):
                raise SourceError(
                    f"{what}: items from number {len(items)} on were asked for, those from "
                    f"{page.offset} on came"
                )
            if not page.items and len(items) < count:
                raise SourceError(
                    f"{what}: {count} items are announced, and only {len(items)} come"
                )
            items += page.items
            if not page.items:
                break
        if len(items) > count:
            raise SourceError(f"{what}: {count} items are announced, and {len(items)} come")
        return tuple(items)

    def _get(self, path: str, params: Mapping[str, str], what: str) -> Response:
        secrets = {"api_key": self.api_key}
        asked = {**params, "file_type": "json"}
        response = self.transport.get(f"{self.base_url}/{path}", asked, secrets=secrets)
        if response.status != _OK:
            series_id = params.get("series_id", "")
            raise refusal(response, series_id=series_id, what=what, secrets=tuple(secrets.values()))
        return response
