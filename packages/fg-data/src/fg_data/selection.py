"""Selection of what a query asks for: series, and rows by period and by `as_of`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from fg_core import DataError, Observation, Query
from fg_core.nearest import nearest_first

from .vintages import day_of_news

__all__ = ["chosen_series", "known_rows"]


def chosen_series(
    query: Query, known: Sequence[str], default: Sequence[str], *, source: str
) -> tuple[str, ...]:
    """Return the series that a query asks for, each once; the default ones if it names none.

    Args:
        query: Query with the names of series.
        known: Names of the series that the source has.
        default: Names of the series that it has by default.
        source: Name of the source in messages.

    Returns:
        Names in the order in which they were asked for.

    Raises:
        DataError: A series that the source does not have; the message lists those it has.
    """
    for name in query.series:
        if name not in known:
            raise DataError(
                f"source {source!r} has no series {name!r}; it has (nearest first) "
                f"{', '.join(nearest_first(name, known))}"
            )
    return tuple(dict.fromkeys(query.series or default))


def known_rows(
    rows: Sequence[Observation], query: Query, as_of: datetime | None, *, source: str
) -> tuple[Observation, ...]:
    """Return the rows of the periods asked for that were known at `as_of`, as they are.

    A series that had no row out yet is absent from the answer, as it was from the news.

    Args:
        rows: All rows of the series that were asked for.
        query: Query whose `start` and `end` bound the first moment of a period, both included.
        as_of: Moment by which rows must have been available; None: all rows.
        source: Name of the source, for messages.

    Returns:
        Rows in the order of `rows`, at least one.

    Raises:
        DataError: A moment without a time zone, or no row left.
    """
    for name, moment in (("start", query.start), ("end", query.end), ("as_of", as_of)):
        if moment is not None and moment.tzinfo is None:
            raise DataError(
                f"source {source!r}: {name} {moment} has no time zone; "
                "give it one, such as tzinfo=datetime.UTC"
            )
    if query.start is query.end is as_of is None and rows:
        return tuple(rows)
    kept = tuple(
        row
        for row in rows
        if (query.start is None or row.timestamp >= query.start)
        and (query.end is None or row.timestamp <= query.end)
        and (as_of is None or row.available_at <= as_of)
    )
    if not kept:
        asked = [f"from {query.start.date()}"] if query.start else []
        asked += [f"to {query.end.date()}"] if query.end else []
        asked += [f"known by {day_of_news(as_of)}"] if as_of else []
        raise DataError(
            f"source {source!r} has no rows {' '.join(asked)}; its periods go from "
            f"{min(row.timestamp for row in rows).date()} to "
            f"{max(row.timestamp for row in rows).date()}, the first published on "
            f"{day_of_news(min(row.available_at for row in rows))}"
        )
    return kept
