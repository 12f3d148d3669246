"""Midnights of a zone that are written in UTC: 22:00Z stands for the day that begins then.

Databases and frames that keep moments in UTC turn the date 2021-07-01 of a European office into
2021-06-30T22:00Z. Read as they are written, such dates are a day early, and a month as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

__all__ = ["local_midnights"]

_ZONES = {
    0: "western European time",
    1: "central European time",
    2: "eastern European time",
}
_HOUR = timedelta(hours=1)
_SUMMER_IN_EUROPE = 1981
_OCTOBER_SINCE = 1996


def local_midnights(moments: Sequence[datetime]) -> tuple[str, list[timedelta]] | None:
    """Return the zone whose midnights all moments are, with its offset from UTC at each.

    Args:
        moments: Moments in UTC.

    Returns:
        Name of the zone and offsets; None: they are midnights of UTC, or of no zone of Europe.

    >>> from datetime import datetime
    >>> local_midnights([datetime(2021, 3, 27, 23), datetime(2021, 3, 28, 22)])[0]
    'central European time'
    """
    if not any(moment.hour for moment in moments):
        return None
    for hours, name in _ZONES.items():
        offsets = [_HOUR * (hours + _is_summer(moment)) for moment in moments]
        if all(
            (moment + offset).time() == datetime.min.time()
            for moment, offset in zip(moments, offsets, strict=True)
        ):
            return name, offsets
    return None


def _is_summer(moment: datetime) -> bool:
    """Return whether Europe has summer time at a moment in UTC: both ends are at 01:00."""
    if moment.year < _SUMMER_IN_EUROPE:
        return False
    last = 10 if moment.year >= _OCTOBER_SINCE else 9
    return _last_sunday(moment.year, 3) <= moment < _last_sunday(moment.year, last)


def _last_sunday(year: int, month: int) -> datetime:
    first_of_next = datetime(year, month + 1, 1)  # noqa: DTZ001 - in UTC, as the moments are
    back = (first_of_next.weekday() + 1) % 7 or 7
    return first_of_next - timedelta(days=back) + _HOUR
