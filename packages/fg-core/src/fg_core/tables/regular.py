"""Series of one frequency: what it is, weeks off their day, gaps, and what fills them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce

from fg_core.calendar import (
    FREQUENCY_NAMES,
    MIN_ROWS,
    SEASON_LENGTHS,
    closed_weekdays,
    fits_frequency,
    infer_frequency,
    is_finer,
    missing_periods,
    next_period,
    period_number,
    period_start,
    weekly_days,
)
from fg_core.errors import DataError
from fg_core.frozen import frozen_mapping

from .labels import Labels, listed
from .series import Row

__all__ = ["Regular", "regular_rows"]

_MOST_ROWS = 5_000_000
_WEEKDAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")


@dataclass(frozen=True)
class Regular:
    """Rows of series that have one frequency.

    Args:
        by_series: Rows of each series, in the order of time.
        frequency: Frequency of all of them.
        season_length: Rows in a season: by frequency, and without days that are closed.
        changes: What was done to rows, in words.
        notices: What is to be known of rows that were left as they are, in words.
        left_out: Why series are left out, by name.
        moved: New moments of rows that were moved, by series and moment as it was written.
    """

    by_series: Mapping[str, Sequence[Row]]
    frequency: str
    season_length: int
    changes: tuple[str, ...]
    notices: tuple[str, ...]
    left_out: Mapping[str, str]
    moved: Mapping[str, Mapping[datetime, datetime]]

    def in_their_periods(self, rows: Mapping[str, Sequence[Row]]) -> dict[str, list[Row]]:
        """Return further rows of these series, moved as those of the same moment were.

        Args:
            rows: Rows of each series.

        Returns:
            Rows of the series that are not left out.
        """
        return {
            name: [
                row._replace(moment=self.moved.get(name, {}).get(row.moment, row.moment))
                for row in ours
            ]
            for name, ours in rows.items()
            if name in self.by_series
        }


def regular_rows(
    rows: Mapping[str, Sequence[Row]], labels: Labels, fill: float | None = None
) -> Regular:
    """Return the rows of series with one frequency.

    Args:
        rows: Rows of each series, in the order of time.
        labels: Names of the table and its rows.
        fill: Value of periods without a row between the first and the last of a series; None:
            they stay without.

    Returns:
        The rows, with what was done to get them.

    Raises:
        DataError: A series is irregular, or series have different frequencies; no series is long
            enough to tell.
    """
    left_out = {name: _too_short(ours) for name, ours in rows.items() if len(ours) < MIN_ROWS}
    if len(left_out) == len(rows):
        name, why = next(iter(left_out.items()))
        raise DataError(f"{labels.table}, series {name!r}: {why}")
    long = {name: ours for name, ours in rows.items() if name not in left_out}
    found = _Frequencies(labels, gaps=fill is not None, several=len(long) > 1)
    kept = {name: found.settle(name, ours) for name, ours in long.items()}
    frequency = found.common(kept)
    closed = closed_weekdays(_all_days(kept)) if frequency == "D" else ()
    changes, notices = list(found.changes()), []
    if closed:
        whose = " and ".join(_WEEKDAYS[day] for day in closed)
        notices.append(
            f"{labels.table}: there are no rows on {whose}, so that a season has "
            f"{SEASON_LENGTHS['D'] - len(closed)} rows (season_length, --season-length)."
        )
    if fill is not None:
        kept, filled = _filled(kept, frequency, closed, fill, labels)
        if filled:
            changes.append(
                f"{labels.table}: periods without a row were filled in with {fill:g}: "
                f"{listed(filled)}."
            )
    else:
        notices += _gaps(kept, frequency, closed, labels)
    season = SEASON_LENGTHS[frequency] - len(closed)
    return Regular(kept, frequency, season, tuple(changes), tuple(notices), left_out, found.moved)


class _Frequencies:
    """Frequencies of series, each of which may share its dates with others."""

    def __init__(self, labels: Labels, *, gaps: bool, several: bool) -> None:
        self._labels = labels
        self._gaps = gaps
        self._remedy = ", or leave the series out with exclude (--exclude)" if several else ""
        self._known: dict[tuple[date, ...], tuple[str, list[date] | None]] = {}
        self._of: dict[str, str] = {}
        self._moved: list[str] = []
        self.moved: dict[str, dict[datetime, datetime]] = {}

    def settle(self, name: str, rows: Sequence[Row]) -> Sequence[Row]:
        """Note the frequency of a series, and return its rows, weeks on their day."""
        days = tuple([row.moment.date() for row in rows])
        known = self._known.get(days)
        if known is None:
            known = self._known[days] = self._find(name, days)
        self._of[name], moved = known
        return rows if moved is None else self._move(name, rows, moved)

    def _find(self, name: str, days: Sequence[date]) -> tuple[str, list[date] | None]:
        try:
            frequency = infer_frequency(days, gaps=self._gaps)
            if frequency not in ("B", "D") or not self._gaps:
                return frequency, None
        except ValueError as error:
            frequency, why = "", str(error)
        moved = weekly_days(days)
        if moved is not None and _is_weekly(moved, gaps=self._gaps):
            return "W", moved
        if frequency:
            return frequency, None
        raise DataError(f"{self._labels.table}, series {name!r}: {why}{self._remedy}")

    def _move(self, name: str, rows: Sequence[Row], days: Sequence[date]) -> list[Row]:
        found = []
        for row, day in zip(rows, days, strict=True):
            written = row.moment.date()
            if day != written:
                where = self._labels.row(row.positions[0])
                self._moved.append(f"{name} {written} to {day} ({where})")
                moment = datetime(day.year, day.month, day.day)  # noqa: DTZ001
                self.moved.setdefault(name, {})[row.moment] = moment
                row = row._replace(moment=moment)
            found.append(row)
        return found

    def changes(self) -> Sequence[str]:
        """Return what was done to dates, in words."""
        if not self._moved:
            return ()
        return (
            f"{self._labels.table}: weeks that are not dated on the usual day were moved to it: "
            f"{listed(self._moved)}.",
        )

    def common(self, rows: Mapping[str, Sequence[Row]]) -> str:
        """Return the frequency of all series.

        Raises:
            DataError: They have different ones.
        """
        by_frequency: dict[str, list[str]] = {}
        for name, frequency in self._of.items():
            by_frequency.setdefault(frequency, []).append(name)
        if len(by_frequency) == 1:
            return next(iter(by_frequency))
        if self._gaps:  # a series with many gaps looks coarser than it is
            finest = reduce(lambda a, b: a if is_finer(a, than=b) else b, by_frequency)
            if fits_frequency(_all_days(rows), finest):
                return finest
        kinds = "; ".join(f"{FREQUENCY_NAMES[f]}: {listed(n)}" for f, n in by_frequency.items())
        raise DataError(
            f"{self._labels.table}: series of different frequencies ({kinds}); choose those of one "
            "with series (--series)"
        )


def _is_weekly(days: Sequence[date], *, gaps: bool) -> bool:
    try:
        return infer_frequency(days, gaps=gaps) == "W"
    except ValueError:
        return False


def _all_days(rows: Mapping[str, Sequence[Row]]) -> list[date]:
    return sorted({row.moment.date() for ours in rows.values() for row in ours})


def _too_short(rows: Sequence[Row]) -> str:
    return (
        f"{len(rows)} row{'' if len(rows) == 1 else 's'}, and its frequency shows from {MIN_ROWS} "
        "on (a backtest wants more than 20); give more rows, or leave the series out"
    )


def _gaps(
    rows: Mapping[str, Sequence[Row]], frequency: str, closed: Sequence[int], labels: Labels
) -> list[str]:
    absent = {}
    for name, ours in rows.items():
        days = [row.moment.date() for row in ours]
        n = missing_periods(days, frequency, closed=closed)
        if n:
            absent[name] = f"{n} of {n + len(ours)}"
    if not absent:
        return []
    return [
        f"{labels.table}: periods without a row: {listed(absent)}. Nothing is filled in, and a "
        "step ahead is a step from row to row, longer where a period is missing."
    ]


def _filled(
    rows: Mapping[str, Sequence[Row]],
    frequency: str,
    closed: Sequence[int],
    fill: float,
    labels: Labels,
) -> tuple[dict[str, Sequence[Row]], dict[str, str]]:
    """Return the rows with those of missing periods, and how many of them each series has."""
    found: dict[str, Sequence[Row]] = {}
    counts: dict[str, str] = {}
    total = 0
    for name, ours in rows.items():
        n = missing_periods([row.moment.date() for row in ours], frequency, closed=closed)
        total += len(ours) + n
        if total > _MOST_ROWS:
            raise DataError(
                f"{labels.table}: more than {_MOST_ROWS:,} rows with those that are filled in; "
                "choose fewer series (--series)"
            )
        if n:
            counts[name] = f"{n} of {n + len(ours)}"
        where = f"{labels.table}, series {name!r}"
        found[name] = _without_gaps(ours, frequency, closed, fill, where) if n else ours
    return found, counts


def _without_gaps(
    rows: Sequence[Row], frequency: str, closed: Sequence[int], fill: float, where: str
) -> list[Row]:
    segments = rows[0].segments
    if segments and fill:
        raise DataError(f"{where}: segments can be filled in with 0 alone, got {fill:g}")
    empty = frozen_mapping(dict.fromkeys(segments, 0.0))
    found = [rows[0]]
    for row in rows[1:]:
        at = next_period(period_start(found[-1].moment, frequency), frequency)
        end = period_number(row.moment.date(), frequency)
        while period_number(at.date(), frequency) < end:
            if at.weekday() not in closed:
                found.append(Row(at, (), fill, empty))
            at = next_period(at, frequency)
        found.append(row)
    return found
