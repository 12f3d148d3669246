"""Days of the archive to moments, and its rows to a history.

The archive knows days: on which day a value became the published one, and until which it was. What
it took in on a day counts here as known from the end of that day (UTC) on. That is late for nearly
all: releases come at 08:30 Eastern time. The day in St. Louis is over six hours after the one in
UTC, so that what the service loads in its evening (closing prices of a few markets, hours after
these published them) counts from up to six hours before the service showed it.

The archive begins somewhere: a series' first vintage holds decades of earlier periods, and when
those were published is not on record. Their moment is taken from the table of release lags, never
after that first vintage. Older periods that a later vintage brought (an archive that was extended
backwards) are not among them: their figures are of that later vintage, and count from then on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby, pairwise
from operator import attrgetter

from fg_core import SourceError
from fg_data.vintages import Print

from .wire import FIRST_DAY, LAST_DAY, Row

__all__ = [
    "MOST_VINTAGES",
    "VINTAGES_PER_REQUEST",
    "known_from",
    "last_known_day",
    "merge_windows",
    "prints_of",
    "realtime_windows",
]

MOST_VINTAGES = 2000
"""The service refuses a request for more."""

VINTAGES_PER_REQUEST = 1900
"""Some fewer: more may be added between two requests."""

Window = tuple[date, date]

_DAY = timedelta(days=1)


def known_from(day: date) -> datetime:
    """Return the moment from which on figures that the archive took in on a day count as known.

    Args:
        day: Day of the archive.

    Returns:
        Moment in UTC.

    >>> known_from(date(2024, 10, 30)).isoformat()
    '2024-10-31T00:00:00+00:00'
    """
    return datetime.combine(day + _DAY, time(), UTC)


def last_known_day(moment: datetime) -> date:
    """Return the last day whose news count as known at a moment.

    Args:
        moment: Moment with a time zone.

    Returns:
        Day of the archive.

    >>> last_known_day(datetime(2024, 10, 31, tzinfo=UTC)).isoformat()
    '2024-10-30'
    >>> last_known_day(datetime(2024, 10, 31, 23, 59, tzinfo=UTC)).isoformat()
    '2024-10-30'
    """
    return moment.astimezone(UTC).date() - _DAY


def realtime_windows(vintages: Sequence[date], size: int) -> tuple[Window, ...]:
    """Return windows of days that hold at most so many vintages each, and together all days.

    Every window but the first begins on a vintage, so that a row that the service cuts at the
    beginning of a window really holds from there on, if with the value of before.

    Args:
        vintages: Days on which the series changed, rising.
        size: Largest number of vintages per window.

    Returns:
        Pairs of a first and a last day, in order.

    >>> days = [date(2024, 1, 5), date(2024, 2, 5), date(2024, 3, 5)]
    >>> [(a.isoformat(), b.isoformat()) for a, b in realtime_windows(days, 2)]
    [('1776-07-04', '2024-03-04'), ('2024-03-05', '9999-12-31')]
    """
    starts = [FIRST_DAY, *vintages[size::size]]
    ends = [start - _DAY for start in starts[1:]]
    return tuple(zip(starts, [*ends, LAST_DAY], strict=True))


def merge_windows(
    windows: Sequence[Window],
    rows: Sequence[Sequence[Row]],
    vintages: Sequence[date],
    *,
    what: str,
) -> tuple[Row, ...]:
    """Return the rows of all windows, those that were cut at a border whole again.

    Args:
        windows: Windows that `realtime_windows` returned.
        rows: Rows of each window.
        vintages: Days on which the series changed, rising.
        what: Name of the rows' origin in messages.

    Returns:
        Rows by period and first day, in the unit of the series.

    Raises:
        SourceError: Rows of one period that hold at the same time, or that begin on a day on which
            the series did not change: the service did not answer what was asked.
    """
    changes = frozenset(vintages)
    newest = vintages[-1]
    found: list[Row] = []
    for (start, end), part in zip(windows, rows, strict=True):
        for row in part:
            # On a border, and after the newest day we know of, there is nothing to compare with.
            if row.first not in changes and row.first != start and row.first <= newest:
                raise SourceError(
                    f"{what}: the row of {row.day} holds from {row.first}, on which the series did "
                    "not change; the service seems to have ignored the real-time period"
                )
            if row.last < start or row.first > end:
                raise SourceError(
                    f"{what}: the row of {row.day} holds from {row.first} to {row.last}, which is "
                    f"outside the days asked for ({start} to {end})"
                )
            found.append(replace(row, first=max(row.first, start), last=min(row.last, end)))
    found.sort(key=attrgetter("day", "first"))
    merged: list[Row] = []
    for row in found:
        before = merged[-1] if merged else None
        if before is None or before.day != row.day:
            merged.append(row)
        elif row.first <= before.last:
            raise SourceError(
                f"{what}: two values of {row.day} hold on {row.first}; the service contradicts "
                "itself"
            )
        elif row.first == before.last + _DAY and row.value == before.value:
            merged[-1] = replace(before, last=row.last)
        else:
            merged.append(row)
    if merged and all(row.last != LAST_DAY for row in merged):
        raise SourceError(
            f"{what}: no value holds today; the service seems to have ignored the real-time period"
        )
    # One new period may have come between two requests; that no other one is older says more.
    if len({row.day for row in merged}) > 1 and not any(row.first in changes for row in merged):
        raise SourceError(
            f"{what}: no value holds from a day on which the series changed; the service seems to "
            "have ignored the real-time period"
        )
    return tuple(merged)


def prints_of(
    rows: Iterable[Row],
    *,
    period_of: Callable[[date], datetime],
    first_vintage: date,
    release: Callable[[datetime], datetime | None],
) -> tuple[Print, ...]:
    """Return the prints that rows of the archive stand for.

    A period counts as older than the archive if the first vintage has it and its release, by the
    lag, lies before that vintage. The first print of such a period is dated by the lag; all others
    by the archive. A period that came in later, however old it is, has figures of that later
    vintage, such as those of another base year.

    Args:
        rows: Rows by day and first day in the archive.
        period_of: First moment of the period that the service dates by a day.
        first_vintage: First day of the archive.
        release: When the release of a period is assumed to have been; None: no rule says.

    Returns:
        Prints by period and publication, in the unit of the rows.
    """
    by_day = [list(group) for _, group in groupby(rows, key=attrgetter("day"))]
    archive = known_from(first_vintage)
    prints: list[Print] = []
    for group in by_day:
        period = period_of(group[0].day)
        moments = [known_from(row.first) for row in group]
        if group[0].first <= first_vintage:
            assumed = release(period)
            if assumed is not None and assumed < archive:
                moments[0] = assumed
        ends = [None if row.last == LAST_DAY else known_from(row.last + _DAY) for row in group]
        prints += [
            Print(period, row.value, moment, end)
            for row, moment, end in zip(group, moments, ends, strict=True)
        ]
    return tuple(prints)


def in_order(rows: Sequence[Row], *, what: str) -> tuple[Row, ...]:
    """Return the rows if they come as they were asked for: rising, and none twice.

    Args:
        rows: Rows as the service sent them.
        what: Name of the request in messages.

    Returns:
        The rows themselves.

    Raises:
        SourceError: They do not.
    """
    for before, row in pairwise(rows):
        if (row.day, row.first) <= (before.day, before.first):
            kind = "twice" if row.day == before.day else f"after the one of {before.day}"
            raise SourceError(
                f"{what}: the row of {row.day} comes {kind}, although rising dates were asked for"
            )
    return tuple(rows)
