"""What came as a table, as named lists of cells: mappings of columns, and frames by their looks.

A frame is whatever has `columns` and gives a column for its name: pandas, polars and others. None
of them is imported here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from numbers import Integral
from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np

from fg_core.errors import ConfigError, DataError
from fg_core.nearest import nearest_first

from .labels import listed

__all__ = ["Frame", "Table", "column_name", "columns_of", "find"]


@runtime_checkable
class Frame(Protocol):
    """A data frame: pandas, polars and whatever else looks like one."""

    @property
    def columns(self) -> Any: ...  # noqa: D102 - names of the columns
    def __getitem__(self, name: Any, /) -> Any: ...


Table: TypeAlias = Mapping[str, Sequence[Any]] | Frame
"""Table that `dataset_from_table` accepts: columns by name, or a frame."""

_INDEX = "index"


def columns_of(table: Table, label: str, wanted: Collection[str] = ()) -> dict[str, list[Any]]:
    """Return the columns of a table by name, all of one length.

    Args:
        table: Table as columns by name, or as a data frame.
        label: Name of the table in messages.
        wanted: Names that may also be those of levels of a frame's index; "index" is one of dates
            that has no name.

    Returns:
        Cells by row, for each column by its name without spaces around it, in the order of the
        table.

    Raises:
        DataError: No table, no columns or rows, two columns of one name, or lengths that differ.

    >>> columns_of({"ds": ("2001", "2002"), "y": (1, 2)}, "t")
    {'ds': ['2001', '2002'], 'y': [1, 2]}
    """
    table = _collected(table)
    if isinstance(table, Mapping):
        pairs = [(name, table[name]) for name in table]
    elif isinstance(table, Frame):
        # The columns of pyarrow are not their names.
        names = list(getattr(table, "column_names", table.columns))
        _check_names([str(name).strip() for name in names], label)
        pairs = [*_levels(table, names, wanted), *((name, table[name]) for name in names)]
    else:
        raise DataError(
            f"{label}: a {type(table).__name__} is no table; give columns by name, or a data frame"
        )
    found = {str(name).strip(): _cells(cells, str(name), label) for name, cells in pairs}
    _check_names([str(name).strip() for name, _ in pairs], label)
    if not found:
        raise DataError(f"{label}: there are no columns")
    lengths = {name: len(cells) for name, cells in found.items()}
    if len(set(lengths.values())) > 1:
        raise DataError(f"{label}: columns differ in length: {listed(lengths)}")
    if not next(iter(lengths.values())):
        raise DataError(f"{label}: there are no rows below the header")
    return found


def column_name(given: Any, what: str) -> str:
    """Return the name of a column as a text; frames may have whole numbers for names.

    Args:
        given: Name that somebody gave.
        what: Argument that it was given for, for the message.

    Returns:
        The name as `columns_of` has it.

    Raises:
        ConfigError: It is no name.

    >>> column_name(0, "y")
    '0'
    """
    if isinstance(given, str):
        return given
    if not isinstance(given, bool) and isinstance(given, Integral):
        return str(given)
    raise ConfigError(f"{what} must be the name of a column, got {given!r}")


def find(columns: Mapping[str, object], name: str, what: str, remedy: str, label: str) -> str:
    """Return the name of a column that must be there.

    Args:
        columns: Columns by name.
        name: Name of the column.
        what: Purpose of the column, for the message.
        remedy: Remedy for a missing column, for the message.
        label: Name of the table in messages.

    Returns:
        The name itself.

    Raises:
        DataError: There is no such column; the message lists the columns, the nearest first.
    """
    if name not in columns:
        raise DataError(
            f"{label}: no column {name!r} for {what}; there are (nearest first) "
            f"{listed(nearest_first(name, columns))}; {remedy}"
        )
    return name


def _collected(table: Any) -> Any:
    """Return a lazy frame of polars as the frame that it stands for, and all else as it is."""
    lazy = hasattr(table, "collect") and hasattr(table, "collect_schema")
    return table.collect() if lazy else table


def _check_names(names: Sequence[str], label: str) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DataError(f"{label}: two columns are named {twice[0]!r}; rename one of them")
    for name in names:
        if not name.isprintable():
            raise DataError(
                f"{label}: the name of column {name[:40]!r} has control characters; rename it"
            )
    if "" in names:
        raise DataError(f"{label}: column {names.index('') + 1} has no name; give it one")


def _levels(frame: Any, names: Sequence[Any], wanted: Collection[str]) -> list[tuple[str, Any]]:
    """Return the wanted levels of a frame's index, where it has one."""
    index = getattr(frame, "index", None)
    levels = getattr(index, "names", None)
    if index is None or levels is None:
        return []
    if list(levels) == [None]:
        dated = getattr(getattr(index, "dtype", None), "kind", "") == "M"
        return [(_INDEX, index)] if dated and _INDEX in wanted and _INDEX not in names else []
    return [
        (name, index.get_level_values(name))
        for name in levels
        if name in wanted and name not in names
    ]


def _cells(cells: Any, name: str, label: str) -> list[Any]:
    if isinstance(cells, np.ndarray) and cells.dtype.kind == "M":
        cells = cells.astype("datetime64[us]")
    for method in ("tolist", "to_list", "to_pylist"):
        convert = getattr(cells, method, None)
        if convert is not None:
            found = convert()
            if isinstance(found, list):
                return found
    if isinstance(cells, str | bytes | Mapping) or not isinstance(cells, Sequence):
        raise DataError(
            f"{label}, column {name!r}: a {type(cells).__name__} is no list of cells; give one "
            "value a row"
        )
    return list(cells)
