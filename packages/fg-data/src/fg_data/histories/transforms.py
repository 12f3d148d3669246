"""Transformations of a history: changes, growth rates, logarithms.

With x(t) the value of a period and n the number of periods per year (12, 4, 1; 52 weeks, 260
business days, 365 days):

| name | figure | formula |
|---|---|---|
| lin | level | x(t) |
| chg | change | x(t) - x(t-1) |
| ch1 | change from a year ago | x(t) - x(t-n) |
| pch | percent change | (x(t) / x(t-1) - 1) * 100 |
| pc1 | percent change from a year ago | (x(t) / x(t-n) - 1) * 100 |
| pca | compounded annual rate of change | ((x(t) / x(t-1))^n - 1) * 100 |
| cch | continuously compounded rate of change | (ln x(t) - ln x(t-1)) * 100 |
| cca | continuously compounded annual rate of change | (ln x(t) - ln x(t-1)) * 100 * n |
| log | natural logarithm | ln x(t) |

Names and formulas are those of the Federal Reserve Bank of St. Louis (documentation of its web
service, `units` of series/observations). It rounds what it computes; here nothing is rounded. (Its
table has 260 days a year for all daily series; series with weekends have 365 here.)
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from fg_core import ConfigError, frozen_mapping
from fg_core.calendar import period_number
from fg_core.nearest import nearest_first
from fg_data.vintages import VintageHistory

from .derivation import Absent, Figure, derived_prints

__all__ = ["PERIODS_PER_YEAR", "SCALED", "UNITS", "require_units", "transform", "transform_history"]

UNITS = frozen_mapping(
    {
        "lin": "level",
        "chg": "change",
        "ch1": "change from a year ago",
        "pch": "percent change",
        "pc1": "percent change from a year ago",
        "pca": "compounded annual rate of change",
        "cch": "continuously compounded rate of change",
        "cca": "continuously compounded annual rate of change",
        "log": "natural logarithm",
    }
)
"""Names of the transformations, and what they are in words."""

SCALED = ("lin", "chg", "ch1", "log")
"""Transformations whose figures depend on the base year of the level."""

PERIODS_PER_YEAR = frozen_mapping({"Y": 1, "Q": 4, "M": 12, "W": 52, "B": 260, "D": 365})
"""Periods in a year, by frequency."""

_FROM_A_YEAR_AGO = ("ch1", "pc1")
_ALONE = ("lin", "log")


def require_units(units: str) -> None:
    """Check the name of a transformation.

    Args:
        units: Name of the transformation.

    Raises:
        ConfigError: There is none of that name; the message lists those there are.
    """
    if units not in UNITS:
        raise ConfigError(
            f"units {units!r} are not known; there are (nearest first) "
            f"{', '.join(nearest_first(units, UNITS))}"
        )


def transform(
    values: Sequence[float | None], units: str, frequency: str
) -> tuple[float | None, ...]:
    """Return a transformation of values of periods that follow each other without a gap.

    Args:
        values: Values, one per period; None: missing.
        units: One of `UNITS`.
        frequency: One of `fg_core.calendar.FREQUENCIES`.

    Returns:
        As many values; None where one that is needed is missing, or where the formula has no
        finite value (a logarithm of 0, growth from 0).

    Raises:
        ConfigError: Unknown units.

    >>> [round(x, 6) for x in transform([100.0, 101.0, 99.99], "pch", "M")[1:]]
    [1.0, -1.0]
    """
    require_units(units)
    n = PERIODS_PER_YEAR[frequency]
    lag = _lag(units, n)
    return tuple(
        _figure(units, n, value, values[i - lag] if i >= lag else None)
        for i, value in enumerate(values)
    )


def transform_history(history: VintageHistory, units: str) -> VintageHistory:
    """Return the history of a transformation, each figure from values of one moment.

    Args:
        history: Levels.
        units: One of `UNITS`.

    Returns:
        Prints by period and publication; growth is in percent, differences are in the unit of the
        levels.

    Raises:
        ConfigError: Unknown units.

    >>> from datetime import UTC, timedelta
    >>> from fg_data.vintages import Print
    >>> march, april, may = (datetime(2024, month, 1, tzinfo=UTC) for month in (3, 4, 5))
    >>> levels = VintageHistory("X", "M", "index", (
    ...     Print(march, 100.0, april, may), Print(march, 110.0, may), Print(april, 121.0, may),
    ... ))
    >>> growth = transform_history(levels, "pch")
    >>> [round(known.value, 6) for known in growth.first_prints()]
    [10.0]
    """
    require_units(units)
    if units == "lin":
        return history
    n = PERIODS_PER_YEAR[history.frequency]
    lag = _lag(units, n)
    by_number = {_number(one.period, history): one.period for one in history.prints}

    def step(
        known: Mapping[datetime, float | None], changed: Collection[datetime]
    ) -> Iterator[tuple[datetime, Figure]]:
        for period in changed:
            number = _number(period, history)
            for touched in dict.fromkeys((number, number + lag)):
                target = by_number.get(touched)
                if target is None:
                    continue
                if target not in known:
                    yield target, Absent.ABSENT
                    continue
                base = by_number.get(touched - lag)
                before = known.get(base) if base is not None else None
                yield target, _figure(units, n, known[target], before)

    return replace(
        history,
        units=f"{UNITS[units]} ({history.units})",
        prints=derived_prints(history, step),
    )


def _number(period: datetime, history: VintageHistory) -> int:
    return period_number(period.date(), history.frequency)


def _lag(units: str, n: int) -> int:
    if units in _ALONE:
        return 0
    return n if units in _FROM_A_YEAR_AGO else 1


def _figure(units: str, n: int, value: float | None, before: float | None) -> float | None:
    if value is None or before is None:
        return None
    try:
        figure = _formula(units, n, value, before)
    except (ZeroDivisionError, ValueError, OverflowError):
        return None
    return figure if math.isfinite(figure) else None


def _formula(units: str, n: int, value: float, before: float) -> float:
    if units == "lin":
        return value
    if units == "log":
        return math.log(value)
    if units in ("chg", "ch1"):
        return value - before
    if units in ("pch", "pc1"):
        return (value / before - 1.0) * 100.0
    if units == "pca":
        return ((value / before) ** n - 1.0) * 100.0
    rate = (math.log(value) - math.log(before)) * 100.0
    return rate if units == "cch" else rate * n
