"""Names of the rows and the columns of a table, in messages and notices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from fg_core.errors import DataError

__all__ = ["Column", "Labels", "listed", "shown"]

_LISTED = 5
_SHOWN = 40


@dataclass(frozen=True)
class Labels:
    """Names of a table and of its rows; positions count from 0, rows for people from 1.

    Args:
        table: Name of the table.
        lines: Line of its file by row, where there is one.
        rows: Row of the table by position, where rows were left out; None: all are there.

    >>> Labels("sales.csv", lines=(2, 3, 5)).at(2, "y")
    "sales.csv, row 3 (line 5), column 'y'"
    """

    table: str
    lines: Sequence[int] | None = None
    rows: Sequence[int] | None = None

    def row(self, position: int) -> str:
        """Return the name of one row."""
        row = position if self.rows is None else self.rows[position]
        line = "" if self.lines is None else f" (line {self.lines[row]})"
        return f"row {row + 1}{line}"

    def at(self, position: int, column: str | None = None) -> str:
        """Return where a cell is, or a row."""
        where = f"{self.table}, {self.row(position)}"
        return where if column is None else f"{where}, column {column!r}"

    def keep(self, positions: Sequence[int]) -> Self:
        """Return the names of the rows that are left."""
        rows = positions if self.rows is None else [self.rows[at] for at in positions]
        return replace(self, rows=rows)


@dataclass(frozen=True)
class Column:
    """Cells of one column, with names for them.

    Args:
        name: Name of the column.
        cells: Cells as they were read.
        labels: Names of the rows.
    """

    name: str
    cells: Sequence[Any]
    labels: Labels

    def error(self, position: int, what: str) -> DataError:
        """Return an error that names the cell."""
        return DataError(f"{self.labels.at(position, self.name)}: {what}")


def shown(cell: object) -> str:
    """Return a cell as a message quotes it: on one line, and not too long.

    Args:
        cell: Cell of a table, of any type.

    Returns:
        Text in quotation marks, cut after some characters.

    >>> shown("n/a?"), shown("x" * 100)[-6:]
    ("'n/a?'", 'xxx...')
    """
    text = cell if isinstance(cell, str) else str(cell)
    return repr(text) if len(text) <= _SHOWN else f"{text[:_SHOWN]!r}"[:-1] + "..."


def listed(names: Iterable[str] | Mapping[str, object]) -> str:
    """Return the first few names in words, with what belongs to each, and how many more there are.

    Args:
        names: Names, or what belongs to each by name.

    Returns:
        Names with commas between them, such as "a 2, b 1 and 3 more".

    >>> listed({"a": 2, "b": 1}), listed("abcdefg")
    ('a 2, b 1', 'a, b, c, d, e and 2 more')
    """
    if isinstance(names, Mapping):
        texts = [f"{name} {what}" for name, what in names.items()]
    else:
        texts = list(names)
    more = f" and {len(texts) - _LISTED} more" if len(texts) > _LISTED else ""
    return ", ".join(texts[:_LISTED]) + more
