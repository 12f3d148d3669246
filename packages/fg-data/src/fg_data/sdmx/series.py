"""A series of an SDMX message, and its rows as they are collected."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from fg_core import SourceError, frozen_mapping
from fg_core.mappings import FrozenMapping

from .time_period import read_time_period

__all__ = ["SdmxSeries", "SeriesRows", "read_value"]

_FREQUENCY = ("FREQ", "FREQUENCY")
_STATUS = "OBS_STATUS"
_MISSING = "M"
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")


@dataclass(frozen=True)
class SdmxSeries:
    """One series of a message.

    Args:
        key: Code of the series in each dimension, by the name of the dimension.
        frequency: One of `fg_core.calendar.FREQUENCIES`.
        values: Values by first moment of the period, in the order of the periods; None: missing.
        attributes: Attributes that were asked for and have a value. Of one that differs from row
            to row, it is the one of the last period.
    """

    key: Mapping[str, str]
    frequency: str
    values: Mapping[datetime, float | None]
    attributes: Mapping[str, str] = field(default_factory=FrozenMapping)

    def __post_init__(self) -> None:
        for name in ("key", "values", "attributes"):
            object.__setattr__(self, name, frozen_mapping(getattr(self, name)))


def read_value(value: object, *, what: str) -> float | None:
    """Return a value that is a number, a text with one, or a mark that it is missing.

    Args:
        value: Value as it was sent.
        what: Name of the answer in messages.

    Returns:
        Finite number; None for nothing, an empty text and "NaN".

    Raises:
        SourceError: Anything else.

    >>> read_value("-0.1", what="example"), read_value(" NaN ", what="example")
    (-0.1, None)
    """
    if value is None:
        return None
    if isinstance(value, str):
        text = value.strip()
        if text.lower() in ("", "nan"):
            return None
        number = float(text) if _NUMBER.fullmatch(text) else math.nan
    elif isinstance(value, int | float) and not isinstance(value, bool):
        number = float(value)
    else:
        number = math.nan
    if not math.isfinite(number):
        raise SourceError(f"{what}: {str(value)[:40]!r} is no number")
    return number


class SeriesRows:
    """Rows of one series, in whatever order they come.

    Args:
        key: Code of the series in each dimension.
        what: Name of the answer in messages.
    """

    def __init__(self, key: Mapping[str, str], what: str) -> None:
        self._key = key
        self._what = what
        self._code = next((key[name] for name in _FREQUENCY if name in key), "")
        self._frequency = ""
        self._values: dict[datetime, float | None] = {}
        self._attributes: dict[str, tuple[datetime, str]] = {}

    def add(self, period: str, value: object, attributes: Mapping[str, str]) -> None:
        """Take a row.

        Raises:
            SourceError: A period, value or frequency that cannot be, or another value of a period.
        """
        frequency, start = read_time_period(period, self._code, what=self._what)
        if self._frequency not in ("", frequency):
            raise SourceError(
                f"{self._what}: periods of two frequencies are in one series ({period!r} is one)"
            )
        self._frequency = frequency
        number = read_value(value, what=f"{self._what}, {period}")
        if attributes.get(_STATUS) == _MISSING:
            number = None
        if start in self._values and self._values[start] != number:
            raise SourceError(f"{self._what}: {period} has two values")
        self._values[start] = number
        for name, text in attributes.items():
            known = self._attributes.get(name)
            if text and (known is None or start >= known[0]):
                self._attributes[name] = (start, text)

    def series(self) -> SdmxSeries:
        """Return the series, with its periods in order.

        Returns:
            Series of the rows so far.
        """
        values = {start: self._values[start] for start in sorted(self._values)}
        attributes = {name: text for name, (_, text) in self._attributes.items()}
        return SdmxSeries(self._key, self._frequency, values, attributes)
