"""Days that do not go with the others: weeks dated a day late, two rows in a month, closed days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise

from .periods import period_number

__all__ = ["closed_weekdays", "odd_days", "weekly_days"]

_BULK = 0.8
_WEEK = 7
_HALF_A_WEEK = 3
_FEWEST_WEEKS = 4
_FEWEST_OPEN = 3


def weekly_days(days: Sequence[date]) -> list[date] | None:
    """Return weekly days, with those that are off their day of the week moved to it.

    Rows are weekly if four in five share a day of the week, each other one is at most three days
    off, and so each has a week of its own: a figure that came out late after a holiday.

    Args:
        days: Days of the rows, rising.

    Returns:
        Days that share one day of the week, in the same order; None: the rows are not weekly.

    >>> mondays = [date(2021, 1, 4) + timedelta(weeks=k) for k in range(6)]
    >>> weekly_days([*mondays[:3], date(2021, 1, 26), *mondays[4:]]) == mondays
    True
    """
    if not days:
        return None
    usual, count = Counter(day.weekday() for day in days).most_common(1)[0]
    if count < _BULK * len(days):
        return None
    moved = [day + timedelta(days=_offset(day, usual)) for day in days]
    return moved if all(a < b for a, b in pairwise(moved)) else None


def _offset(day: date, weekday: int) -> int:
    """Return how many days it is to the nearest of a day of the week, from -3 to 3."""
    return (weekday - day.weekday() + _HALF_A_WEEK) % _WEEK - _HALF_A_WEEK


def odd_days(days: Sequence[date]) -> tuple[str, date, date] | None:
    """Return two days that share a period which most others have for themselves.

    Args:
        days: Days of the rows, rising.

    Returns:
        Frequency of most rows, and the first two days that are in one period of it; None: there
        is no such frequency.

    >>> days = [date(2001, m, 1) for m in range(1, 9)]
    >>> odd_days([*days[:4], date(2001, 4, 30), *days[5:]])
    ('M', datetime.date(2001, 4, 1), datetime.date(2001, 4, 30))
    """
    for frequency in ("Y", "Q", "M", "W"):
        numbers = [_number(day, frequency, days) for day in days]
        steps = [later - earlier for earlier, later in pairwise(numbers)]
        shared, single = steps.count(0), steps.count(1)
        if 0 < shared <= (1.0 - _BULK) * len(steps) and single >= _BULK * (len(steps) - shared):
            at = steps.index(0)
            return frequency, days[at], days[at + 1]
    return None


def _number(day: date, frequency: str, days: Sequence[date]) -> int:
    if frequency != "W":
        return period_number(day, frequency)
    usual = Counter(one.weekday() for one in days).most_common(1)[0][0]
    return period_number(day + timedelta(days=_offset(day, usual)), "W")


def closed_weekdays(days: Sequence[date]) -> tuple[int, ...]:
    """Return the days of the week that daily rows never have, such as the Sundays of a shop.

    Args:
        days: Days of the rows, rising.

    Returns:
        Days of the week, 0 for Monday. None where rows span less than four weeks, or a day of the
        week that they have is missing in more than half of the weeks, or they have fewer than
        three.

    >>> days = [date(2021, 1, 4) + timedelta(days=k) for k in range(60)]
    >>> closed_weekdays([day for day in days if day.weekday() != 6]), closed_weekdays(days)
    ((6,), ())
    """
    weeks = 0 if not days else ((days[-1] - days[0]).days + 1) // _WEEK
    counts = Counter(day.weekday() for day in days)
    if weeks < _FEWEST_WEEKS or len(counts) < _FEWEST_OPEN:
        return ()
    if any(2 * count < weeks for count in counts.values()):
        return ()
    return tuple(day for day in range(_WEEK) if day not in counts)
