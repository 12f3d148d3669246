"""Bodies of FRED, by a schema: rows with their real-time period, metadata, vintage dates, tags.

Values come as text, "." for a missing one, sometimes padded with zeros ("3.6300000000"); so the
number of digits says nothing about precision. Dates are the first day of a period, for weekly
series the last. Real-time periods are closed intervals of days.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Generic, TypeVar

import msgspec

from fg_core import SourceError
from fg_data.http import decode_json

from .metadata import SeriesMetadata, SeriesTag

T = TypeVar("T")

__all__ = [
    "FIRST_DAY",
    "LAST_DAY",
    "Page",
    "Row",
    "read_metadata",
    "read_observations",
    "read_release_dates",
    "read_release_id",
    "read_series_list",
    "read_tags",
    "read_vintage_dates",
]

FIRST_DAY = date(1776, 7, 4)
"""The service's earliest real-time day."""

LAST_DAY = date(9999, 12, 31)
"""The service's word for "still": the end of a real-time period that has not ended."""

_MISSING = "."
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)([+-]\d\d)", re.ASCII)

_Count = Annotated[int, msgspec.Meta(ge=0)]


@dataclass(frozen=True)
class Row:
    """One value for one period, and the days on which it was the published one.

    Args:
        day: The service's date of the period.
        value: None: marked as missing.
        first: First day on which it was the published one.
        last: Last day; `LAST_DAY`: it still is.
    """

    day: date
    value: float | None
    first: date
    last: date


@dataclass(frozen=True)
class Page(Generic[T]):
    """A page of a list, in the order of the service.

    Args:
        count: Items on all pages.
        offset: Items on the pages before this one.
        items: Items of this page.
    """

    count: int
    offset: int
    items: tuple[T, ...]


class _Observation(msgspec.Struct):
    realtime_start: date
    realtime_end: date
    date: date
    value: str


class _Observations(msgspec.Struct):
    count: _Count
    offset: _Count
    observations: list[_Observation]
    output_type: int = 1
    units: str = "lin"


class _Vintages(msgspec.Struct):
    count: _Count
    offset: _Count
    vintage_dates: list[date]


class _Series(msgspec.Struct):
    id: str
    title: str
    observation_start: date
    observation_end: date
    frequency: str
    frequency_short: str
    units: str
    seasonal_adjustment_short: str
    last_updated: str
    notes: str | None = None


class _SeriesList(msgspec.Struct):
    seriess: list[_Series]  # the service's spelling
    count: _Count = 1
    offset: _Count = 0


class _Release(msgspec.Struct):
    id: _Count


class _Releases(msgspec.Struct):
    releases: list[_Release]


class _ReleaseDate(msgspec.Struct):
    date: date


class _ReleaseDates(msgspec.Struct):
    count: _Count
    offset: _Count
    release_dates: list[_ReleaseDate]


class _Tag(msgspec.Struct):
    name: str
    group_id: str
    notes: str | None = None


class _Tags(msgspec.Struct):
    tags: list[_Tag]


def read_observations(body: bytes, *, what: str, units: str = "lin") -> Page[Row]:
    """Return the rows of a body of /series/observations (output type 1).

    Args:
        body: Bytes of the body.
        what: Name of the request in messages.
        units: Transformation that was asked for.

    Returns:
        Rows of one page in the unit of `units`, and how many there are in all.

    Raises:
        SourceError: The body is not laid out as documented, has another transformation, or a value
            is no finite number; the message names the row.
    """
    page = decode_json(body, _Observations, what=what)
    if page.output_type != 1:
        raise SourceError(
            f"{what}: rows with their real-time period were asked for (output type 1), type "
            f"{page.output_type} came"
        )
    if page.units != units:
        raise SourceError(f"{what}: units {units!r} were asked for, {page.units[:20]!r} came")
    rows = []
    for number, row in enumerate(page.observations, start=page.offset + 1):
        where = f"{what}: row {number} ({row.date})"
        if row.realtime_end < row.realtime_start:
            raise SourceError(f"{where}: its real-time period ends before it begins")
        value = _value(row.value, where)
        rows.append(Row(row.date, value, row.realtime_start, row.realtime_end))
    return Page(page.count, page.offset, tuple(rows))


