"""From one cell to a date: the forms that are read, and those that leave something open."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from numbers import Real
from typing import Any, TypeAlias

from fg_core.calendar import split_label

from .fiscal import read_fiscal

__all__ = ["AMBIGUOUS", "NUMBERED", "DateCell", "numbered_kind", "read_date", "read_date_as"]

DateCell: TypeAlias = tuple[str, datetime, timedelta | None]
"""Form of a date in words, its first moment without a zone, and its offset from UTC, if any."""

AMBIGUOUS = re.compile(
    r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d\d)(?:[ T]\d{1,2}:\d\d(:\d\d)?)?", re.ASCII
)
"""Dates whose day and month cannot be told apart, with or without a time."""

_MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?", re.ASCII
)
NUMBERED = re.compile(r"(\d{4})([:/-])(\d{1,2})", re.ASCII)
"""Years and a number of a quarter or a month, such as 1995:1."""

_DAY_NUMBER = re.compile(r"[234]\d{4}", re.ASCII)

_FORMS = {
    "a year": "2001",
    "a quarter": "2001Q3",
    "a month": "2001-07",
    "a date": "2001-07-31",
    "a date with a time": "2001-07-31T00:00",
}
_QUARTERS = 4


def numbered_kind(texts: Iterable[str]) -> str:
    """Return what the numbers after the years of a column count: 1995:1, 1995/1, 1995-1.

    Where any is above 4, they are months. Where none is, and the fourth of a year and the first of
    the next are both there, they are quarters: statistical programs write them like that.

    Args:
        texts: Texts of the column.

    Returns:
        "M", "Q", or "" where the column has another form or does not tell.

    >>> numbered_kind(["1995:1", "1995:12"]), numbered_kind(["1995-4", "1996-1"])
    ('M', 'Q')
    >>> numbered_kind(["1995-01", "1995-02"])
    ''
    """
    found: set[tuple[int, int]] = set()
    odd = False
    for text in texts:
        match = NUMBERED.fullmatch(text)
        if match is None:
            return ""
        odd = odd or match[2] != "-" or len(match[3]) == 1
        found.add((int(match[1]), int(match[3])))
    if not odd or not found:
        return ""
    if max(number for _, number in found) > _QUARTERS:
        return "M"
    rolls = any((year + 1, 1) in found for year, number in found if number == _QUARTERS)
    return "Q" if rolls else ""


def read_date_as(cell: Any, date_format: str) -> DateCell:
    """Return the date in a cell in the form that somebody names, as `datetime.strptime` has it.

    Args:
        cell: Cell of a table.
        date_format: Form of the dates, such as "%d/%m/%Y".

    Returns:
        Form, moment and offset.

    Raises:
        ValueError: The cell has another form.

    >>> read_date_as("31/12/2016", "%d/%m/%Y")[0]
    'a date'
    """
    if isinstance(cell, date):
        return read_date(cell)
    text = str(cell).strip()
    text = text.removesuffix(".0") if isinstance(cell, Real) else text
    try:
        moment = datetime.strptime(text, date_format)  # noqa: DTZ007 - its zone is kept beside it
    except ValueError:
        raise ValueError(f"has not the form {date_format}") from None
    offset = moment.utcoffset()
    if any(sign in date_format for sign in ("%H", "%I", "%c", "%X", "%f", "%s")):
        return "a date with a time", moment.replace(tzinfo=None), offset
    has_day = any(sign in date_format for sign in ("%d", "%j", "%x", "%u", "%w", "%a", "%A"))
    return "a date" if has_day else "a month", moment.replace(tzinfo=None), offset


def read_date(cell: Any, *, numbered: str = "", fiscal_year_end: int | None = None) -> DateCell:
    """Return the date in a cell.

    Args:
        cell: Cell of a table: a text, a date, a moment, a period of pandas, or a year as a number.
        numbered: What numbers after a year count in this column; see `numbered_kind`.
        fiscal_year_end: Last month of a fiscal year, 1 to 12, for quarters of one.

    Returns:
        Form, moment and offset.

    Raises:
        ValueError: It is no date, or it is not clear which; the message continues after the cell.

    >>> read_date("2001Q3")[:2]
    ('a quarter', datetime.datetime(2001, 7, 1, 0, 0))
    """
    if isinstance(cell, datetime):
        moment = datetime(  # noqa: DTZ001 - as it is written; the offset is kept beside it
            *(cell.year, cell.month, cell.day, cell.hour, cell.minute),
            *(cell.second, cell.microsecond),
        )
        return "a date with a time", moment, cell.utcoffset()
    if isinstance(cell, date):
        return "a date", datetime(cell.year, cell.month, cell.day), None  # noqa: DTZ001
    if type(cell).__name__ == "Period" and hasattr(cell, "start_time"):
        return _period(cell)
    text = str(cell).strip()
    if isinstance(cell, Real):  # a year as a number, perhaps beside an empty one
        text = text.removesuffix(".0")
    if numbered:
        match = NUMBERED.fullmatch(text)
        if match is not None:
            return _parts(numbered, (int(match[1]), int(match[3])))
    return _parsed(text, fiscal_year_end)


def _period(cell: Any) -> DateCell:
    """Read a period of pandas: a week by its first day, fiscal ones by what they end in."""
    kind = str(cell.freqstr).partition("-")[0]
    if kind.startswith("W"):
        return read_date(cell.start_time.date())
    end = cell.end_time
    if kind.startswith("Q"):
        return _parts("Q", (end.year, (end.month + 2) // 3))
    if kind.startswith(("Y", "A")):
        return _parts("Y", (end.year,))
    return _parsed(str(cell), None)


def _parts(kind: str, numbers: tuple[int, ...]) -> DateCell:
    match kind, numbers:
        case "Y", (year,):
            return "a year", _exists(datetime, year, 1, 1), None
        case "Q", (year, 1 | 2 | 3 | 4 as quarter):
            return "a quarter", _exists(datetime, year, 3 * quarter - 2, 1), None
        case "M", (year, month):
            return "a month", _exists(datetime, year, month, 1), None
        case "D", (year, month, day):
            return "a date", _exists(datetime, year, month, day), None
    raise ValueError(_not_a_date())


def _parsed(text: str, fiscal_year_end: int | None) -> DateCell:
    parts = split_label(text)
    if parts is not None:
        return _parts(*parts)
    fiscal = read_fiscal(text, fiscal_year_end)
    if fiscal is not None:
        return (*fiscal, None)
    if _MOMENT.fullmatch(text):
        moment = _exists(datetime.fromisoformat, text)
        return "a date with a time", moment.replace(tzinfo=None), moment.utcoffset()
    match = NUMBERED.fullmatch(text)
    if match is not None and len(match[3]) == 1:
        raise ValueError(
            f"leaves open whether {match[3]} is a quarter or a month; write {match[1]}Q{match[3]} "
            f"or {match[1]}-0{match[3]}"
        )
    if _DAY_NUMBER.fullmatch(text):
        raise ValueError(
            "may be the number of a day in a spreadsheet; format the column as dates there, and "
            "save it again"
        )
    raise ValueError(_not_a_date())


def _exists(make: Callable[..., datetime], *parts: Any) -> datetime:
    try:
        return make(*parts)
    except ValueError:
        raise ValueError("is not in the calendar") from None


def _not_a_date() -> str:
    return f"is not a date; write dates like {', '.join(_FORMS.values())}"
