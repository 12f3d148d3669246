"""Answers of DataMapper: a map of years by area and indicator, and the list of indicators."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from fg_core import SourceError
from fg_data.http import decode_json
from fg_data.sdmx import read_value

__all__ = ["Indicator", "read_indicators", "read_years"]

_YEAR = re.compile(r"[12]\d{3}")


class Indicator(msgspec.Struct, frozen=True):
    """Facts that DataMapper states about an indicator.

    Args:
        label: Title in words.
        source: Publication that the figures are from, with its edition.
        unit: Unit in words.
    """

    label: str | None = None
    source: str | None = None
    unit: str | None = None


class _Indicators(msgspec.Struct):
    indicators: dict[str, Indicator | None]


class _Values(msgspec.Struct):
    # Empty maps come as lists, and an empty key with null beside the indicator.
    values: dict[str, Any] | list[Any] | None = None


def read_indicators(body: bytes, *, what: str) -> dict[str, Indicator]:
    """Return the indicators by their codes.

    Args:
        body: Bytes of the answer.
        what: Name of the answer in messages.

    Returns:
        Facts by code; an indicator about which nothing is stated is left out.

    Raises:
        SourceError: Not laid out as documented.
    """
    found = decode_json(body, _Indicators, what=what).indicators
    return {code: facts for code, facts in found.items() if code and facts is not None}


def read_years(
    body: bytes, indicator: str, *, what: str
) -> dict[str, dict[datetime, float | None]]:
    """Return the figures of an indicator, by area and year.

    Args:
        body: Bytes of the answer.
        indicator: Code of the indicator.
        what: Name of the answer in messages.

    Returns:
        Figures by area and first moment of the year, actual and projected ones alike; none: the
        service has no such indicator or areas.

    Raises:
        SourceError: Not laid out as documented, another indicator, or what is no year or number.

    >>> body = b'{"values": {"X": {"USA": {"2024": 2.8}}, "": null}, "api": {"version": "1"}}'
    >>> read_years(body, "X", what="example")["USA"][datetime(2024, 1, 1, tzinfo=UTC)]
    2.8
    """
    values = _map(decode_json(body, _Values, what=what).values, what)
    others = [code for code, found in values.items() if found and code not in ("", indicator)]
    if others:
        raise SourceError(f"{what}: {others[0]!r} came, which was not asked for")
    found: dict[str, dict[datetime, float | None]] = {}
    for area, years in _map(values.get(indicator), what).items():
        read: dict[datetime, float | None] = {}
        for year, value in _map(years, what).items():
            if not _YEAR.fullmatch(year):
                raise SourceError(f"{what}: {year[:40]!r} of {area} is no year")
            start = datetime(int(year), 1, 1, tzinfo=UTC)
            read[start] = read_value(value, what=f"{what}, {area} {year}")
        if area and read:
            found[area] = read
    return found


def _map(value: Any, what: str) -> Mapping[str, Any]:
    if value is None or value == []:
        return {}
    if not isinstance(value, dict):
        raise SourceError(f"{what}: the answer is not laid out as documented: {str(value)[:40]!r}")
    return value