def _value(text: str, where: str) -> float | None:
    if text == _MISSING:
        return None
    value = float(text) if _NUMBER.fullmatch(text) and len(text) <= 40 else math.nan
    if not math.isfinite(value):
        raise SourceError(f"{where}: value {text[:40]!r} is no finite number")
    return value


def read_vintage_dates(body: bytes, *, what: str) -> Page[date]:
    """Return the days of a body of /series/vintagedates.

    Args:
        body: Bytes of the body.
        what: Name of the request in messages.

    Returns:
        Days of one page, and how many there are in all.

    Raises:
        SourceError: The body is not laid out as documented.
    """
    page = decode_json(body, _Vintages, what=what)
    return Page(page.count, page.offset, tuple(page.vintage_dates))


def read_metadata(body: bytes, series_id: str, *, what: str) -> SeriesMetadata:
    """Return the facts that a body of /series states about a series.

    Args:
        body: Bytes of the body.
        series_id: Name of the series.
        what: Name of the request in messages.

    Returns:
        Title, frequency, unit and other facts.

    Raises:
        SourceError: The body is not laid out as documented, or is about another series.
    """
    found = read_series_list(body, what=what).items
    if len(found) != 1 or found[0].series_id != series_id:
        ids = ", ".join(one.series_id[:40] for one in found[:5]) or "none"
        raise SourceError(f"{what}: one series {series_id!r} was asked for, {ids} came")
    return found[0]


def read_series_list(body: bytes, *, what: str) -> Page[SeriesMetadata]:
    """Return the series of a body of /series, /series/search or another list of series.

    Args:
        body: Bytes of the body.
        what: Name of the request in messages.

    Returns:
        Metadata of one page, and how many series there are in all.

    Raises:
        SourceError: The body is not laid out as documented.
    """
    page = decode_json(body, _SeriesList, what=what)
    return Page(page.count, page.offset, tuple(_about(one, what) for one in page.seriess))


def _about(one: _Series, what: str) -> SeriesMetadata:
    return SeriesMetadata(
        one.id,
        one.title,
        one.frequency,
        one.frequency_short,
        one.units,
        one.seasonal_adjustment_short,
        one.observation_start,
        one.observation_end,
        _moment(one.last_updated, what),
        one.notes or "",
    )


def _moment(text: str, what: str) -> datetime:
    # "2024-10-30 07:54:01-05": an offset without minutes.
    parts = _MOMENT.fullmatch(text)
    if parts:
        try:
            return datetime.fromisoformat(f"{parts[1]}T{parts[2]}{parts[3]}:00")
        except ValueError:
            pass  # a thirteenth month, a 25th hour: reported below
    raise SourceError(f"{what}: last_updated {text[:40]!r} is no date and time")


def read_release_id(body: bytes, *, what: str) -> int:
    """Return the number of the release in a body of /series/release.

    Args:
        body: Bytes of the body.
        what: Name of the request in messages.

    Returns:
        Whole number by which the service knows the release.

    Raises:
        SourceError: The body is not laid out as documented, or has not one release.
    """
    releases = decode_json(body, _Releases, what=what).releases
    if len(releases) != 1:
        raise SourceError(f"{what}: one release was asked for, {len(releases)} came")
    return releases[0].id


def read_release_dates(body: bytes, *, what: str) -> Page[date]:
    """Return the days of a body of /release/dates.

    Args:
        body: Bytes of the body.
        what: Name of the request in messages.

    Returns:
        Days of one page, and how many there are in all.

    Raises:
        SourceError: The body is not laid out as documented.
    """
    page = decode_json(body, _ReleaseDates, what=what)
    return Page(page.count, page.offset, tuple(one.date for one in page.release_dates))


def read_tags(body: bytes, *, what: str) -> tuple[SeriesTag, ...]:
    """Return the labels in a body of /series/tags.

    Args:
        body: Bytes of the body.
        what: Name of the request in messages.

    Returns:
        One entry per label.

    Raises:
        SourceError: The body is not laid out as documented.
    """
    tags = decode_json(body, _Tags, what=what).tags
    return tuple(SeriesTag(tag.name, tag.group_id, tag.notes or "") for tag in tags)
