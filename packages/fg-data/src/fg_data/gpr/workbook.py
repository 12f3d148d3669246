"""Sheets of the authors' old workbooks (.xls): a column per series, and labels beside the data.

They are read by xlrd, with the extra `fg-data[xls]`: a small reader in Python without dependencies.
The reader of newer workbooks, python-calamine, reads old ones as well, but a damaged one can end
the whole program there, where xlrd raises an error.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from fg_core import DataError, SourceError
from fg_core.plugins import INSTALL_HINT
from fg_data.files.content import kind_of
from fg_data.sdmx import read_value

__all__ = ["Sheet", "read_sheet"]

_OLD = "an old Excel workbook"
_MONTH, _DAY = "month", "DAY"
_NAMES, _LABELS = "var_name", "var_label"
# Columns that are no series; `date` repeats DAY, and `event` has words.
_BESIDE = (_MONTH, _DAY, _NAMES, _LABELS, "date", "event")


@dataclass(frozen=True)
class Sheet:
    """Figures of a file.

    Args:
        frequency: "M" or "D".
        columns: Values by series and first moment of the period, UTC; None: an empty cell between
            two values. Empty cells before the first and after the last value are left out.
        labels: Words about the series, where the file has some.
    """

    frequency: str
    columns: Mapping[str, Mapping[datetime, float | None]]
    labels: Mapping[str, str]


def read_sheet(body: bytes, names: Sequence[str], *, what: str) -> Sheet:
    """Return series of the first sheet of a workbook.

    Args:
        body: Bytes of the workbook.
        names: Series that are wanted; those that the sheet does not have are left out.
        what: Name of the workbook in messages.

    Returns:
        The series, with the labels of all.

    Raises:
        SourceError: No such workbook, damaged or cut off, or not laid out as it was: no periods, a
            period twice, or a cell that is no number.
        DataError: xlrd is not installed.
    """
    header, rows, datemode = _cells(body, what)
    period_name = next((name for name in (_MONTH, _DAY) if name in header), "")
    if not period_name:
        raise SourceError(f"{what}: the sheet has no column {_MONTH!r} or {_DAY!r}")
    twice = next((name for name in header if name and header.count(name) > 1), "")
    if twice:
        raise SourceError(f"{what}: the sheet has two columns {twice[:40]!r}")
    place = {name: at for at, name in enumerate(header) if name}
    wanted = [name for name in names if name in place and name not in _BESIDE]
    found: dict[str, dict[datetime, float | None]] = {name: {} for name in wanted}
    labels: dict[str, str] = {}
    seen: set[datetime] = set()
    for line, row in enumerate(rows, start=2):
        if _NAMES in place and _LABELS in place:
            name, label = (str(_value(row, place[one])).strip() for one in (_NAMES, _LABELS))
            if name and label:
                labels[name] = " ".join(label.split())
        at = f"{what}, row {line}"
        period = _period(_value(row, place[period_name]), period_name, datemode, at)
        values = {
            name: read_value(_value(row, place[name]), what=f"{at}, {name}") for name in wanted
        }
        if period is None:  # the list of labels may be longer than the data
            if any(value is not None for value in values.values()):
                raise SourceError(f"{at}: figures without a {period_name.lower()}")
            continue
        if period in seen:
            raise SourceError(f"{at}: {period:%Y-%m-%d} stands there twice")
        seen.add(period)
        for name, value in values.items():
            found[name][period] = value
    frequency = "M" if period_name == _MONTH else "D"
    return Sheet(frequency, {name: _within(values) for name, values in found.items()}, labels)


def _cells(body: bytes, what: str) -> tuple[list[str], list[list[Any]], int]:
    """Return names of the columns, values of the rows below, and how the book counts days."""
    kind = kind_of(body)
    if kind != _OLD:
        page = "a web page" if kind.startswith("a page") else kind or "no workbook"
        raise SourceError(f"{what}: the answer is {page}, where {_OLD} (.xls) was asked for")
    try:
        import xlrd
    except ImportError:
        raise DataError(
            f"{what}: old workbooks are read with xlrd, which the extra fg-data[xls] brings; "
            f"{INSTALL_HINT}"
        ) from None
    try:
        book = xlrd.open_workbook(
            file_contents=body, logfile=io.StringIO(), on_demand=True, ragged_rows=True
        )
        # Of a file that was cut off, xlrd returns the rows that are there, without a word.
        if len(book.mem) < book.base + book.stream_len:
            raise EOFError(f"{len(body)} bytes")
        sheet = book.sheet_by_index(0)
        rows = [_row(sheet, at) for at in range(sheet.nrows)]
    except Exception as error:  # noqa: BLE001 - it raises whatever a damaged file brings about
        text = " ".join(f"{type(error).__name__} {error}".split())[:120]
        raise SourceError(f"{what}: the workbook is damaged or cut off ({text})") from None
    if len(rows) < 2:
        raise SourceError(f"{what}: the sheet has no rows below its header")
    return [str(name).strip() for name in rows[0]], rows[1:], book.datemode


def _row(sheet: Any, at: int) -> list[Any]:
    # A cell with an error of Excel's has its code for a value: it is no number.
    error, boolean = 5, 4
    return [
        f"an error ({cell.value})" if cell.ctype in (error, boolean) else cell.value
        for cell in sheet.row(at)
    ]


def _value(row: Sequence[Any], at: int) -> Any:
    return row[at] if at < len(row) else ""


def _period(cell: Any, name: str, datemode: int, what: str) -> datetime | None:
    """Return the first moment of a period: of a month's date, or of a day as 20250901."""
    if cell == "":
        return None
    try:
        if name == _MONTH:
            from xlrd.xldate import xldate_as_datetime

            if not isinstance(cell, float):
                raise ValueError
            moment = xldate_as_datetime(cell, datemode)
            day = date(moment.year, moment.month, 1)
            if moment != datetime(day.year, day.month, day.day):  # noqa: DTZ001 - as the book has it
                raise ValueError
        else:
            day = datetime.strptime(f"{float(cell):.0f}", "%Y%m%d").replace(tzinfo=UTC).date()
            if float(cell) % 1:
                raise ValueError
    except (ValueError, OverflowError):
        kind = "first day of a month" if name == _MONTH else "day such as 20250901"
        raise SourceError(f"{what}: {str(cell)[:40]!r} is no {kind}") from None
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _within(values: Mapping[datetime, float | None]) -> dict[datetime, float | None]:
    """Return values without the missing ones before the first and after the last there is."""
    there = [period for period, value in values.items() if value is not None]
    if not there:
        return {}
    first, last = min(there), max(there)
    return {period: values[period] for period in sorted(values) if first <= period <= last}
