"""Dates in several columns: the year in one, the month or the quarter in another, and the day."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from .cells import is_absent

__all__ = ["joined_dates", "proposed_parts"]

_MOST_PARTS = 3
_YEARS = ("year", "yr", "jahr")
_PARTS = ("month", "quarter", "period", "mon", "qtr", "monat", "quartal", "week")
_NUMBER = re.compile(r"(\d{1,4})(?:\.0)?", re.ASCII)
_MARKED = re.compile(r"[mqw]\d{1,2}", re.ASCII | re.IGNORECASE)


def joined_dates(columns: Mapping[str, Sequence[Any]], ds: str) -> list[str | None] | None:
    """Return the dates whose parts are in several columns, as texts.

    Args:
        columns: Cells by row, for each column by name.
        ds: Names of the columns with commas between them: the year, and the month, the quarter or
            the week; or the year, the month and the day.

    Returns:
        Texts such as "1995:1" or "1995M01"; None where a part is empty. None instead of a list: it
        is not such a list of columns.

    >>> joined_dates({"year": [1995, 1995], "month": [1, 12]}, "year,month")
    ['1995:1', '1995:12']
    """
    names = [name.strip() for name in ds.split(",")]
    if not 1 < len(names) <= _MOST_PARTS or any(name not in columns for name in names):
        return None
    return [_joined(cells) for cells in zip(*(columns[name] for name in names), strict=True)]


def _joined(cells: Sequence[Any]) -> str | None:
    if any(map(is_absent, cells)):
        return None
    year, *rest = [_plain(cell) for cell in cells]
    if len(rest) > 1:
        return "-".join((year, *rest))
    if _MARKED.fullmatch(rest[0]):
        return f"{year}{rest[0]}"
    return f"{year}:{rest[0]}" if rest[0].isdigit() else f"{rest[0]} {year}"


def _plain(cell: Any) -> str:
    text = str(cell).strip()
    match = _NUMBER.fullmatch(text)
    return text if match is None else match[1]


def proposed_parts(columns: Collection[str]) -> str:
    """Return the columns that seem to hold parts of a date, as an option has them; empty: none.

    Args:
        columns: Names of the columns.

    Returns:
        Names with commas between them, such as "Year,Month".

    >>> proposed_parts(["Year", "Month", "sales"])
    'Year,Month'
    """
    by_name = {name.casefold(): name for name in columns}
    year = next((by_name[word] for word in _YEARS if word in by_name), None)
    part = next((by_name[word] for word in _PARTS if word in by_name), None)
    day = by_name.get("day") or by_name.get("tag")
    if year is None or part is None:
        return ""
    return ",".join(filter(None, (year, part, day)))
