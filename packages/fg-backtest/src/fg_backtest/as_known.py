"""A series as it was known: origins as moments, and which value of a period was out at each.

The origin of a period is the moment at which its forecast is made. A value that comes out later is
missing there, a value that is revised later is seen as it stood. Where each period has one value,
and each value is out at the origin of its period, there is nothing of this to play.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from operator import attrgetter
from typing import Any, Literal, TypeAlias

from fg_core import ConfigError, Dataset, Observation
from fg_core.calendar import own_frequency, period_end
from fg_core.worlds import Release

from .command_options import ForecastAt

__all__ = ["SeriesAsKnown", "Truth", "check_truth", "series_as_known"]

Truth: TypeAlias = Literal["latest", "first"] | int
"""Value of a period that forecasts are scored on: its last one, its first one, or the one after so
many revisions (the last one where there are fewer)."""

_A_DAY = timedelta(days=1)
_JUST_BEFORE = timedelta(microseconds=1)


@dataclass(frozen=True)
class SeriesAsKnown:
    """One series as it was known at each of its origins.

    Args:
        rows: values that forecasts are scored on, one per period, each with the context that was
            published with the first value of its period.
        moments: origin of each row.
        releases: values by the origin at which they come out; empty: each value is out at the
            origin of its period, and none is revised.
    """

    rows: tuple[Observation, ...]
    moments: tuple[datetime, ...]
    releases: tuple[Release, ...]

    def __reduce__(self) -> tuple[Any, ...]:
        # Column by column, which is quick to send to another process: a panel has hundreds of
        # thousands of rows, and most of them have their dates in common.
        if not self.rows or any(type(row) is not Observation for row in self.rows):
            return type(self), (self.rows, self.moments, self.releases)
        columns = tuple(zip(*map(_FIELDS_OF, self.rows), strict=True))
        return _from_columns, (type(self), columns, self.moments, self.releases)

    @property
    def n_revisions(self) -> int:
        """Number of values that took the place of an earlier one."""
        return max(0, len(self.releases) - len(self.rows))

    @property
    def n_late(self) -> int:
        """Number of periods of which no value was out at their own origin."""
        return sum(1 for period, origin in self._first_out().items() if origin > period)

    def _first_out(self) -> dict[int, int]:
        """Return the origin at which the first value of each period came out."""
        first: dict[int, int] = {}
        for one in self.releases:
            first[one.period] = min(one.origin, first.get(one.period, one.origin))
        return first

    def earliest(self, least: int, settled_after: int) -> int:
        """Return the first row that can be an origin, with `least` values out before it.

        Args:
            least: number of rows that a first fit sees.
            settled_after: rounds from the first value of a period until it is settled.

        Returns:
            Number of the row; that after the last where there is none.
        """
        if not self.releases:
            return 0
        first = self._first_out()
        for t in range(1, len(self.rows)):
            out = sum(1 for origin in first.values() if origin < t)
            if out >= least and first[0] + settled_after < t:
                return t
        return len(self.rows)


_FIELDS_OF = attrgetter(*(field.name for field in fields(Observation)))


def _from_columns(
    kind: type[SeriesAsKnown],
    columns: tuple[tuple[Any, ...], ...],
    moments: tuple[datetime, ...],
    releases: tuple[Release, ...],
) -> SeriesAsKnown:
    """Return a series from the columns of its rows."""
    return kind(tuple(map(Observation, *columns)), moments, releases)


def check_truth(truth: object) -> Truth:
    """Return which value forecasts are scored on, or refuse it.

    Args:
        truth: "latest", "first", or a number of revisions.

    Raises:
        ConfigError: Anything else.

    >>> check_truth("first"), check_truth(2)
    ('first', 2)
    """
    if truth == "latest":
        return "latest"
    if truth == "first":
        return "first"
    if isinstance(truth, int) and not isinstance(truth, bool) and truth >= 0:
        return truth
    raise ConfigError(
        f"truth must be latest, first or a number of revisions such as 2, got {truth!r}"
    )


def series_as_known(
    dataset: Dataset,
    name: str,
    *,
    truth: Truth = "latest",
    forecast_at: ForecastAt = "release",
    revised_data: bool = False,
) -> SeriesAsKnown:
    """Return a series of a dataset as it was known at each origin.

    With `forecast_at="release"` the origin of a period is the moment at which its first value comes
    out, or, if that of a later period comes out before, the moment before that. With "period" it is
    a day after the period ends, whatever is out then. The origin of the last period is at least the
    last moment that the dataset tells of.

    Args:
        dataset: dataset with the series.
        name: name of the series.
        truth: value of a period that forecasts are scored on.
        forecast_at: moment of the forecasts.
        revised_data: whether a period has its latest value from the first one on, as in a backtest
            that has no earlier values.

    Returns:
        Values and origins, one per row of the series, in the unit of the series.

    Raises:
        DataError: No such series.
    """
    values = dataset.values_of(name)
    if forecast_at == "release" and values is dataset.series(name) and _one_by_one(values):
        return SeriesAsKnown(values, tuple(row.available_at for row in values), ())
    by_period = [tuple(own) for _, own in groupby(values, key=lambda row: row.timestamp)]
    first = [own[0] for own in by_period]
    frequency = own_frequency([row.timestamp.date() for row in first], dataset.frequency)
    moments = _origins(first, frequency, forecast_at)
    last = max(moments[-1], *(row.available_at for row in dataset.series(name)))
    moments = (*moments[:-1], last)
    seen = by_period
    if revised_data:
        seen = [(replace(own[0], value=own[-1].value),) for own in by_period]
    releases = tuple(
        Release(period, max(period, bisect_left(moments, row.available_at)), row.value)
        for period, own in enumerate(seen)
        for row in own
    )
    rows = tuple(_scored(own, truth) for own in by_period)
    if len(releases) == len(rows) and all(
        one.origin == one.period and one.value == rows[one.period].value for one in releases
    ):
        releases = ()
    return SeriesAsKnown(rows, moments, releases)


def _one_by_one(rows: Sequence[Observation]) -> bool:
    """Return whether each value comes out after that of the period before."""
    return all(a.available_at < b.available_at for a, b in pairwise(rows))


def _origins(
    first: Sequence[Observation], frequency: str, forecast_at: ForecastAt
) -> tuple[datetime, ...]:
    """Return the moments of the origins, from the first value of each period."""
    if forecast_at == "period":
        return tuple(period_end(row.timestamp, frequency) + _A_DAY for row in first)
    found: list[datetime] = []
    next_out: datetime | None = None
    for row in reversed(first):
        out = row.available_at
        found.append(out if next_out is None else min(out, next_out - _JUST_BEFORE))
        next_out = out if next_out is None else min(out, next_out)
    return tuple(reversed(found))


def _scored(own: Sequence[Observation], truth: Truth) -> Observation:
    """Return the row of a period with the value that is scored, and what came with its first."""
    if len(own) == 1:
        return own[0]
    revisions = {"latest": len(own) - 1, "first": 0}.get(str(truth), truth)
    value = own[min(int(revisions), len(own) - 1)].value
    return replace(own[0], value=value)
