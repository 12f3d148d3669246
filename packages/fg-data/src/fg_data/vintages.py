"""A series with every figure that was ever published for it: what was known, and when.

A period has one print after another: an advance estimate, its revisions, the annual benchmark. Each
counts as known from its publication until the next one supersedes it. Asked for a moment, a history
answers with the figures that were published then, not with those of today.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from heapq import heappop, heappush
from itertools import pairwise

from fg_core import DataError
from fg_core.calendar import FREQUENCIES
from fg_core.mappings import FrozenMapping

__all__ = ["KnownValue", "Print", "VintageHistory", "day_of_news", "vintage_columns"]

_INSTANT = timedelta(microseconds=1)


def day_of_news(moment: datetime) -> date:
    """Return the day on which something came out that counts as known from a moment on.

    A service that knows days alone counts its news as known from the end of the day on, which is
    the first moment of the next one.

    Args:
        moment: Moment from which on it counts as known, with a time zone.

    Returns:
        Day in UTC.

    >>> from datetime import UTC
    >>> day_of_news(datetime(2024, 10, 31, tzinfo=UTC)).isoformat()
    '2024-10-30'
    >>> day_of_news(datetime(2024, 10, 30, 12, 30, tzinfo=UTC)).isoformat()
    '2024-10-30'
    """
    return (moment.astimezone(UTC) - _INSTANT).date()


@dataclass(frozen=True)
class Print:
    """One published figure of one period.

    Args:
        period: First moment of the period, UTC.
        value: Value in the unit of the series; None: the service marks it as missing.
        published: Moment from which on it counts as known, UTC.
        superseded: First moment at which it was no longer the published one; None: it still is.

    Raises:
        DataError: A moment that is not UTC, a value that is not finite, or a figure that was
            superseded before it was published.
    """

    period: datetime
    value: float | None
    published: datetime
    superseded: datetime | None = None

    def __post_init__(self) -> None:
        for name in ("period", "published", "superseded"):
            moment = getattr(self, name)
            if moment is not None and moment.utcoffset() != timedelta(0):
                raise DataError(f"a print's {name} must be in UTC, got {moment}")
        if self.value is not None and not math.isfinite(self.value):
            raise DataError(
                f"print of {self.period.date()}: {self.value!r} is not a finite number; "
                "a missing figure is None"
            )
        if self.superseded is not None and self.superseded <= self.published:
            raise DataError(
                f"print of {self.period.date()}: superseded at {self.superseded}, which is not "
                f"after {self.published}, when it was published"
            )


@dataclass(frozen=True)
class KnownValue:
    """A figure as it was known.

    Args:
        period: First moment of the period, UTC.
        value: Value in the unit of the series, finite.
        available_at: When this figure was published, UTC.
    """

    period: datetime
    value: float
    available_at: datetime


def _holds(one: Print, moment: datetime) -> bool:
    return one.superseded is None or moment < one.superseded


@dataclass(frozen=True)
class VintageHistory:
    """Every print of one series.

    Args:
        series_id: Name of the series.
        frequency: One of `fg_core.calendar.FREQUENCIES`.
        units: Unit in words.
        prints: Prints by period, then by publication; those of one period do not overlap in time.
        assumed_before: Moments of publication before this one are assumed from release lags: the
            first vintage on record held these periods already. None: all are observed.
        notes: Notes that a reader of these figures must know.

    Raises:
        DataError: An unknown frequency, or prints that are out of order or overlap.

    >>> april, may, june = (datetime(2024, month, 26, tzinfo=UTC) for month in (4, 5, 6))
    >>> quarter = datetime(2024, 1, 1, tzinfo=UTC)
    >>> history = VintageHistory(
    ...     "GDP", "Q", "Billions of Dollars",
    ...     (Print(quarter, 28284.5, april, may), Print(quarter, 28255.9, may)),
    ... )
    >>> [known.value for known in history.as_of(may - timedelta(seconds=1))]
    [28284.5]
    >>> [known.value for known in history.as_of(june)]
    [28255.9]
    """

    series_id: str
    frequency: str
    units: str
    prints: tuple[Print, ...]
    assumed_before: datetime | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "prints", tuple(self.prints))
        object.__setattr__(self, "notes", tuple(self.notes))
        where = f"series {self.series_id!r}"
        if self.frequency not in FREQUENCIES:
            raise DataError(
                f"{where}: frequency is one of {', '.join(FREQUENCIES)}, got {self.frequency!r}"
            )
        for before, after in pairwise(self.prints):
            if after.period < before.period:
                raise DataError(
                    f"{where}: period {after.period.date()} is out of order; sort the prints by "
                    "period and publication"
                )
            if after.period == before.period and (
                before.superseded is None or after.published < before.superseded
            ):
                raise DataError(
                    f"{where}: two prints of {after.period.date()} hold at {after.published}; "
                    "the earlier one must be superseded by then"
                )
        moment = self.assumed_before
        if moment is not None and moment.utcoffset() != timedelta(0):
            raise DataError(f"{where}: assumed_before must be in UTC, got {moment}")

    def as_of(self, moment: datetime) -> tuple[KnownValue, ...]:
        """Return exactly what was known at a moment, by period.

        Each period has the print with `published <= moment < superseded`; periods without one, and
        those marked as missing, are left out.

        Returns:
            Figures in the unit of the series, one per period.

        Raises:
            DataError: A moment without a time zone.
        """
        self._require_zone(moment)
        known = []
        for prints in self._by_period.values():
            n_published = bisect_right(prints, moment, key=lambda one: one.published)
            if not n_published:
                continue
            last = prints[n_published - 1]
            if last.value is not None and _holds(last, moment):
                known.append(KnownValue(last.period, last.value, last.published))
        return tuple(known)

    def first_prints(self) -> tuple[KnownValue, ...]:
        """Return the first figure of each period that is not marked as missing, by period."""
        firsts = []
        for prints in self._by_period.values():
            first = next((one for one in prints if one.value is not None), None)
            if first is not None and first.value is not None:
                firsts.append(KnownValue(first.period, first.value, first.published))
        return tuple(firsts)

    def every_value(self) -> tuple[KnownValue, ...]:
        """Return every value that was published of every period, by period and publication.

        Marks that a figure is missing are left out, and so is a value that repeats the one before
        it: neither is a revision.

        Returns:
            Figures in the unit of the series, each with the moment of its own publication.
        """
        found: list[KnownValue] = []
        for prints in self._by_period.values():
            last: float | None = None
            for one in prints:
                if one.value is not None and one.value != last:
                    found.append(KnownValue(one.period, one.value, one.published))
                    last = one.value
        return tuple(found)

    def latest(self, moment: datetime) -> KnownValue | None:
        """Return the figure of the latest period known at a moment; None if there is none yet.

        Returns:
            Figure in the unit of the series, and the moment of its publication.

        Raises:
            DataError: A moment without a time zone.
        """
        self._require_zone(moment)
        moments, latest = self._latest_since
        n_passed = bisect_right(moments, moment)
        return latest[n_passed - 1] if n_passed else None

    def revisions(self, period: datetime) -> tuple[Print, ...]:
        """Return the prints of one period, by publication; none if it has no row.

        Returns:
            Prints in the unit of the series.
        """
        return self._by_period.get(period, ())

    def until(self, moment: datetime) -> VintageHistory:
        """Return the history as it stood at a moment: later prints are gone, and have no effect.

        Returns:
            History with the prints that were published by then.

        Raises:
            DataError: A moment without a time zone.
        """
        self._require_zone(moment)
        prints = tuple(
            replace(one, superseded=None)
            if one.superseded is not None and one.superseded > moment
            else one
            for one in self.prints
            if one.published <= moment
        )
        return replace(self, prints=prints)

    @property
    def vintage_dates(self) -> tuple[datetime, ...]:
        """The moments at which what was known changed, rising."""
        moments = {one.published for one in self.prints}
        moments |= {one.superseded for one in self.prints if one.superseded is not None}
        return tuple(sorted(moments))

    @property
    def observed_vintages(self) -> tuple[datetime, ...]:
        """The moments of the vintages that are on record, rising, without assumed releases.

        The first vintage is one of them where periods are older than it.
        """
        begin = self.assumed_before
        if begin is None:
            return self.vintage_dates
        moments = {moment for moment in self.vintage_dates if moment >= begin}
        if any(one.published < begin for one in self.prints):
            moments.add(begin)
        return tuple(sorted(moments))

    def _require_zone(self, moment: datetime) -> None:
        if moment.tzinfo is None:
            raise DataError(
                f"series {self.series_id!r}: moment {moment} has no time zone; give it one, such "
                "as tzinfo=datetime.UTC"
            )

    @cached_property
    def _latest_since(self) -> tuple[tuple[datetime, ...], tuple[KnownValue | None, ...]]:
        """The moments at which what is known changed, and the latest period's figure from each."""
        waiting = sorted(
            (one for one in self.prints if one.value is not None),
            key=lambda one: one.published,
            reverse=True,
        )
        # Heap of what was published, the latest period on top; what was superseded is dropped
        # only when it comes to the top.
        standing: list[tuple[float, int, Print]] = []
        latest: list[KnownValue | None] = []
        for moment in self.vintage_dates:
            while waiting and waiting[-1].published <= moment:
                one = waiting.pop()
                heappush(standing, (-one.period.timestamp(), len(waiting), one))
            while standing and not _holds(standing[0][2], moment):
                heappop(standing)
            top = standing[0][2] if standing else None
            latest.append(
                None
                if top is None or top.value is None
                else KnownValue(top.period, top.value, top.published)
            )
        return self.vintage_dates, tuple(latest)

    @cached_property
    def _by_period(self) -> Mapping[datetime, tuple[Print, ...]]:
        """Prints of each period, the periods rising; one pass for many questions."""
        found: dict[datetime, list[Print]] = {}
        for one in self.prints:
            found.setdefault(one.period, []).append(one)
        return FrozenMapping({period: tuple(prints) for period, prints in found.items()})


