"""Periods: their numbers, first and last moments, and the steps between them.

A period is a calendar year, quarter or month, a day, a business day (Monday to Friday), or the
seven days that begin with the date of a weekly row. It is named by its first moment, in whatever
zone that has. Periods of one frequency have numbers that go up by one, so that a gap is a step of
more than one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta

__all__ = [
    "add_months",
    "first_business_day",
    "next_period",
    "period_end",
    "period_number",
    "period_start",
    "previous_period",
    "target_periods",
]

_DAY = timedelta(days=1)
_SATURDAY = 5


def period_number(day: date, frequency: str) -> int:
    """Return the number of the period that holds a day.

    Args:
        day: Day. For business days, a Saturday or Sunday counts as the Friday before it.
        frequency: Frequency of the period, one of `FREQUENCIES`.

    Returns:
        A count of periods. Where it begins differs between frequencies, so that only differences
        within one frequency mean something. The weeks of these numbers begin on Mondays: weekly
        rows share a day of the week, so that their differences are the same.

    >>> period_number(date(2001, 4, 1), "Q") - period_number(date(2001, 3, 31), "Q")
    1
    >>> period_number(date(2024, 1, 8), "B") - period_number(date(2024, 1, 5), "B")
    1
    """
    if frequency == "Y":
        return day.year
    if frequency == "Q":
        return 4 * day.year + (day.month - 1) // 3
    if frequency == "M":
        return 12 * day.year + day.month - 1
    count = day.toordinal() - 1  # 0: a Monday
    if frequency == "W":
        return count // 7
    return 5 * (count // 7) + min(count % 7, 4) if frequency == "B" else count


def period_start(moment: datetime, frequency: str) -> datetime:
    """Return the first moment of the period that holds a moment.

    Args:
        moment: Moment, in any zone or in none.
        frequency: Frequency of the period, one of `FREQUENCIES`. Weeks begin on different days of
            the week, so that for them the day itself is taken; for business days, a Saturday stays
            one.

    Returns:
        A moment at 00:00, in the zone of `moment`.

    >>> period_start(datetime(2001, 9, 30), "Q").date().isoformat()
    '2001-07-01'
    """
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    if frequency == "Y":
        return day.replace(month=1, day=1)
    if frequency == "Q":
        return day.replace(month=3 * ((day.month - 1) // 3) + 1, day=1)
    return day.replace(day=1) if frequency == "M" else day


def period_end(start: datetime, frequency: str) -> datetime:
    """Return the first moment after a period.

    Args:
        start: First moment of the period.
        frequency: Frequency of the period, one of `FREQUENCIES`.

    Returns:
        The moment at which the period is over, in the zone of `start`. After a Friday that is a
        Saturday, for business days too; `next_period` gives the Monday.

    Raises:
        OverflowError: It is after the end of the calendar.

    >>> period_end(datetime(2001, 10, 1), "Q").date().isoformat()
    '2002-01-01'
    """
    months = {"Y": 12, "Q": 3, "M": 1}.get(frequency)
    if months is None:
        return start + timedelta(days=7 if frequency == "W" else 1)
    return add_months(start, months)


def add_months(start: datetime, months: int) -> datetime:
    """Return the moment a number of months later, on the same day of the month.

    Args:
        start: Moment on a day that every month has, such as the first.
        months: Number of months; 3 from the first moment of a quarter is that of the next.

    Returns:
        The later moment, in the zone of `start`.

    Raises:
        OverflowError: It is after the end of the calendar.
        ValueError: The month does not have that day.

    >>> add_months(datetime(2008, 10, 1), 3).date().isoformat()
    '2009-01-01'
    """
    years, month = divmod(start.month - 1 + months, 12)
    if start.year + years > date.max.year:
        raise OverflowError("after the end of the calendar")
    return start.replace(year=start.year + years, month=month + 1)


def first_business_day(day: datetime) -> datetime:
    """Return a day from Monday to Friday as it is, and of a weekend the Monday after it.

    Args:
        day: Moment of the day; its time and zone are kept.

    Returns:
        Moment of the same time of day, from Monday to Friday.

    >>> first_business_day(datetime(2024, 1, 6)).date().isoformat()
    '2024-01-08'
    """
    while day.weekday() >= _SATURDAY:
        day += _DAY
    return day


def next_period(period: datetime, frequency: str) -> datetime:
    """Return the first moment of the period after one.

    Args:
        period: First moment of a period.
        frequency: Frequency of the periods, one of `FREQUENCIES`.

    Returns:
        The first moment of the next period, in the zone of `period`; after a Friday a Monday, for
        business days.

    Raises:
        OverflowError: It is after the end of the calendar.

    >>> next_period(datetime(2024, 1, 5), "B").date().isoformat()
    '2024-01-08'
    """
    following = period_end(period, frequency)
    return first_business_day(following) if frequency == "B" else following


def previous_period(period: datetime, frequency: str) -> datetime:
    """Return the first moment of the period before one.

    Args:
        period: First moment of a period.
        frequency: Frequency of the periods, one of `FREQUENCIES`.

    Returns:
        The first moment of the period before, in the zone of `period`; before a Monday a Friday,
        for business days.

    Raises:
        OverflowError: It is before the beginning of the calendar.

    >>> previous_period(datetime(2024, 1, 1), "Q").date().isoformat()
    '2023-10-01'
    """
    if frequency == "W":
        return period - timedelta(days=7)
    before = period - _DAY
    while frequency == "B" and before.weekday() >= _SATURDAY:
        before -= _DAY
    return period_start(before, frequency)


def target_periods(
    last: datetime, frequency: str, horizons: Sequence[int], *, closed: Collection[int] = ()
) -> tuple[datetime, ...]:
    """Return the first moments of the periods that many steps after the last one.

    Args:
        last: First moment of the last period.
        frequency: Frequency of the series, such as "M".
        horizons: Steps ahead, increasing, each at least 1.
        closed: Days of the week that daily rows never have (0: Monday), which are no step.

    Returns:
        One moment per horizon, in the same order.

    Raises:
        OverflowError: A period is after the end of the calendar.

    >>> friday = datetime(2024, 1, 5)
    >>> [day.date().isoformat() for day in target_periods(friday, "B", (1, 2))]
    ['2024-01-08', '2024-01-09']
    """
    found, at = {}, last
    for h in range(1, max(horizons) + 1):
        at = next_period(at, frequency)
        while frequency == "D" and at.weekday() in closed:
            at = next_period(at, frequency)
        found[h] = at
    return tuple(found[h] for h in horizons)
