"""From cells to dates: one form for all cells of a column, and zones that agree."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from fg_core.calendar import split_foreign_label

from .cells import is_absent
from .date_cells import AMBIGUOUS, DateCell, numbered_kind, read_date, read_date_as
from .fiscal import is_fiscal
from .labels import Column, shown
from .midnights import local_midnights

__all__ = ["Dates", "dates_of", "moments_of"]

# Summer time moves the offset of one zone by an hour; more is another zone.
_SUMMER_TIME = timedelta(hours=1)
_MONTHS = 12


@dataclass(frozen=True)
class Dates:
    """The dates of a column as they are written.

    Args:
        moments: First moment of each date in its own zone, as a datetime without a zone.
        offsets: Offset from UTC of each date; None: no zone is written.
        form: Kind of the dates, in words.
        foreign: First cell where it has a form that is not written here ("Jan-16"), else "".
        shifted: What was done to moments in UTC that are midnights of another zone, else "".
    """

    moments: tuple[datetime, ...]
    offsets: tuple[timedelta | None, ...]
    form: str
    foreign: str = ""
    shifted: str = ""


def dates_of(column: Column, date_format: str = "", *, fiscal_year_end: int | None = None) -> Dates:
    """Read a column of dates: years, quarters, months, dates or dates with a time.

    Moments in UTC that are all midnights of one zone of Europe are the days that begin then.

    Args:
        column: Column of texts, dates, moments or periods, all of one form.
        date_format: Form of the dates, as `datetime.strptime` has it; empty: one of those above.
        fiscal_year_end: Last month of a fiscal year, 1 to 12, for quarters of one.

    Returns:
        First moments of the dates by row, their offsets from UTC, and their common form in words.

    Raises:
        DataError: A cell is empty or no date, two cells have different forms, or zones differ;
            the message names the cells.

    >>> from fg_core.tables.labels import Labels
    >>> dates_of(Column("ds", ["2001Q3"], Labels("t"))).moments[0].date().isoformat()
    '2001-07-01'
    """
    known: dict[str, DateCell] = {}  # texts, which a long table repeats
    found: list[DateCell] = []
    read = _reader(column, date_format, fiscal_year_end)
    for position, cell in enumerate(column.cells):
        if type(cell) is str and cell in known:
            found.append(known[cell])
            continue
        if is_absent(cell):
            raise column.error(position, "no date; give one, or leave the row out")
        try:
            one = read(cell)
        except (ValueError, OverflowError) as error:
            if not date_format and _ambiguous(cell) is not None:
                raise _open_order(column, position) from None
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
    dates = Dates(
        tuple(moment for _, moment, _ in found),
        tuple(offset for _, _, offset in found),
        found[0][0] if found else "",
        _foreign(column.cells[0]) if found and not date_format else "",
    )
    return _at_local_midnights(column, dates)


def _reader(
    column: Column, date_format: str, fiscal_year_end: int | None
) -> Callable[[Any], DateCell]:
    """Return what reads a cell of the column."""
    if date_format:
        return lambda cell: read_date_as(cell, date_format)
    texts = {cell.strip() for cell in column.cells if isinstance(cell, str)}
    numbered = numbered_kind(texts)
    return lambda cell: read_date(cell, numbered=numbered, fiscal_year_end=fiscal_year_end)


def _at_local_midnights(column: Column, dates: Dates) -> Dates:
    if not dates.moments or any(offset != timedelta() for offset in dates.offsets):
        return dates
    found = local_midnights(dates.moments)
    if found is None:
        return dates
    zone, offsets = found
    moments = tuple(m + offset for m, offset in zip(dates.moments, offsets, strict=True))
    return replace(
        dates,
        moments=moments,
        offsets=tuple(offsets),
        shifted=(
            f"dates are midnights of {zone} in UTC and are read as the days that begin then: "
            f"{shown(column.cells[0])} as {moments[0].date()}"
        ),
    )


def _foreign(cell: Any) -> str:
    text = cell.strip() if isinstance(cell, str) else ""
    return text if split_foreign_label(text) is not None or is_fiscal(text) else ""


def _ambiguous(cell: Any) -> tuple[int, int, str] | None:
    """Return the two numbers that may be day and month, and the form if the first is the day."""
    match = AMBIGUOUS.fullmatch(cell.strip()) if isinstance(cell, str) else None
    if match is None:
        return None
    sign, year, time = match[2], "%y" if len(match[4]) == len("16") else "%Y", ""
    if ":" in match[0]:
        time = ("T" if "T" in match[0] else " ") + ("%H:%M:%S" if match[5] else "%H:%M")
    return int(match[1]), int(match[3]), f"%d{sign}%m{sign}{year}{time}"


def _open_order(column: Column, position: int) -> Exception:
    """Return the error about a date whose day and month cannot be told apart, with its remedy.

    No order is guessed; but where a number of the column is above 12, one alone is possible.
    """
    cell = column.cells[position]
    there = [(at, other) for at, other in enumerate(column.cells) if not is_absent(other)]
    given = [(at, part) for at, part in ((at, _ambiguous(other)) for at, other in there) if part]
    others = [at for at, other in there if _ambiguous(other) is None]
    if others:
        return column.error(
            position,
            f"{shown(cell)} has another form than {shown(column.cells[others[0]])} in "
            f"{column.labels.row(others[0])} (there are {len(given)} and {len(others)} such "
            "dates); write all dates in one form",
        )
    day_first = next(part[2] for at, part in given if at == position)
    month_first = day_first.replace("%d", "%_").replace("%m", "%d").replace("%_", "%m")
    for at, form in ((0, day_first), (1, month_first)):
        shows = next((row for row, part in given if int(part[at]) > _MONTHS), None)
        if shows is not None:
            return column.error(
                position,
                f"{shown(cell)} does not say what is the day and what the month, and "
                f"{shown(column.cells[shows])} in {column.labels.row(shows)} does; say it with "
                f"date_format (--date-format '{form}')",
            )
    return column.error(
        position,
        f"{shown(cell)} leaves open what is the day and what the month; say it with date_format "
        f"(--date-format '{day_first}' or '{month_first}')",
    )


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


def _beside(column: Column, found: Sequence[DateCell]) -> str:
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
