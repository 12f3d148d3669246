"""A table as it is in a file, before its columns have a meaning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fg_core import DataError

from .content import MAX_CELLS, MAX_ROWS

__all__ = ["RawTable", "check_extent", "check_names"]


@dataclass(frozen=True)
class RawTable:
    """Cells of a file.

    Args:
        columns: Cells by name of the column; texts from CSV, values from JSON and Parquet.
        lines: Line of the file by row, where there are lines.
        decimal: Decimal sign of texts; empty: told from each column.
        notices: Notices that a reader of results must know, such as columns that were left out.
        changes: What was left out of the file on reading, in words, such as rows of titles.
    """

    columns: Mapping[str, Sequence[Any]]
    lines: Sequence[int] | None = None
    decimal: str = ""
    notices: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()


def check_extent(rows: int, columns: int, label: str) -> None:
    """Refuse a table that is larger than what is read.

    Args:
        rows: Number of rows.
        columns: Number of columns.
        label: Name of the file in messages.

    Raises:
        DataError: Too many rows or cells.
    """
    if rows > MAX_ROWS:
        raise DataError(
            f"{label}: more than {MAX_ROWS:,} rows, which is the most that is read; cut it into "
            "files of fewer series"
        )
    if rows * columns > MAX_CELLS:
        raise DataError(
            f"{label}: {rows:,} rows of {columns:,} columns are more than {MAX_CELLS:,} cells, "
            "which is the most that is read; leave columns out"
        )


def check_names(names: Sequence[str], where: str) -> None:
    """Refuse two columns of one name; columns without a name do not count.

    Args:
        names: Names of the columns.
        where: Name of the place in messages.

    Raises:
        DataError: There are two.
    """
    seen = set()
    for name in filter(None, names):
        if name in seen:
            raise DataError(f"{where}: two columns are named {name!r}; rename one of them")
        seen.add(name)
