"""The periods that forecasts are for: those that follow the last row."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from fg_core.calendar import next_period

__all__ = ["target_periods"]


def target_periods(
    last: datetime, frequency: str, horizons: Sequence[int], *, closed: Collection[int] = ()
) -> tuple[datetime, ...]:
    """Return the first moments of the periods that many steps after the last one.

    Args:
        last: first moment of the last period.
        frequency: frequency of the series, such as "M".
        horizons: steps ahead, increasing, each at least 1.
        closed: days of the week that daily rows never have (0: Monday), which are no step.

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
