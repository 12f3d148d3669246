"""Actual and projected figures of one series, told apart.

The IMF sends both in one map, and DataMapper does not mark where the actual ones end. Three rules
tell it, the first that applies:

1. The attribute `LATEST_ACTUAL_ANNUAL_DATA` of a series: the last year with actual data. A series
   that has no value for it, where others may, is estimated as a whole.
2. The edition that the figures are of. That of October has the year before it as data of most
   countries; in April many of these are still estimates, and the last actual year is one earlier.
3. No edition, but figures of periods that are not over: an outlook of unknown date. Then the last
   actual year is two years before the present one.

Without any figure of a period that is not over, and without edition, all are statistics. In any
case a period that is not over has no actual figure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from fg_core import SourceError, frozen_mapping
from fg_core.calendar import period_end

__all__ = ["ImfOutlook", "is_outlook", "last_actual_year", "split_outlook", "year_of_attribute"]

_EDITION = re.compile(r"\b(April|October)\s+(\d{4})\b")
_YEAR = re.compile(r"(?<!\d)(\d{4})(?!\d)")
_BEFORE = {"April": 2, "October": 1}
_UNKNOWN_EDITION = 2


@dataclass(frozen=True)
class ImfOutlook:
    """Figures of one series as one answer has them.

    Args:
        series_id: Name of the series.
        frequency: One of `fg_core.calendar.FREQUENCIES`.
        actual: Actual figures by first moment of the period; None: marked as missing.
        projected: Estimates and projections of the IMF's staff, by first moment of the period.
        units: Unit in words, as the service has it.
        title: Title in words.
        edition: Edition that the figures are of; empty: the service names none.
    """

    series_id: str
    frequency: str
    actual: Mapping[datetime, float | None]
    projected: Mapping[datetime, float | None]
    units: str
    title: str
    edition: str = ""

    def __post_init__(self) -> None:
        for name in ("actual", "projected"):
            object.__setattr__(self, name, frozen_mapping(getattr(self, name)))


def is_outlook(periods: Iterable[datetime], frequency: str, now: datetime) -> bool:
    """Return whether there are figures of periods that are not over, which are projections.

    Args:
        periods: First moments of the periods with figures.
        frequency: Their frequency.
        now: The present moment.

    Returns:
        True where one of them is not over.
    """
    return any(period_end(period, frequency) > now for period in periods)


def last_actual_year(edition: str, *, outlook: bool, now: datetime) -> int:
    """Return the last year with actual figures, by the second and third rule of this module.

    Args:
        edition: Text that names the edition, such as "World Economic Outlook (April 2026)".
        outlook: Whether there are figures of periods that are not over.
        now: The present moment.

    Returns:
        A year; the present one where all figures are statistics.

    Raises:
        SourceError: The edition is one of the future.

    >>> from datetime import UTC
    >>> now = datetime(2026, 11, 30, tzinfo=UTC)
    >>> [last_actual_year(text, outlook=True, now=now)
    ...  for text in ("Outlook (April 2026)", "Outlook (October 2026)", "")]
    [2024, 2025, 2024]
    """
    editions = [(int(year), month) for month, year in _EDITION.findall(edition)]
    if editions:
        year, month = max(editions)
        if year > now.year:
            raise SourceError(f"the edition {edition!r} is of the future")
        return year - _BEFORE[month]
    return now.year - _UNKNOWN_EDITION if outlook else now.year


def year_of_attribute(text: str) -> int | None:
    """Return the year that the attribute of the latest actual data states.

    Args:
        text: Value of the attribute, such as "2024" or "FY2024/25"; empty: it has none.

    Returns:
        The year, of a fiscal one that in which it begins; None: there are no actual data.

    >>> year_of_attribute("FY2024/25"), year_of_attribute("0"), year_of_attribute("")
    (2024, None, None)
    """
    match = _YEAR.search(text)
    return None if match is None or match[1] == "0000" else int(match[1])


def split_outlook(
    values: Mapping[datetime, float | None], frequency: str, last_year: int | None, now: datetime
) -> tuple[dict[datetime, float | None], dict[datetime, float | None]]:
    """Return actual figures, and estimated or projected ones.

    Args:
        values: Figures by first moment of the period.
        frequency: Frequency of the periods.
        last_year: Last year with actual figures; None: there is none.
        now: The present moment.

    Returns:
        Both by first moment of the period; together they are all figures.
    """
    actual: dict[datetime, float | None] = {}
    projected: dict[datetime, float | None] = {}
    for period, value in sorted(values.items()):
        known = last_year is not None and period.year <= last_year
        part = actual if known and period_end(period, frequency) <= now else projected
        part[period] = value
    return actual, projected
