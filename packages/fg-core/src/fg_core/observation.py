"""Data as they were known: observations, and their provenance."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from datetime import datetime
from numbers import Real

from .errors import DataError
from .frozen import FrozenMapping, frozen_mapping

__all__ = ["Observation", "Provenance", "require_finite"]

_NOTHING: Mapping[str, float] = frozen_mapping()


@dataclass(frozen=True)
class Observation:
    """One value of one series: the period that it describes, and when it could first be known.

    Args:
        timestamp: First moment of the period, with a time zone.
        value: Value in the unit of the series, finite (a missing value is a missing row).
        macro_context: Other columns as they had been published by `available_at`.
        available_at: Moment the value could first be known, with a time zone; not before
            the period begins.
        series_id: Name of the series.
        source: Name of the source.
        segment_id: Name of the segment, if the series is one.
        segment_values: Value per segment; they add up to `value`.

    Raises:
        DataError: A moment without a time zone, a number that is not finite, or a value known
            before its period began.
    """

    timestamp: datetime
    value: float
    macro_context: Mapping[str, float]
    available_at: datetime
    series_id: str
    source: str
    segment_id: str = ""
    segment_values: Mapping[str, float] = field(default_factory=lambda: frozen_mapping())

    def __post_init__(self) -> None:
        # A panel has hundreds of thousands of rows: what is right is seen at a glance, and a
        # message is put together for what is not.
        value, period, known = self.value, self.timestamp, self.available_at
        if (
            self.macro_context is _NOTHING
            and self.segment_values is _NOTHING
            and type(value) is float
            and math.isfinite(value)
            and type(period) is type(known) is datetime
            and period.tzinfo is not None
            and known.tzinfo is not None
            and known >= period
        ):
            return
        for name in ("macro_context", "segment_values"):
            numbers = getattr(self, name)
            if type(numbers) is not FrozenMapping:
                object.__setattr__(self, name, frozen_mapping(numbers))
        self._check()

    def _check(self) -> None:
        where = f"series {self.series_id!r} of {self.source!r}"
        for name in ("timestamp", "available_at"):
            moment = getattr(self, name)
            if not isinstance(moment, datetime):
                raise DataError(f"{where}: {name} must be a datetime, got {moment!r}")
            if moment.tzinfo is None:
                raise DataError(f"{where}: {name} {moment} has no time zone")
        where += f" at {self.timestamp.date()}"
        require_finite(where, "value", self.value, "leave missing rows out")
        for kind, numbers in (("context", self.macro_context), ("segment", self.segment_values)):
            for name, number in numbers.items():
                require_finite(where, f"{kind} {name!r}", number, "leave what is missing out")
        if self.available_at < self.timestamp:
            raise DataError(f"{where}: available at {self.available_at}, before the period began")


def require_finite(where: str, what: str, number: object, remedy: str) -> None:
    """Refuse what is not a finite number.

    Args:
        where: Row that it is in, in words.
        what: Name of the number.
        number: Number of a row.
        remedy: What to do instead, in words.

    Raises:
        DataError: It is no number, or not finite.
    """
    if type(number) is float and math.isfinite(number):
        return
    if isinstance(number, bool) or not isinstance(number, Real) or not math.isfinite(number):
        raise DataError(f"{where}: {what} is {number!r}, not a finite number; {remedy}")


@dataclass(frozen=True)
class Provenance:
    """Origin of data, and what a reader of a result made from them must know.

    Args:
        source: Name of the source.
        description: Description in one line.
        licence: Terms of use in short.
        vintage: Name of the vintage; "one revised vintage" where revisions are not in the data.
        is_synthetic: Whether the numbers are made up.
        fallback_for: Name of the source that was asked for, where this one stands in for it.
        notices: Notices and citations that must appear wherever the data do, and warnings.
        details: Facts for machines, such as the size and the checksum of a file.
    """

    source: str
    description: str
    licence: str
    vintage: str
    _: KW_ONLY
    is_synthetic: bool = False
    fallback_for: str = ""
    notices: tuple[str, ...] = ()
    details: Mapping[str, str | int] = field(default_factory=lambda: frozen_mapping())

    def __post_init__(self) -> None:
        object.__setattr__(self, "notices", tuple(self.notices))
        object.__setattr__(self, "details", frozen_mapping(self.details))
