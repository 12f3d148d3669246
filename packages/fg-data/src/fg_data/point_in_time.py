"""Columns with dates of release, and rows whose context was published when they were.

A context asks "what had been published by then?", never "what is the value for then?": the rows
of a series that comes out late see this period's value of the early series, the rows of an early
series see last period's value of the late ones. A column that has not been published yet is
absent; there are no zeros for missing.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from fg_core import DataError, Observation, frozen_mapping

from .release_lags import available_at

__all__ = ["Column", "column_with_release_lag", "context_at", "observations_of"]


@dataclass(frozen=True)
class Column:
    """One series over time, each value with the moment it became known.

    Args:
        name: Name of the series.
        periods: First moment of each period, rising.
        values: Values, one per period.
        available: When each value became known; never falling, so that the latest one
            published is the one of the latest period.

    Raises:
        DataError: Lengths that differ, or periods or moments out of order.
    """

    name: str
    periods: tuple[datetime, ...]
    values: tuple[float, ...]
    available: tuple[datetime, ...]

    def __post_init__(self) -> None:
        if not len(self.periods) == len(self.values) == len(self.available):
            raise DataError(
                f"column {self.name!r}: {len(self.periods)} periods, {len(self.values)} values "
                f"and {len(self.available)} dates of release; there must be one of each a row"
            )
        for row in range(1, len(self.periods)):
            if self.periods[row] <= self.periods[row - 1]:
                raise DataError(
                    f"column {self.name!r}: period {self.periods[row].date()} is not after the "
                    f"one before it; sort the rows and keep one a period"
                )
            if self.available[row] < self.available[row - 1]:
                raise DataError(
                    f"column {self.name!r}: period {self.periods[row].date()} was published "
                    f"before the period ahead of it; give it a later date of release"
                )

    def latest(self, moment: datetime) -> float | None:
        """Return the latest value published by `moment`, None if there is none yet.

        Returns:
            Value in the unit of the column.
        """
        n_published = bisect_right(self.available, moment)
        return self.values[n_published - 1] if n_published else None


def column_with_release_lag(name: str, values: Mapping[datetime, float], months: int) -> Column:
    """Return a column whose dates of release follow from the table of release lags.

    Args:
        name: Name of the series, a key of `RELEASE_LAGS`.
        values: Values by first moment of the period.
        months: Length of a period.

    Returns:
        Column in the unit of `values`, in the order of the periods.
    """
    periods = tuple(sorted(values))
    return Column(
        name,
        periods,
        tuple(values[period] for period in periods),
        tuple(available_at(name, period, months) for period in periods),
    )


def context_at(columns: Iterable[Column], moment: datetime) -> dict[str, float]:
    """Return the figures published by `moment`: the latest value of each column, if any.

    Args:
        columns: Columns with dates of release.
        moment: Moment with a time zone.

    Returns:
        Values by name of the column, each in the unit of its column.
    """
    latest = ((column.name, column.latest(moment)) for column in columns)
    return {name: value for name, value in latest if value is not None}


def observations_of(
    column: Column,
    context: Iterable[Column],
    *,
    source: str,
    leave_out: Collection[str] = (),
    segments: Mapping[datetime, Mapping[str, float]] | None = None,
) -> tuple[Observation, ...]:
    """Return the rows of one series, each with what was published when it was.

    Args:
        column: Column of the series.
        context: Columns for the context; the series' own is never in it.
        source: Name of the source.
        leave_out: Columns that must not stand beside this series, because they determine it.
        segments: Value per segment, by period; none: no segments.

    Returns:
        One row per period, in the unit of the column.
    """
    beside = [c for c in context if c.name != column.name and c.name not in leave_out]
    parts = segments or {}
    return tuple(
        Observation(
            period,
            value,
            context_at(beside, moment),
            moment,
            column.name,
            source,
            segment_values=parts.get(period, frozen_mapping()),
        )
        for period, value, moment in zip(
            column.periods, column.values, column.available, strict=True
        )
    )
