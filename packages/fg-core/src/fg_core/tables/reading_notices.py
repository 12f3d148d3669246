"""What is said of a table that was read: how, and what was changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .dates import Dates
from .labels import listed
from .layout import Layout
from .series import SeriesRows

__all__ = ["context_notices", "reading_changes", "reading_notices"]


def reading_notices(
    label: str, layout: Layout, dates: Dates, rows: SeriesRows, shape: str = ""
) -> list[str]:
    """Return how columns, dates and rows were read.

    Args:
        label: Name of the table.
        layout: Columns of the table by purpose.
        dates: Dates by row.
        rows: Rows of each series.
        shape: How a table of another shape was read, in words; empty: it had the usual one.

    Returns:
        Sentences that begin with the name of the table.
    """
    found = [shape] if shape else []
    if layout.told_by_content:
        told = listed(layout.told_by_content)
        found.append(f"{label}: columns of dates and values told by their content: {told}.")
    if dates.foreign:
        first = dates.moments[0].date().isoformat()
        found.append(f"{label}: dates like {dates.foreign!r} are read as {dates.form} ({first}).")
    if any(dates.offsets) and not dates.shifted:
        found.append(f"{label}: dates are read as they are written, each in its own time zone.")
    if rows.read_as:
        found.append(f"{label}: numbers are read by their form: {listed(rows.read_as)}.")
    if rows.unsorted:
        whose = listed(rows.unsorted)
        found.append(f"{label}: rows were out of order and were sorted: {whose}.")
    if rows.missing:
        found.append(f"{label}: rows without a value were left out: {listed(rows.missing)}.")
    return found


def reading_changes(label: str, dates: Dates, rows: SeriesRows, dropped: str = "") -> list[str]:
    """Return what was changed on reading.

    Args:
        label: Name of the table.
        dates: Dates by row.
        rows: Rows of each series.
        dropped: Rows at the end that are totals or notes, in words; empty: there are none.

    Returns:
        Sentences that begin with the name of the table.
    """
    found: list[str] = []
    if dropped:
        found.append(f"{label}: rows of totals or notes at the end were left out: {dropped}.")
    if dates.shifted:
        found.append(f"{label}: {dates.shifted}.")
    rounded = {
        name: f"up to {worst:.4g}"
        for name, ours in rows.by_series.items()
        if (worst := max(row.rounding for row in ours))
    }
    if rounded:
        found.append(
            f"{label}: totals differ from the sums of their segments by rounding, and segments "
            f"were scaled to the totals: {listed(rounded)}."
        )
    return found


def context_notices(
    label: str, unused: Sequence[str], telling: Mapping[str, Sequence[str]]
) -> list[str]:
    """Return which columns are no context.

    Args:
        label: Name of the table.
        unused: Columns without numbers.
        telling: Series whose values a column tells, by name of the column.

    Returns:
        Sentences that begin with the name of the table.
    """
    found: list[str] = []
    if unused:
        found.append(f"{label}: columns without numbers were left out: {listed(unused)}.")
    for column, names in telling.items():
        found.append(
            f"{label}: column {column!r} is no context of {listed(names)}, since it tells the "
            "value of its own row."
        )
    return found
