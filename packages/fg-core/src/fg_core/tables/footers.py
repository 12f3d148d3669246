"""Rows below the data that are none: totals and notes of spreadsheets."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from .cells import is_absent
from .content import looks_like_dates, looks_like_numbers

__all__ = ["footer_rows"]

_FOOTER = re.compile(
    r"(?:grand |sub-?)?totals?\b|sum(?:me|ma)?\b|averages?\b|mean\b|(?:ins)?gesamt\b|"
    r"sources?\b|quelle\b|(?:foot)?notes?\b|remarks?\b|last updated\b|(?:data )?extracted\b|"
    r"downloaded\b|copyright\b|©|\*",
    re.IGNORECASE,
)
_MOST_ROWS = 10
_FEWEST_ROWS = 3


def footer_rows(columns: Mapping[str, Sequence[Any]], ds: str) -> list[int]:
    """Return the rows at the end of a table that are a total or a note.

    They begin with a word for one, or have a single cell, which is a text.

    Args:
        columns: Cells by row, for each column by name.
        ds: Name of the column of dates; where there is none, the first that looks like one.

    Returns:
        Positions of the rows, rising; never all rows.

    >>> footer_rows({"ds": ["2001", "2002", "Total"], "y": [1, 2, 3]}, "ds")
    [2]
    """
    dates = columns.get(ds) or _dates(columns)
    found: list[int] = []
    for position in range(len(dates) - 1, 0, -1):
        date = dates[position]
        cells = [column[position] for column in columns.values()]
        there = [cell for cell in cells if not is_absent(cell)]
        alone = len(there) == 1 < len(columns) and _is_text(there[0])
        if not alone and not any(_is_footer(cell) for cell in (date, *there[:1])):
            break
        if not is_absent(date) and not _is_text(date):
            break  # a series may be called total
        found.append(position)
    return found[::-1]


def _dates(columns: Mapping[str, Sequence[Any]]) -> Sequence[Any]:
    """Return the cells of the first column that looks like dates above its end; none: no cells."""
    for cells in columns.values():
        if looks_like_dates(cells[: max(len(cells) - _MOST_ROWS, _FEWEST_ROWS)]):
            return cells
    return ()


def _is_text(cell: Any) -> bool:
    """Return whether a cell is a text, and no date or number."""
    return isinstance(cell, str) and not looks_like_dates([cell]) and not looks_like_numbers([cell])


def _is_footer(cell: Any) -> bool:
    return isinstance(cell, str) and _FOOTER.match(cell.strip()) is not None
