"""Frequencies: what they are called, how their periods count, and how dates tell which it is.

A period is a calendar year, quarter or month, a day, a business day (Monday to Friday), or the
seven days that begin with the date of a weekly row. Periods of one frequency have numbers that go
up by one, so that a gap is a step of more than one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise

from fg_core.frozen import FrozenMapping

__all__ = [
    "FREQUENCY_NAMES",
    "MIN_ROWS",
    "PERIOD_NAMES",
    "SEASON_LENGTHS",
    "infer_frequency",
    "missing_periods",
    "period_end",
    "period_number",
    "period_start",
]

FREQUENCY_NAMES = FrozenMapping(
    {
        "Y": "annual",
        "Q": "quarterly",
        "M": "monthly",
        "W": "weekly",
        "B": "business-daily",
        "D": "daily",
    }
)
"""Frequencies in words, from the coarsest to the finest."""

PERIOD_NAMES = FrozenMapping(
    {"Y": "year", "Q": "quarter", "M": "month", "W": "week", "B": "business day", "D": "day"}
)
"""What a period of each frequency is called."""

SEASON_LENGTHS = FrozenMapping({"Y": 1, "Q": 4, "M": 12, "W": 52, "B": 5, "D": 7})
"""Periods in a season where nobody says otherwise: a year, and a week for days."""

MIN_ROWS = 3
"""Fewest rows of a series whose frequency can be told."""

# Days between two dates that are one period apart, whatever the days of the week are.
_DAYS = {"Y": (357, 371), "Q": (84, 98), "M": (28, 35), "W": (7, 7)}
_RUN = 4


def period_number(day: date, frequency: str) -> int:
    """Return the number of the period that holds a day.

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
        frequency: One of `FREQUENCY_NAMES`.

    Raises:
        OverflowError: It is after the end of the calendar.

    >>> period_end(datetime(2001, 10, 1), "Q").date().isoformat()
    '2002-01-01'
    """
    months = {"Y": 12, "Q": 3, "M": 1}.get(frequency)
    if months is None:
        return start + timedelta(days=7 if frequency == "W" else 1)
    years, month = divmod(start.month - 1 + months, 12)
    if start.year + years > date.max.year:
        raise OverflowError("after the end of the calendar")
    return start.replace(year=start.year + years, month=month + 1)


def infer_frequency(days: Sequence[date]) -> str:
    """Return the coarsest frequency that has every day in a period of its own.

    Weekly dates share a day of the week, business days leave weekends out. Gaps are allowed: at
    least half of the steps from row to row are of one period, and no stretch of five rows or more
    has the steps of a coarser frequency.

    Args:
        days: At least `MIN_ROWS`, rising.

    Raises:
        ValueError: The dates are irregular, or of two frequencies; the message says how.

    >>> infer_frequency([date(2001, 1, 31), date(2001, 2, 28), date(2001, 4, 30)])
    'M'
    """
    frequency = next(f for f in FREQUENCY_NAMES if _fits(days, f))
    numbers = [period_number(day, frequency) for day in days]
    steps = [later - earlier for earlier, later in pairwise(numbers)]
    for coarser in FREQUENCY_NAMES:
        if coarser == frequency:
            break
        _refuse_stretch(days, steps, frequency, coarser)
    usual, _ = Counter(steps).most_common(1)[0]
    if 2 * steps.count(1) < len(steps):
        apart = f"most often {usual} {PERIOD_NAMES[frequency]}{'s' if usual > 1 else ''} apart"
        raise ValueError(
            f"its dates are not regular ({apart}); rows are daily, business-daily, weekly, "
            "monthly, quarterly or annual, with gaps of less than half of the steps"
        )
    return frequency


def _fits(days: Sequence[date], frequency: str) -> bool:
    if frequency == "W":
        return len({day.weekday() for day in days}) == 1
    if frequency == "B":
        return all(day.weekday() < 5 for day in days)
    numbers = [period_number(day, frequency) for day in days]
    return all(earlier < later for earlier, later in pairwise(numbers))


def _refuse_stretch(
    days: Sequence[date], steps: Sequence[int], frequency: str, coarser: str
) -> None:
    if coarser not in _DAYS:
        return
    low, high = _DAYS[coarser]
    run = 0
    for row, (earlier, later) in enumerate(pairwise(days)):
        run = run + 1 if steps[row] > 1 and low <= (later - earlier).days <= high else 0
        if run == _RUN:
            raise ValueError(
                f"its rows are {FREQUENCY_NAMES[frequency]}, but {FREQUENCY_NAMES[coarser]} from "
                f"{days[row - _RUN + 1]} on; give one frequency"
            )


def missing_periods(days: Sequence[date], frequency: str) -> int:
    """Return how many periods between the first and the last day have no row.

    >>> missing_periods([date(2001, 1, 1), date(2001, 2, 1), date(2001, 5, 1)], "M")
    2
    """
    first, last = (period_number(day, frequency) for day in (days[0], days[-1]))
    return last - first + 1 - len(days)
