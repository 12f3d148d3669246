"""Spans of periods and moments of knowledge, as people give them: dates, or moments with a zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from fg_core import DataError

__all__ = ["Span", "moment_of"]

_WEEK = timedelta(days=6)


@dataclass(frozen=True)
class Span:
    """First and last period, both included.

    Args:
        start: First moment; None: from the beginning.
        end: Last moment at which a period may begin; None: to the end.
    """

    start: datetime | None = None
    end: datetime | None = None

    @classmethod
    def of(cls, start: date | datetime | None, end: date | datetime | None) -> Span:
        """Return a span between dates or moments.

        Returns:
            Span of moments; None at an end without a bound.

        Raises:
            DataError: A moment without a time zone.
        """
        return cls(_in_utc("start", start), _in_utc("end", end))

    def has(self, period: datetime) -> bool:
        """Whether a period lies in the span; the service also sends the one that holds the start.

        Returns:
            True where the period lies in the span.
        """
        return (self.start is None or period >= self.start) and (
            self.end is None or period <= self.end
        )

    def days(self) -> tuple[date | None, date | None]:
        """Return first and last date to ask the service for; it dates weeks by their last day."""
        start = None if self.start is None else self.start.date()
        end = None if self.end is None else self.end.date() + _WEEK
        return start, end


def moment_of(as_of: date | datetime | None) -> datetime | None:
    """Return the moment that is meant: a date stands for its end.

    Args:
        as_of: Date, or moment with a time zone; None: no bound.

    Returns:
        Moment with a time zone; None for None.

    Raises:
        DataError: A moment without a time zone.

    >>> moment_of(date(2024, 10, 30)).isoformat()
    '2024-10-31T00:00:00+00:00'
    """
    moment = _in_utc("as_of", as_of)
    if moment is None or isinstance(as_of, datetime):
        return moment
    return moment + timedelta(days=1)


def _in_utc(name: str, when: date | datetime | None) -> datetime | None:
    if when is None:
        return None
    if not isinstance(when, datetime):
        return datetime.combine(when, time(), UTC)
    if when.tzinfo is None:
        raise DataError(
            f"{name} {when} has no time zone; give it one, such as tzinfo=datetime.UTC, or a date"
        )
    return when.astimezone(UTC)