def vintage_columns(
    histories: Iterable[VintageHistory], as_of: datetime | None = None
) -> dict[str, list[object]]:
    """Return all vintages of series as a long table: several rows of a period that was revised.

    `fg_core.dataset_from_table` reads it, and `fg_backtest` plays it: at every origin each period
    has the value that stood then.

    Args:
        histories: Every print of each series.
        as_of: Moment by which values must have been known, with a time zone; None: all.

    Returns:
        Columns `unique_id` (name of the series), `ds` (first day of the period, a date), `y` (value
        in the unit of the series) and `available_at` (moment of its publication, UTC). Values that
        were published before their period began, which are projections, are left out.

    Raises:
        DataError: A moment without a time zone.

    >>> april, may = (datetime(2024, month, 26, tzinfo=UTC) for month in (4, 5))
    >>> quarter = datetime(2024, 1, 1, tzinfo=UTC)
    >>> prints = (Print(quarter, 28284.5, april, may), Print(quarter, 28255.9, may))
    >>> columns = vintage_columns([VintageHistory("GDP", "Q", "Billions of Dollars", prints)])
    >>> columns["y"], [day.isoformat() for day in columns["ds"]]
    ([28284.5, 28255.9], ['2024-01-01', '2024-01-01'])
    """
    columns: dict[str, list[object]] = {
        name: [] for name in ("unique_id", "ds", "y", "available_at")
    }
    for history in histories:
        known = history if as_of is None else history.until(as_of)
        for one in known.every_value():
            if one.available_at < one.period:
                continue
            columns["unique_id"].append(history.series_id)
            columns["ds"].append(one.period.date())
            columns["y"].append(one.value)
            columns["available_at"].append(one.available_at)
    return columns
