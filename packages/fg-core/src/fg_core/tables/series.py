"""From dated cells to the rows of a series: missing values out, in order, segments added up."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, pairwise
from typing import Any, NamedTuple

from fg_core.errors import DataError
from fg_core.frozen import FrozenMapping, frozen_mapping
from fg_core.resolution import decimals_of
from fg_core.segments import rescale_segments

from .labels import Labels

__all__ = ["Entry", "Row", "RowsOfSeries", "SeriesRows", "later_rows", "rows_of"]

# Beyond rounding of each number in the file, a total and its segments disagree.
_TOLERANCE = 1e-6
_EXACT = 1e-9
_MOST_ROUNDING = 0.02  # of the segments: more is a mistake, also where numbers have few digits


class Entry(NamedTuple):
    """One dated value of a series or of a segment of it.

    Args:
        moment: Date as it was written.
        position: Row in the table.
        value: Value in the unit of the series; None: missing.
        segment: Name of the segment; empty: the series itself.
        known: Moment that the value became known, where the table says it.
    """

    moment: datetime
    position: int
    value: float | None
    segment: str = ""
    known: datetime | None = None


class Row(NamedTuple):
    """One period of a series.

    Args:
        moment: Date as it was written.
        positions: Rows of the table that it comes from; empty: it was filled in.
        value: Value in the unit of the series.
        segments: Value per segment; they add up to `value`.
        has_total: Whether the first position is a row of the series itself.
        rounding: Difference between total and segments in the table, beyond that of arithmetic.
    """

    moment: datetime
    positions: tuple[int, ...]
    value: float
    segments: Mapping[str, float] = frozen_mapping()
    has_total: bool = True
    rounding: float = 0.0


class RowsOfSeries(NamedTuple):
    """The rows of a series in the order of time, one a period, and what was done to get them.

    Args:
        rows: Rows with the value of each period that became known last.
        earlier: Rows with values that later ones took the place of, by period and then in the order
            in which they became known.
        missing: Number of values that are missing.
        was_sorted: Whether the rows were out of order.
    """

    rows: list[Row]
    earlier: list[Row]
    missing: int
    was_sorted: bool


@dataclass(frozen=True)
class SeriesRows:
    """The rows of each series, and what was done to get them.

    Args:
        by_series: Rows of each series, in the order of time.
        earlier: Rows with values that those took the place of, by series that have some.
        missing: Rows without a value, by series that had some.
        unsorted: Series whose rows were out of order.
        future: Context of the rows after the last value, by series and date as it was written.
        empty: Series without any value, which have no rows.
        read_as: First number of each column that Python would not read, and what it is.
    """

    by_series: Mapping[str, Sequence[Row]]
    earlier: Mapping[str, Sequence[Row]]
    missing: Mapping[str, int]
    unsorted: Sequence[str]
    empty: Sequence[str]
    read_as: Sequence[str] = ()
    future: Mapping[str, Mapping[datetime, Mapping[str, float]]] = frozen_mapping()


def rows_of(series: str, entries: Sequence[Entry], labels: Labels) -> RowsOfSeries:
    """Return the rows of a series in the order of time.

    A period may have several values where the table says when each became known. One that repeats
    the value before it is no revision, and is left out.

    Args:
        series: Name of the series.
        entries: Entries in the order of the table.
        labels: Names of the rows, for messages.

    Returns:
        The rows, the values that they took the place of, and what was done.

    Raises:
        DataError: Two values for one moment, two moments in a day, no value at all, or segments
            that are incomplete or do not add up to their total.
    """
    where = f"{labels.table}, series {series!r}"
    present = [entry for entry in entries if entry.value is not None]
    if not present:
        raise DataError(f"{where}: there is no value in it; leave the series out")
    if _is_plain(present):
        rows = [Row(entry.moment, (entry.position,), entry.value) for entry in present]  # type: ignore[arg-type]
        return RowsOfSeries(rows, [], len(entries) - len(present), False)
    # A table may have one segment below the other: each of them in order is in order.
    by_segment = sorted(present, key=lambda entry: entry.segment)
    was_sorted = all(
        a.moment <= b.moment for a, b in pairwise(by_segment) if a.segment == b.segment
    )
    present.sort(key=lambda entry: entry.moment)
    every = sorted({entry.segment for entry in present} - {""})
    tolerance = _rounding_error(present, len(every)) if every else 0.0
    rows, earlier = [], []
    for moment, group in groupby(present, key=lambda entry: entry.moment):
        found = list(group)
        if not every and len(found) > 1 and found[0].known is not None:
            replaced, found = _in_order(where, found, labels)
            earlier += replaced
        _refuse_duplicates(where, found, labels)
        if rows and rows[-1].moment.date() == moment.date():
            raise DataError(
                f"{where}: two moments of {moment.date()}, in {labels.row(rows[-1].positions[0])} "
                f"and {labels.row(found[0].position)}; hourly and finer data are not supported, "
                "so give one row a day"
            )
        rows.append(_row(where, moment, found, every, tolerance, labels))
    return RowsOfSeries(rows, earlier, len(entries) - len(present), not was_sorted)


def _in_order(
    where: str, entries: Sequence[Entry], labels: Labels
) -> tuple[list[Row], list[Entry]]:
    """Return the values of one period that others took the place of, and the last one."""
    ours: Any = sorted(entries, key=lambda entry: entry.known)
    found = [ours[0]]
    for before, entry in pairwise(ours):
        if before.known == entry.known:
            raise DataError(
                f"{where}: {entry.moment.date()} has two values known at "
                f"{entry.known.isoformat()}, in {labels.row(before.position)} and "
                f"{labels.row(entry.position)}; keep one of them"
            )
        if entry.value != found[-1].value:
            found.append(entry)
    earlier = [Row(entry.moment, (entry.position,), entry.value) for entry in found[:-1]]
    return earlier, found[-1:]


def later_rows(series: str, entries: Sequence[Entry], last: datetime, labels: Labels) -> list[Row]:
    """Return the rows without a value after the last value of a series, in the order of time.

    Args:
        series: Name of the series.
        entries: Entries in the order of the table.
        last: Date of the last value, as it was written.
        labels: Names of the rows, for messages.

    Returns:
        Rows whose value is NaN.

    Raises:
        DataError: Two rows for one moment.
    """
    later = sorted((e for e in entries if e.moment > last), key=lambda entry: entry.moment)
    found = []
    for moment, group in groupby(later, key=lambda entry: entry.moment):
        own = sorted(group, key=lambda entry: entry.segment)
        _refuse_duplicates(f"{labels.table}, series {series!r}", own, labels)
        positions = tuple([entry.position for entry in own])
        found.append(Row(moment, positions, math.nan, has_total=not own[0].segment))
    return found


def _is_plain(entries: Sequence[Entry]) -> bool:
    """Return whether there are no segments, and each entry is of a later day than the last."""
    if any(entry.segment for entry in entries):
        return False
    days = [entry.moment.date() for entry in entries]
    return all(a < b for a, b in pairwise(days))


def _refuse_duplicates(where: str, entries: Sequence[Entry], labels: Labels) -> None:
    if len(entries) == 1:
        return
    first: dict[str, Entry] = {}
    for entry in entries:
        before = first.setdefault(entry.segment, entry)
        if before is not entry:
            of = f" of segment {entry.segment!r}" if entry.segment else ""
            raise DataError(
                f"{where}: {entry.moment.date()}{of} appears twice, in "
                f"{labels.row(before.position)} and {labels.row(entry.position)}; keep one row "
                "a period, or say in a column available_at when each value became known"
            )


def _rounding_error(entries: Sequence[Entry], n_segments: int) -> float:
    """Return by how much a total and its segments may differ where each was rounded by itself."""
    decimals = decimals_of(entry.value for entry in entries if entry.value is not None)
    return 0.0 if decimals is None else 0.5 * (n_segments + 1) * 10.0**-decimals


def _row(
    where: str,
    moment: datetime,
    entries: Sequence[Entry],
    every: Sequence[str],
    tolerance: float,
    labels: Labels,
) -> Row:
    total = next((entry for entry in entries if not entry.segment), None)
    if not every:
        assert total is not None
        assert total.value is not None
        return Row(moment, (total.position,), total.value)
    parts = {e.segment: e.value for e in entries if e.segment and e.value is not None}
    missing = [name for name in every if name not in parts]
    if missing:
        raise DataError(
            f"{where}: {moment.date()} ({labels.row(entries[0].position)}) has no value for "
            f"segment {missing[0]!r}; give each segment in each period, 0 where there was nothing"
        )
    segments = FrozenMapping({name: parts[name] for name in every})
    added = math.fsum(segments.values())
    positions = [e.position for e in entries if e.segment]
    if total is None or total.value is None:
        return Row(moment, tuple(positions), added, segments, has_total=False)
    size = math.fsum(abs(part) for part in segments.values())
    gap = abs(total.value - added)
    rounding = min(tolerance * (1.0 + _EXACT), _MOST_ROUNDING * size)
    if gap > max(_TOLERANCE * size, rounding):
        raise DataError(
            f"{where}: the segments of {moment.date()} add up to {added:.10g}, and the total in "
            f"{labels.row(total.position)} is {total.value:.10g}; mend them, or leave the totals "
            "out (rows with an empty segment_id), which are then computed"
        )
    if gap > _EXACT * size:  # rounded in the file
        segments = rescale_segments(segments, total.value)
    gap = gap if gap > _TOLERANCE * size else 0.0
    return Row(moment, (total.position, *positions), total.value, segments, rounding=gap)
