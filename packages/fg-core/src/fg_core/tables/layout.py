"""Which columns of a table mean what."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from fg_core.errors import DataError
from fg_core.nearest import nearest_first

from .cells import is_absent, name_of
from .columns import find
from .content import looks_like_dates, looks_like_numbers
from .joined_dates import proposed_parts
from .labels import Labels, listed
from .missing_marks import NO_MARKS, Marks

__all__ = [
    "AVAILABLE_AT",
    "DS",
    "SEGMENT_ID",
    "UNIQUE_ID",
    "Layout",
    "Y",
    "chosen",
    "series_names",
]

UNIQUE_ID = "unique_id"
"""Column of the names of series where no other is named; without it there is one series."""

DS = "ds"
"""Column of the dates where no other is named."""

Y = "y"
"""Column of the values where no other is named."""

SEGMENT_ID = "segment_id"
"""Column of the names of segments, where there is one."""

AVAILABLE_AT = "available_at"
"""Column of the moments that values could first be known, where there is one."""


@dataclass(frozen=True)
class Layout:
    """Names of the columns of a table.

    Args:
        unique_id: Names of series; empty: the series are named after their columns.
        ds: Dates.
        y: Values; several in a wide table.
        segment_id: Names of segments; empty: there is no such column.
        available_at: Moments of release; empty: there is no such column.
        others: Names of all other columns.
        told_by_content: Names of the columns that were taken for dates or values for what is in
            them, since none was named, and there is none of the usual name.
    """

    unique_id: str
    ds: str
    y: tuple[str, ...]
    segment_id: str
    available_at: str
    others: tuple[str, ...]
    told_by_content: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        columns: Mapping[str, Sequence[Any]],
        *,
        unique_id: str,
        ds: str,
        y: str | Sequence[str],
        label: str,
        na: Marks = NO_MARKS,
    ) -> Self:
        """Find the columns.

        Where nobody names the columns of dates or values, and there is none named "ds" or "y", they
        are told by their content: a single column of dates; and of the others a single column of
        numbers, or in a wide table all of them.

        Raises:
            DataError: One that is wanted is missing, or one is wanted for two things.
        """
        told: list[str] = []
        if ds == DS and ds not in columns:
            ds = _only_dates(columns, unique_id) or ds
            told += [ds] if ds in columns else []
        parts = proposed_parts(columns)
        remedy = f", or its parts (--ds {parts})" if parts else ""
        find(columns, ds, "the dates", f"name it with ds (--ds){remedy}", label)
        values = _value_columns(columns, y)
        if values == (Y,) and Y not in columns:
            found = _numbers(columns, {unique_id, ds, SEGMENT_ID, AVAILABLE_AT}, na)
            if len(found) == 1 or (found and unique_id not in columns):
                told += found
                values = tuple(found)
        for name in values:
            find(columns, name, "the values", "name it with y (--y)", label)
        by_id = unique_id in columns or unique_id != UNIQUE_ID
        if by_id:
            find(columns, unique_id, "the names of series", "name it with unique_id (--id)", label)
            if len(values) > 1:
                raise DataError(
                    f"{label}: column {unique_id!r} names the series, so one column holds the "
                    f"values, not {listed(values)}"
                )
        special = [name for name in (SEGMENT_ID, AVAILABLE_AT) if name in columns]
        used = [ds, *values, *([unique_id] if by_id else []), *special]
        twice = sorted({name for name in used if used.count(name) > 1})
        if twice:
            raise DataError(f"{label}: column {twice[0]!r} cannot be two things at once")
        return cls(
            unique_id if by_id else "",
            ds,
            values,
            SEGMENT_ID if SEGMENT_ID in special else "",
            AVAILABLE_AT if AVAILABLE_AT in special else "",
            tuple(name for name in columns if name not in used),
            tuple(told),
        )


def _only_dates(columns: Mapping[str, Sequence[Any]], unique_id: str) -> str | None:
    """Return the only column of dates; None: there is none, or there are several."""
    rest = (name for name in columns if name not in (unique_id, SEGMENT_ID, AVAILABLE_AT))
    found = [name for name in rest if looks_like_dates(columns[name])]
    return found[0] if len(found) == 1 else None


def _numbers(columns: Mapping[str, Sequence[Any]], others: Container[str], na: Marks) -> list[str]:
    """Return the columns that hold numbers, but for some."""
    return [
        name
        for name, cells in columns.items()
        if name not in others and looks_like_numbers(cells, na)
    ]


def _value_columns(columns: Mapping[str, object], y: str | Sequence[str]) -> tuple[str, ...]:
    """Return the columns of values: a text may name several, with commas between them."""
    if not isinstance(y, str):
        return tuple(dict.fromkeys(y))
    if y in columns or "," not in y:
        return (y,)
    return tuple(dict.fromkeys(name.strip() for name in y.split(",")))


def series_names(
    columns: Mapping[str, Sequence[Any]], layout: Layout, labels: Labels
) -> list[str] | None:
    """Return the name of the series of each row; None: series are named after columns.

    Args:
        columns: Cells by row, for each column by name.
        layout: Columns of the table by purpose.
        labels: Names of places in the table, for messages.

    Returns:
        Name of the series by row; None where the table is wide.

    Raises:
        DataError: A row without a name, or with one that cannot be printed.
    """
    if not layout.unique_id:
        return None
    cells = columns[layout.unique_id]
    known: dict[str, str] = {}
    found = []
    for position, cell in enumerate(cells):
        if type(cell) is str and cell in known:
            found.append(known[cell])
            continue
        if is_absent(cell):
            raise DataError(
                f"{labels.at(position, layout.unique_id)}: no name of a series; give one, or leave "
                "the row out"
            )
        name = name_of(cell)
        if name not in known and not name.isprintable():
            raise DataError(
                f"{labels.at(position, layout.unique_id)}: {name[:40]!r} has control characters; "
                "give the series a name that can be printed"
            )
        found.append(known.setdefault(name, name))
    return found


def chosen(
    asked: Sequence[str], known: Sequence[str], label: str, exclude: Sequence[str] = ()
) -> tuple[str, ...]:
    """Return the series asked for, each once; all, if none is; without those that are excluded.

    Args:
        asked: Names of the series asked for; empty: all.
        known: Names of the series that there are.
        label: Name of the table in messages.
        exclude: Names of series that are left out.

    Returns:
        Names of the series in the order asked for, or in that of the table.

    Raises:
        DataError: A name is not there; the message lists those that are, the nearest first. Or
            none is left.
    """
    for name in (*asked, *exclude):
        if name not in known:
            raise DataError(
                f"{label}: no series {name!r}; there are (nearest first) "
                f"{listed(nearest_first(name, known))}"
            )
    left = tuple(name for name in dict.fromkeys(asked or known) if name not in exclude)
    if not left:
        raise DataError(f"{label}: no series is left without those that are excluded (--exclude)")
    return left
