r"""Readings of a series: its level, or how fast it grows, within one vintage.

A growth rate compares two levels that were published together. Figures of two vintages do not
compare: an index is rebased, accounts are benchmarked, and the difference would show as growth that
was never measured. So the growth of period $t$ as known at a moment is

$$g_t = 100 \, n \ln (x_t / x_{t-1}),$$

in percent per year, with $n$ periods per year and both levels as they were known at that moment:
the continuously compounded annual rate of change, `cca` in `histories.transforms`.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from functools import lru_cache

from fg_core import ConfigError, DataError
from fg_core.calendar import previous_period
from fg_core.mappings import FrozenMapping

from .vintages import KnownValue, VintageHistory

__all__ = [
    "PERIODS_A_YEAR",
    "READINGS",
    "KnownValues",
    "Reading",
    "growth",
    "is_rate",
    "level",
    "log_growth",
    "require_reading",
]

PERIODS_A_YEAR = FrozenMapping({"Y": 1, "Q": 4, "M": 12})
"""Periods in a year, of the frequencies that a growth rate can be read off."""


_PERCENT = ("percent", "%")


def is_rate(units: str) -> bool:
    """Return whether a unit is that of a rate, which has a size of its own, rather than a level.

    Args:
        units: Name of the unit.

    Returns:
        True for percentages.

    >>> is_rate("Percent"), is_rate("% a year"), is_rate("Billions of Dollars")
    (True, True, False)
    """
    return units.strip().lower().startswith(_PERCENT)


class KnownValues:
    """Known values of one series, as a moment moves forward.

    It answers as `VintageHistory.as_of` does, and takes one pass over the prints for any number of
    moments.

    Args:
        history: The series.

    >>> from datetime import UTC
    >>> from fg_data.vintages import Print
    >>> spring, summer = datetime(2024, 4, 1, tzinfo=UTC), datetime(2024, 7, 1, tzinfo=UTC)
    >>> history = VintageHistory("x", "Q", "", (Print(spring, 1.0, summer),))
    >>> known = KnownValues(history)
    >>> known.advance(spring), [period.date().isoformat() for period in known.advance(summer)]
    ([], ['2024-04-01'])
    """

    def __init__(self, history: VintageHistory) -> None:
        self.history = history
        self.periods: list[datetime] = []
        self._values: dict[datetime, KnownValue] = {}
        self._events = _events(history)
        self._n_done = 0

    def advance(self, moment: datetime) -> list[datetime]:
        """Go on to a moment, not before the last one; return the periods that changed, sorted.

        Returns:
            First moments of the periods.
        """
        changed: set[datetime] = set()
        while self._n_done < len(self._events):
            when, period, value = self._events[self._n_done]
            if when > moment:
                break
            self._n_done += 1
            self._set(period, None if value is None else KnownValue(period, value, when))
            changed.add(period)
        return sorted(changed)

    def moments(self) -> Iterator[datetime]:
        """Go to every moment at which something changes, one after the other."""
        while self._n_done < len(self._events):
            yield self._events[self._n_done][0]

    def value(self, period: datetime) -> KnownValue | None:
        """Return the figure of a period; None if none is known.

        Returns:
            Figure in the unit of the series, and the moment of its publication.
        """
        return self._values.get(period)

    def _set(self, period: datetime, known: KnownValue | None) -> None:
        if known is not None:
            if period not in self._values:
                insort(self.periods, period)
            self._values[period] = known
        elif self._values.pop(period, None) is not None:
            del self.periods[bisect_left(self.periods, period)]


def _events(history: VintageHistory) -> list[tuple[datetime, datetime, float | None]]:
    """Return (moment, period, value) for every change, by moment; the value is None at an end."""
    found: list[tuple[datetime, datetime, float | None]] = []
    for number, one in enumerate(history.prints):
        found.append((one.published, one.period, one.value))
        if one.superseded is None:
            continue
        after = history.prints[number + 1] if number + 1 < len(history.prints) else None
        if after is None or after.period != one.period or after.published != one.superseded:
            found.append((one.superseded, one.period, None))
    return sorted(found, key=lambda event: event[0])


Reading = Callable[[KnownValues, datetime], KnownValue | None]
"""Function from what is known and a period to the column's figure; None: there is none."""


def level(known: KnownValues, period: datetime) -> KnownValue | None:
    """Return the figure itself.

    Args:
        known: Figures of the series that are known.
        period: First moment of the period.

    Returns:
        Figure in the unit of the series, and the moment of its publication.
    """
    return known.value(period)


def growth(known: KnownValues, period: datetime) -> KnownValue | None:
    """Return annualised log growth over the period before, in percent, within one vintage.

    It counts as available when the later of the two levels was.

    Args:
        known: Figures of the series that are known.
        period: First moment of the period.

    Returns:
        Figure in percent per year, and the moment of its publication.

    Raises:
        DataError: A level that is not positive, or a series of weeks or days.
    """
    frequency = known.history.frequency
    if frequency not in PERIODS_A_YEAR:
        raise DataError(
            f"series {known.history.series_id!r} has frequency {frequency!r}: growth is read off "
            f"series of frequency {', '.join(PERIODS_A_YEAR)} only; read its level"
        )
    now, before = known.value(period), known.value(previous_period(period, frequency))
    if now is None or before is None:
        return None
    if now.value <= 0.0 or before.value <= 0.0:
        raise DataError(
            f"series {known.history.series_id!r}: growth from {before.value} to {now.value} in "
            f"{period.date()}; levels must be positive, so read the level"
        )
    rate = log_growth(now.value, before.value, PERIODS_A_YEAR[frequency])
    return KnownValue(period, rate, max(now.available_at, before.available_at))


@lru_cache(maxsize=16384)  # the rows of a series ask for the same pairs over and over
def log_growth(now: float, before: float, periods_a_year: int) -> float:
    """Return annualised log growth in percent, the same double on every machine.

    (Correctly rounded by way of `decimal`: the last bit of `math.log` depends on the platform,
    and with it the hash of the data.)

    Args:
        now: Level, above 0.
        before: Level one period earlier, above 0.
        periods_a_year: 12 for months.

    Returns:
        Growth in percent per year.

    >>> round(log_growth(101.0, 100.0, 12), 9)
    11.940397024
    """
    return float(100 * periods_a_year * (Decimal(now) / Decimal(before)).ln())


READINGS: FrozenMapping[str, Reading] = FrozenMapping({"level": level, "growth": growth})
"""Readings by name."""


def require_reading(name: str) -> Reading:
    """Return a reading by its name.

    Args:
        name: Name of the reading, a key of `READINGS`.

    Returns:
        Function from known figures and a period to the figure that is read.

    Raises:
        ConfigError: There is none of that name.
    """
    if name not in READINGS:
        raise ConfigError(f"no reading {name!r}; there are {', '.join(READINGS)}")
    return READINGS[name]
