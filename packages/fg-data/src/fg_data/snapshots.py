"""Histories of services that show today's figures alone, from one answer of theirs.

Such a service does not say when a figure came out. Figures of the first answer that was ever kept
are assumed to have come out by a release lag, never after that answer. They are revised figures all
the same: what was published first for these periods is not known any more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from fg_data.vintages import Print, VintageHistory

__all__ = ["revised_note", "snapshot_history"]


def revised_note(n_periods: int, first: datetime) -> tuple[str, ...]:
    """Return the note about periods that the first answer on record had already.

    Args:
        n_periods: Number of these periods.
        first: Moment of that answer.

    Returns:
        The note; none where there is no such period.

    >>> revised_note(0, datetime(2026, 1, 1))
    ()
    """
    if not n_periods:
        return ()
    return (
        f"the values of {n_periods:,} periods are from before the first fetch on record "
        f"({first:%Y-%m-%d}): they are revised values as they stood then, not first prints, and "
        "their dates of publication are assumed",
    )


def snapshot_history(
    series_id: str,
    values: Mapping[datetime, float | None],
    seen_at: datetime,
    released: Callable[[datetime], datetime],
    *,
    frequency: str,
    units: str,
    notes: tuple[str, ...] = (),
) -> VintageHistory:
    """Return the history that one answer of a service tells.

    Args:
        series_id: Name of the series.
        values: Values by first moment of the period, UTC; None: marked as missing.
        seen_at: Moment of the answer, UTC.
        released: Function from a period to the moment at which its figure is assumed to have come
            out; never after the answer.
        frequency: One of `fg_core`'s frequencies.
        units: Unit in words.
        notes: Notes that a reader must know; that these are revised figures is added.

    Returns:
        One print per period; all publications count as assumed.

    >>> from datetime import UTC, timedelta
    >>> may = datetime(2026, 5, 1, tzinfo=UTC)
    >>> history = snapshot_history(
    ...     "CLI", {may: 100.1}, may + timedelta(days=60), lambda period: period + timedelta(45),
    ...     frequency="M", units="index",
    ... )
    >>> history.prints[0].published.date().isoformat(), len(history.notes)
    ('2026-06-15', 1)
    """
    prints = tuple(
        Print(period, values[period], min(seen_at, released(period))) for period in sorted(values)
    )
    notes = (*notes, *revised_note(len(prints), seen_at))
    return VintageHistory(series_id, frequency, units, prints, seen_at, notes)
