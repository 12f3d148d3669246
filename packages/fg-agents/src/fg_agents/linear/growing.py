"""Columns of a record that grows: what was made of its rows before is not made again.

A game fits its forecasters again and again to the rows so far, which are those of the last fit and
a few more. The columns of the latest records are remembered, and only new rows are looked at; what
comes out depends on the rows alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from operator import is_

import numpy as np
from numpy.typing import NDArray

from fg_core.segments import rescale_segments

__all__ = ["columns_of", "rescaled_rows", "same_rows"]

Array = NDArray[np.float64]
Rows = tuple[Mapping[str, float], ...]

_RECORDS = 48
"""Number of records that are remembered: of the series that are played together, and of their
segments."""


@dataclass(frozen=True, eq=False)
class _Columns:
    """The columns of a record.

    Args:
        rows: Rows, one mapping per period.
        columns: Numbers by name, shape (time,); NaN for what a row leaves out.
        begins: First row that has the column, by name.
    """

    rows: Rows
    columns: dict[str, Array]
    begins: dict[str, int]

    def head(self, n: int) -> dict[str, Array]:
        """Return the columns of the first `n` rows, in the order of their names."""
        return {
            name: self.columns[name][:n] for name in sorted(self.columns) if self.begins[name] < n
        }

    def extended(self, rows: Rows) -> _Columns:
        """Return the columns of a record that begins with this one."""
        known = len(self.rows)
        new, begins = rows[known:], dict(self.begins)
        nothing = np.full(len(rows), np.nan)
        columns = {name: nothing.copy() for name in begins}
        for name, column in columns.items():
            column[:known] = self.columns[name]
        for t, row in enumerate(new, start=known):
            for name, number in row.items():
                if name not in begins:
                    begins[name] = t
                    columns[name] = nothing.copy()
                columns[name][t] = number
        return _Columns(rows, columns, begins)


@dataclass(frozen=True, eq=False)
class _Rescaled:
    """The segments of a record, adding up to its values.

    Args:
        parts: Parts, one mapping per period, as they were given.
        values: Values of the series, shape (time,).
        rows: The parts, rescaled to the values.
    """

    parts: Rows
    values: Array
    rows: Rows

    def shared(self, parts: Rows, values: Array) -> int:
        """Return the number of first rows of another record that are those of this one."""
        n = min(len(self.parts), len(parts))
        # As bits, so that a zero keeps its sign.
        other = np.flatnonzero(values[:n].view(np.int64) != self.values[:n].view(np.int64))
        n = int(other[0]) if other.size else n
        return n if same_rows(parts[:n], self.parts[:n]) else 0


_columns: list[_Columns] = []
_segments: list[_Rescaled] = []


def columns_of(rows: Sequence[Mapping[str, float]]) -> dict[str, Array]:
    """Return the columns of rows by name, in the order of their names; NaN for what a row lacks.

    Args:
        rows: Rows, one mapping per period.

    Returns:
        Arrays of shape (time,), which are not to be written to.

    >>> {name: column.tolist() for name, column in columns_of([{"b": 1.0}, {"a": 2.0}]).items()}
    {'a': [nan, 2.0], 'b': [1.0, nan]}
    """
    wanted = tuple(rows)
    if not wanted:
        return {}
    known = next((one for one in _columns if same_rows(one.rows, wanted)), None)
    longest = _Columns((), {}, {}) if known is None else known
    if len(longest.rows) < len(wanted):
        longest = longest.extended(wanted)
    # One assignment, so that another thread sees the old list or the new one.
    _columns[:] = [longest, *(one for one in _columns if one is not known)][:_RECORDS]
    return longest.head(len(wanted))


def rescaled_rows(segments: Sequence[Mapping[str, float]], values: Array) -> Rows:
    """Return the segments of each row, adding up to its value, as a game shows them.

    Args:
        segments: Segments, one mapping per period, or none at all.
        values: Values of the series, shape (time,).

    Returns:
        One mapping per period; none where no period has a segment.

    >>> [dict(row) for row in rescaled_rows([{"a": 1.0, "b": 3.0}], np.array([8.0]))]
    [{'a': 2.0, 'b': 6.0}]
    """
    parts = tuple(segments)
    # Where no period has segments, one empty row mostly stands for all.
    alike = bool(parts) and all(map(is_, parts, repeat(parts[0])))
    if not any(parts[:1] if alike else parts):
        return ()
    best, n = None, 0
    for one in _segments:
        shared = one.shared(parts, values)
        if shared > n:
            best, n = one, shared
    begun = () if best is None else best.rows[:n]
    new = zip(parts[n:], values[n:].tolist(), strict=True)
    found = _Rescaled(parts, values, (*begun, *(rescale_segments(*row) for row in new)))
    _segments[:] = [found, *(one for one in _segments if one is not best)][:_RECORDS]
    return found.rows


def same_rows(a: Rows, b: Rows) -> bool:
    """Return whether two records begin with the very same objects, as far as the shorter goes.

    (Equal numbers are not enough, as zeros have signs, and comparing them takes longer than making
    the columns again.)

    Args:
        a: Rows of one record, oldest first.
        b: Rows of another record, oldest first.

    Returns:
        True where the shorter record is the beginning of the longer one.
    """
    if a is b or not (a and b):
        return True
    n = min(len(a), len(b))
    return a[0] is b[0] and a[n - 1] is b[n - 1] and all(map(is_, a, b))
