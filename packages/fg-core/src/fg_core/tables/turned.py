"""Tables with a row per series and a column per period, as statistical offices have them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .cells import is_absent, name_of
from .content import looks_like_dates
from .labels import Labels

__all__ = ["Turned", "turned"]

_FEWEST_PERIODS = 3
_YEAR = re.compile(r"((?:1[5-9]|2[01])\d\d)(?:\.0)?(?: \[YR\d{4}\])?", re.ASCII)


@dataclass(frozen=True)
class Turned:
    """A table with a row per series and period.

    Args:
        columns: Cells by name: names of series, dates, values.
        labels: Names of the rows, which are those of the table as it was.
        notice: What was done, in words.
    """

    columns: dict[str, list[Any]]
    labels: Labels
    notice: str


def turned(
    columns: Mapping[str, Sequence[Any]], labels: Labels, *, unique_id: str, ds: str, y: str
) -> Turned | None:
    """Return a table that has a column per period as one that has a row per period.

    Series are named by the column `unique_id`; where there is none, by the first column that has
    another name in each row, else by all columns of texts together.

    Args:
        columns: Cells by row, for each column by name.
        labels: Names of the rows.
        unique_id: Column of the names of series.
        ds: Name that the column of dates gets.
        y: Name that the column of values gets.

    Returns:
        The table, turned; None: it has a column of dates or of values, or fewer than three columns
        that are named after periods.

    >>> table = {"country": ["a", "b"], "2001": [1, 2], "2002": [3, 4], "2003": [5, 6]}
    >>> turned(table, Labels("t"), unique_id="unique_id", ds="ds", y="y").columns["y"]
    [1, 3, 5, 2, 4, 6]
    """
    if ds in columns or y in columns:
        return None
    periods = {name: period for name in columns if (period := _period(name))}
    rest = [name for name in columns if name not in periods]
    if len(periods) < _FEWEST_PERIODS or any(looks_like_dates(columns[name]) for name in rest):
        return None
    n = len(next(iter(columns.values())))
    by, names = _names(columns, rest, n, unique_id)
    texts = list(periods.values())
    return Turned(
        {
            unique_id: [name for name in names for _ in periods],
            ds: texts * n,
            y: [columns[period][row] for row in range(n) for period in periods],
        },
        labels.keep([row for row in range(n) for _ in periods]),
        f"{labels.table}: columns from {texts[0]!r} to {texts[-1]!r} are read as periods, and rows "
        f"as series, named by {by}.",
    )


def _period(name: str) -> str:
    """Return the period that a column is named after; empty: none."""
    year = _YEAR.fullmatch(name)
    if year is not None:
        return year[1]
    return name if looks_like_dates([name]) else ""


def _names(
    columns: Mapping[str, Sequence[Any]], rest: Sequence[str], n: int, unique_id: str
) -> tuple[str, list[str]]:
    """Return by what rows are named, and their names."""
    if unique_id in columns:
        return repr(unique_id), [name_of(cell) for cell in columns[unique_id]]
    texts = [name for name in rest if any(isinstance(cell, str) for cell in columns[name])]
    for name in texts:
        if not any(map(is_absent, columns[name])) and len(set(columns[name])) == n:
            return repr(name), [name_of(cell) for cell in columns[name]]
    if not texts:
        return "their number", [f"row {row + 1}" for row in range(n)]
    joined = [", ".join(filter(None, (name_of(columns[t][k]) for t in texts))) for k in range(n)]
    return " and ".join(map(repr, texts)), joined
