"""Aggregation from a high frequency to a low one, by the documented rules of the St. Louis Fed.

A period has the mean (`avg`), the sum (`sum`) or the last (`eop`) of the values in it. Values that
are missing are passed over (a holiday), except in the first and the last period that have rows: one
of these counts only with a least number of values (`FEWEST`). A weekly value belongs to the period
that its last day is in. Transformations of units come after aggregation.

In one point the rule here is stricter than that bank's service: the last period counts only once
its last row has come. The service gives a mean of a month from 17 of its days on, and revises it
daily.

Sources: Federal Reserve Bank of St. Louis, help pages, "Understanding the Data": "How are Missing
Values Determined for First/Last Observations?", "How are Missing Values Treated in Average, Sum,
and End of Period Aggregation Methods?", "How are Data Aggregated When Periods Overlap?".
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from fg_core import ConfigError, frozen_mapping
from fg_core.calendar import FREQUENCY_NAMES, period_end, period_start
from fg_data.vintages import VintageHistory

from .derivation import Absent, Figure, derived_prints

__all__ = ["FEWEST", "METHODS", "aggregate", "aggregate_history", "require_aggregation"]

METHODS = frozen_mapping({"avg": "mean", "sum": "sum", "eop": "last value"})
"""Names of the methods, and what they take."""

FEWEST = frozen_mapping(
    {
        ("D", "M"): 17,
        ("D", "Q"): 52,
        ("D", "Y"): 208,
        ("B", "M"): 17,
        ("B", "Q"): 52,
        ("B", "Y"): 208,
        ("W", "M"): 3,
        ("W", "Q"): 10,
        ("W", "Y"): 39,
        ("M", "Q"): 3,
        ("M", "Y"): 12,
        ("Q", "Y"): 4,
    }
)
"""Fewest values in the first and in the last period, by the two frequencies."""

_SATURDAY = 5


def require_aggregation(fine: str, coarse: str, method: str) -> None:
    """Check that values of one frequency can become values of another.

    Args:
        fine: Frequency of the values.
        coarse: Frequency that is asked for.
        method: Method of aggregation.

    Raises:
        ConfigError: An unknown method, or a frequency that is not lower.
    """
    if method not in METHODS:
        raise ConfigError(f"aggregation is one of {', '.join(METHODS)}, got {method!r}")
    if (fine, coarse) not in FEWEST:
        lower = [name for one, name in FEWEST if one == fine]
        raise ConfigError(
            f"values that are {FREQUENCY_NAMES.get(fine, fine)} cannot be made "
            f"{FREQUENCY_NAMES.get(coarse, repr(coarse))}; they can be made "
            f"{' or '.join(FREQUENCY_NAMES[name] for name in lower) or 'nothing else'}"
        )


def aggregate(
    values: Mapping[datetime, float | None],
    fine: str,
    coarse: str,
    method: str = "avg",
    *,
    decimals: int | None = None,
) -> dict[datetime, float | None]:
    """Return the values of a lower frequency.

    Args:
        values: Values by first moment of the period; None: marked as missing.
        fine: Frequency of the values.
        coarse: Lower frequency: "M", "Q" or "Y".
        method: One of `METHODS`.
        decimals: Decimals to round to, as the service does to those of the series; None: exact.

    Returns:
        By first moment of the period; None where all values are missing. A first or last period
        that is not complete is absent.

    Raises:
        ConfigError: An unknown method, or a frequency that is not lower.

    >>> from datetime import UTC
    >>> months = {datetime(2024, m, 1, tzinfo=UTC): x for m, x in [(1, 100.1), (2, 100.4),
    ...     (3, 100.9), (4, 102.0)]}
    >>> aggregate(months, "M", "Q", decimals=1)[datetime(2024, 1, 1, tzinfo=UTC)]
    100.5
    >>> len(aggregate(months, "M", "Q"))
    1
    """
    require_aggregation(fine, coarse, method)
    groups: dict[datetime, dict[datetime, float | None]] = {}
    for period, value in sorted(values.items()):
        groups.setdefault(_coarse(period, fine, coarse), {})[period] = value
    found = {}
    for period in groups:
        figure = _figure(period, groups, fine, coarse, method, decimals)
        if not isinstance(figure, Absent):
            found[period] = figure
    return found


def aggregate_history(
    history: VintageHistory, frequency: str, method: str = "avg", *, decimals: int | None = None
) -> VintageHistory:
    """Return the history at a lower frequency, each figure from values of one moment.

    Args:
        history: Values of a higher frequency.
        frequency: "M", "Q" or "Y"; the history's own: it is returned as it is.
        method: One of `METHODS`.
        decimals: Decimals to round to; None: exact.

    Returns:
        Prints in the unit of the history (for "sum", per longer period).

    Raises:
        ConfigError: An unknown method, or a frequency that is not lower.
    """
    fine = history.frequency
    if frequency == fine:
        return history
    require_aggregation(fine, frequency, method)
    groups: dict[datetime, dict[datetime, float | None]] = {}
    ends: set[datetime] = set()

    def step(
        known: Mapping[datetime, float | None], changed: Collection[datetime]
    ) -> Iterator[tuple[datetime, Figure]]:
        touched = set(ends)
        for period in changed:
            within = _coarse(period, fine, frequency)
            touched.add(within)
            if period in known:
                groups.setdefault(within, {})[period] = known[period]
            elif within in groups:
                groups[within].pop(period, None)
                if not groups[within]:
                    del groups[within]
        ends.clear()
        if groups:
            ends.update((min(groups), max(groups)))
        for period in sorted(touched | ends):
            yield period, _figure(period, groups, fine, frequency, method, decimals)

    return replace(
        history,
        frequency=frequency,
        units=f"{METHODS[method]} of {FREQUENCY_NAMES[fine]} {history.units}",
        prints=derived_prints(history, step),
    )


def _coarse(period: datetime, fine: str, coarse: str) -> datetime:
    last_day = period + timedelta(days=6) if fine == "W" else period
    return period_start(last_day, coarse)


def _next(period: datetime, fine: str) -> datetime:
    following = period_end(period, fine)
    while fine == "B" and following.weekday() >= _SATURDAY:
        following += timedelta(days=1)
    return following


def _figure(
    period: datetime,
    groups: Mapping[datetime, Mapping[datetime, float | None]],
    fine: str,
    coarse: str,
    method: str,
    decimals: int | None,
) -> Figure:
    group = groups.get(period)
    if not group:
        return Absent.ABSENT
    values = [group[day] for day in sorted(group) if group[day] is not None]
    first, last = min(groups), max(groups)
    if period in (first, last) and len(values) < FEWEST[fine, coarse]:
        return Absent.ABSENT
    if period == last and _coarse(_next(max(group), fine), fine, coarse) == period:
        return Absent.ABSENT
    if not values:
        return None
    present = [value for value in values if value is not None]
    if method == "eop":
        figure = present[-1]
    else:
        figure = math.fsum(present)
        if method == "avg":
            figure /= len(present)
    return figure if decimals is None else round(figure, decimals)
