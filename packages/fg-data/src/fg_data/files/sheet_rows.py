"""Rows of a sheet, as people make them: titles above the header, notes below the data.

The header is the first row, unless most rows below have another number of cells, or it has a single
cell: then it is the first row with as many cells as most have, all of them names.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain, islice
from typing import Any

from fg_core import DataError
from fg_core.tables.content import looks_like_dates, looks_like_numbers

from .content import MAX_ROWS
from .raw_table import RawTable, check_extent, check_names

__all__ = ["SAMPLE", "table_of_rows", "usual_length"]

SAMPLE = 60
"""Rows that the shape of a sheet is told from."""

_REMEMBERED = 100_000
_FEWEST_PERIODS = 3
_YEAR = re.compile(r"\d{4}(?:\.0)?", re.ASCII)

Row = tuple[int, Sequence[Any]]
"""Line or row of the file, from 1, and its cells."""


def table_of_rows(rows: Iterable[Row], label: str, *, decimal: str = "", how: str = "") -> RawTable:
    """Return the table in the rows of a sheet.

    Columns without a name are left out, with a notice; so are rows of titles, of notes, and those
    that repeat the header.

    Args:
        rows: Rows that are not empty.
        label: Name of the file in messages.
        decimal: Decimal sign of texts; empty: told from each column.
        how: What else tells cells apart, for messages, such as " (delimiter ',')".

    Returns:
        Cells by name of the column, all of the same length.

    Raises:
        DataError: No header, or a row has another number of cells; the message names the line.

    >>> rows = [(1, ["Sales, Store 5"]), (3, ["ds", "y"]), (4, ["2001", "1"]), (5, ["2002", "2"])]
    >>> table_of_rows(rows, "t.csv").columns
    {'ds': ['2001', '2002'], 'y': ['1', '2']}
    """
    ahead = iter(rows)
    sample = list(islice(ahead, SAMPLE))
    at, header, titles = _header(sample, label)
    names = [_text(name) for name in header]
    check_names(names, f"{label}, line {at}")
    n = len(names)
    columns: list[list[Any]] = [[] for _ in names]
    lines: list[int] = []
    seen: dict[str, str] = {}
    notes: list[Row] = []
    repeated = 0
    for line, cells in chain(sample[len(titles) + 1 :], ahead):
        if len(cells) != n:
            cells = _fitted(cells, n)
        if len(cells) != n:
            if not _is_note(cells):
                raise _other_length(label, (line, cells), n, how)
            notes.append((line, cells))
            continue
        if notes:  # not below the data, then
            raise _other_length(label, notes[0], n, how)
        if cells[0] == header[0] and [_text(cell) for cell in cells] == names:
            repeated += 1
            continue
        if len(lines) == MAX_ROWS:
            check_extent(MAX_ROWS + 1, n, label)
        lines.append(line)
        remembering = len(seen) < _REMEMBERED
        for column, cell in zip(columns, cells, strict=True):
            # Names and dates repeat in a long table; one text each is enough.
            if type(cell) is not str:
                column.append(cell)
            elif remembering:
                column.append(seen.setdefault(cell, cell))
            else:
                column.append(seen.get(cell, cell))
    check_extent(len(lines), n, label)
    unnamed = names.count("")
    found = {name: cells for name, cells in zip(names, columns, strict=True) if name}
    notices = (f"{label}: columns without a name were left out: {unnamed}.",) if unnamed else ()
    changes = [
        f"{label}: {what} were left out: {_quoted(some)}."
        for what, some in (("lines above the header", titles), ("lines below the data", notes))
        if some
    ]
    if repeated:
        changes.append(f"{label}: lines that repeat the header were left out: {repeated}.")
    return RawTable(found, lines, decimal, notices, tuple(changes))


def usual_length(rows: Sequence[Sequence[Any]]) -> int:
    """Return the number of cells that most rows have.

    Args:
        rows: Cells of rows.

    Returns:
        A number of cells; of equally frequent ones the largest; 0 without rows.

    >>> usual_length([["title"], ["ds", "y"], ["2001", "1"]])
    2
    """
    counts = Counter(len(cells) for cells in rows)
    return max(counts, key=lambda length: (counts[length], length), default=0)


def _header(sample: Sequence[Row], label: str) -> tuple[int, Sequence[Any], Sequence[Row]]:
    """Return line and cells of the header, and the rows above it."""
    if not sample:
        raise DataError(f"{label}: there is no header line, with the names of the columns")
    line, first = sample[0]
    fitted = [_fitted(cells, len(first)) for _, cells in sample]
    n = usual_length(fitted)
    most = 2 * sum(len(cells) == n for cells in fitted) > len(fitted)
    if most and n > 1 and (len(first) != n or _filled(first) == 1):
        for at, (number, cells) in enumerate(sample[1:], start=1):
            if len(cells) == n and _filled(cells) > 1 and _has_names(cells):
                return number, cells, sample[:at]
    return line, first, ()


def _has_names(cells: Sequence[Any]) -> bool:
    """Return whether all cells of a row are names; several periods are names of columns too."""
    data = [cell for cell in cells if looks_like_numbers([cell]) or looks_like_dates([cell])]
    if not data:
        return True
    periods = [cell for cell in data if _YEAR.fullmatch(_text(cell)) or looks_like_dates([cell])]
    return _FEWEST_PERIODS <= len(data) == len(set(periods)) < len(cells)


def _fitted(cells: Sequence[Any], n: int) -> Sequence[Any]:
    """Return a row without empty cells beyond the last column."""
    if len(cells) > n and not any(_text(cell) for cell in cells[n:]):
        return cells[:n]
    return cells


def _is_note(cells: Sequence[Any]) -> bool:
    """Return whether a row has a single cell, which is a text and no number or date."""
    there = [cell for cell in cells if _text(cell)]
    return (
        len(there) == 1
        and isinstance(there[0], str)
        and not looks_like_numbers(there)
        and not looks_like_dates(there)
    )


def _other_length(label: str, row: Row, n: int, how: str) -> DataError:
    line, cells = row
    return DataError(f"{label}, line {line}: {len(cells)} cells, and the header has {n}{how}")


def _filled(cells: Sequence[Any]) -> int:
    return sum(1 for cell in cells if _text(cell))


def _quoted(rows: Sequence[Row]) -> str:
    line, cells = rows[0]
    text = next((_text(cell) for cell in cells if _text(cell)), "")
    more = f" and {len(rows) - 1} more" if len(rows) > 1 else ""
    return f"line {line} {text[:40]!r}{more}"


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell).strip()
