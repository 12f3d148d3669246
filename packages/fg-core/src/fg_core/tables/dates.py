"""From cells to dates: one form for all cells of a column, and zones that agree."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from numbers import Real
from typing import Any, TypeAlias

from fg_core.calendar import split_foreign_label, split_label

from .cells import is_absent
from .labels import Column, shown

__all__ = ["AMBIGUOUS", "Dates", "dates_of", "moments_of"]

_Read: TypeAlias = tuple[str, datetime, timedelta | None]

_MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?", re.ASCII
)
AMBIGUOUS = re.compile(r"\d{1,2}([/.-])\d{1,2}\1(\d{4}|\d\d)", re.ASCII)
"""Dates whose day and month cannot be told apart."""

_FORMS = {
    "a year": "2001",
    "a quarter": "2001Q3",
    "a month": "2001-07",
    "a date": "2001-07-31",
    "a date with a time": "2001-07-31T00:00",
}
# Summer time moves the offset of one zone by an hour; more is another zone.
_SUMMER_TIME = timedelta(hours=1)


@dataclass(frozen=True)
class Dates:
    """The dates of a column as they are written.

    Args:
        moments: First moment of each date in its own zone, as a datetime without a zone.
        offsets: Offset from UTC of each date; None: no zone is written.
        form: Kind of the dates, in words.
        foreign: First cell where it has a form that is not written here ("Jan-16"), else "".
    """

    moments: tuple[datetime, ...]
    offsets: tuple[timedelta | None, ...]
    form: str
    foreign: str = ""


def dates_of(column: Column, date_format: str = "") -> Dates:
    """Read a column of dates: years, quarters, months, dates or dates with a time.

    Args:
        column: Column of texts, dates or moments, all of one form.
        date_format: Form of the dates, as `datetime.strptime` has it; empty: one of those above.

    Returns:
        First moments of the dates by row, their offsets from UTC, and their common form in words.

    Raises:
        DataError: A cell is empty or no date, two cells have different forms, or zones differ;
            the message names the cells.

    >>> from fg_core.tables.labels import Labels
    >>> dates_of(Column("ds", ["2001Q3"], Labels("t"))).moments[0].date().isoformat()
    '2001-07-01'
    """
    known: dict[str, _Read] = {}  # texts, which a long table repeats
    found: list[_Read] = []
    for position, cell in enumerate(column.cells):
        if type(cell) is str and cell in known:
            found.append(known[cell])
            continue
        if is_absent(cell):
            raise column.error(position, "no date; give one, or leave the row out")
        try:
            one = _read_as(cell, date_format) if date_format else _read(cell)
        except (ValueError, OverflowError) as error:
            raise column.error(position, f"{shown(cell)} {error}{_beside(column, found)}") from None
        if found and one[0] != found[0][0]:
            raise column.error(
                position,
                f"{shown(cell)} is {one[0]} and {shown(column.cells[0])} in "
                f"{column.labels.row(0)} is {found[0][0]}; write all dates in one form",
            )
        found.append(one)
        if type(cell) is str:
            known[cell] = one
    _check_zones(column, [offset for _, _, offset in found])
    return Dates(
        tuple(moment for _, moment, _ in found),
        tuple(offset for _, _, offset in found),
        found[0][0] if found else "",
        _foreign(column.cells[0]) if found and not date_format else "",
    )


def _foreign(cell: Any) -> str:
    text = cell.strip() if isinstance(cell, str) else ""
    return text if split_foreign_label(text) is not None else ""


def moments_of(column: Column) -> list[datetime]:
    """Read a column of moments: dates (their first moment) or dates with a time; no zone: UTC.

    Args:
        column: Column of texts, dates or moments, all of one form.

    Returns:
        Moments by row, in UTC.

    Raises:
        DataError: As `dates_of`; or the cells are years, quarters or months.
    """
    dates = dates_of(column)
    if not dates.form.startswith("a date"):
        raise column.error(
            0, f"{shown(column.cells[0])} is {dates.form}; a moment is a date such as 2001-07-31"
        )
    try:
        return [
            (moment - (offset or timedelta())).replace(tzinfo=UTC)
            for moment, offset in zip(dates.moments, dates.offsets, strict=True)
        ]
    except OverflowError:
        raise column.error(0, "a date is outside the calendar") from None


def _beside(column: Column, found: list[_Read]) -> str:
    if not found:
        return ""
    return f" ({column.labels.row(0)} has {shown(column.cells[0])})"


def _check_zones(column: Column, offsets: list[timedelta | None]) -> None:
    if all(offset is None for offset in offsets):
        return
    low = high = 0
    for position, offset in enumerate(offsets):
        first = offsets[0]
        if (offset is None) != (first is None):
            with_zone, without = (0, position) if offset is None else (position, 0)
            raise column.error(
                position,
                f"time zones mixed: {shown(column.cells[with_zone])} in "
                f"{column.labels.row(with_zone)} has one and {shown(column.cells[without])} in "
                f"{column.labels.row(without)} has none; write all dates in one zone, or all "
                "without",
            )
        if offset is None:
            continue
        low = position if offset < (offsets[low] or timedelta()) else low
        high = position if offset > (offsets[high] or timedelta()) else high
        if (offsets[high] or timedelta()) - (offsets[low] or timedelta()) > _SUMMER_TIME:
            raise column.error(
                position,
                f"time zones mixed: {shown(column.cells[low])} in {column.labels.row(low)} and "
                f"{shown(column.cells[high])} in {column.labels.row(high)}; write all dates in "
                "one zone",
            )


def _read_as(cell: Any, date_format: str) -> _Read:
    """Read one cell in the form that somebody names, as `datetime.strptime` has it."""
    if isinstance(cell, date):
        return _read(cell)
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


def _read(cell: Any) -> _Read:
    """Read one cell."""
    if isinstance(cell, datetime):
        moment = datetime(  # noqa: DTZ001 - as it is written; the offset is kept beside it
            *(cell.year, cell.month, cell.day, cell.hour, cell.minute),
            *(cell.second, cell.microsecond),
        )
        return "a date with a time", moment, cell.utcoffset()
    if isinstance(cell, date):
        return "a date", datetime(cell.year, cell.month, cell.day), None  # noqa: DTZ001
    text = str(cell).strip()
    if isinstance(cell, Real):  # a year as a number, perhaps beside an empty one
        text = text.removesuffix(".0")
    return _parsed(text)


def _parsed(text: str) -> _Read:
    match split_label(text):
        case "Y", (year,):
            return "a year", datetime(year, 1, 1), None  # noqa: DTZ001
        case "Q", (year, 1 | 2 | 3 | 4 as quarter):
            return "a quarter", datetime(year, 3 * quarter - 2, 1), None  # noqa: DTZ001
        case "M", (year, month):
            return "a month", _exists(datetime, year, month, 1), None
        case "D", (year, month, day):
            return "a date", _exists(datetime, year, month, day), None
    if _MOMENT.fullmatch(text):
        moment = _exists(datetime.fromisoformat, text)
        return "a date with a time", moment.replace(tzinfo=None), moment.utcoffset()
    match = AMBIGUOUS.fullmatch(text)
    if match is not None:
        sign, last = match[1], "%y" if len(match[2]) == len("16") else "%Y"
        day_first, month_first = sign.join(("%d", "%m", last)), sign.join(("%m", "%d", last))
        raise ValueError(
            f"leaves open what is the day and what the month; say it with date_format "
            f"(--date-format '{day_first}' or '{month_first}')"
        )
    raise ValueError(_not_a_date())


def _exists(make: Callable[..., datetime], *parts: Any) -> datetime:
    try:
        return make(*parts)
    except ValueError:
        raise ValueError("is not in the calendar") from None


def _not_a_date() -> str:
    return f"is not a date; write dates like {', '.join(_FORMS.values())}"
