"""Workbooks of Excel (.xlsx), with the extra `fg-data[excel]`.

They are read by python-calamine: a parser in Rust without further dependencies, which expands no
XML entities of strangers, computes nothing, and gives the values that the workbook was saved with.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from typing import Any

from fg_core import DataError
from fg_core.nearest import nearest_first
from fg_core.plugins import INSTALL_HINT

from .content import kind_of
from .parquet_table import MAX_UNPACKED
from .raw_table import RawTable, check_extent
from .sheet_rows import table_of_rows

__all__ = ["read_excel"]


def read_excel(data: bytes, label: str, *, sheet: str = "") -> RawTable:
    """Return the table in a sheet of a workbook.

    Empty rows are skipped; titles above the header and notes below the data are left out, with a
    notice.

    Args:
        data: Bytes of the file.
        label: Name of the file in messages.
        sheet: Name of the sheet; empty: the first that has a table, with a notice if there are
            others.

    Returns:
        Columns of plain values by name, all of the same length.

    Raises:
        DataError: It is something else or damaged, too large once unpacked, has no such sheet, or
            python-calamine is not installed.
    """
    kind = kind_of(data)
    if not kind.startswith("a ZIP archive"):
        what = kind or "text"
        raise DataError(f"{label} is not an Excel workbook but {what}; name it what it is")
    try:
        from python_calamine import CalamineError, CalamineWorkbook
    except ImportError:
        raise DataError(
            f"{label}: workbooks are read with python-calamine, which the extra fg-data[excel] "
            f"brings; {INSTALL_HINT}"
        ) from None
    _check_size(data, label)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        names = list(book.sheet_names)
        if sheet and sheet not in names:
            raise DataError(
                f"{label}: no sheet {sheet!r}; there are (nearest first) "
                f"{', '.join(nearest_first(sheet, names))}"
            )
        for name in [sheet] if sheet else names:
            found = book.get_sheet_by_name(name)
            if name == sheet or _is_table(found):
                break
        else:
            raise DataError(f"{label}: no sheet of it has a table, with two columns and three rows")
        check_extent(found.height, found.width, label)
        first = (found.start or (0, 0))[0] + 1
        rows = found.to_python(skip_empty_area=True)
    except (CalamineError, OSError, ValueError) as error:
        if isinstance(error, DataError):
            raise
        text = " ".join(str(error).split())[:200]
        raise DataError(f"{label}: a damaged workbook ({text})") from None
    numbered = ((first + at, _cells(cells)) for at, cells in enumerate(rows))
    raw = table_of_rows((row for row in numbered if any(c is not None for c in row[1])), label)
    if sheet or len(names) == 1:
        return raw
    others = ", ".join(other for other in names if other != name)
    told = f"{label}: sheet {name!r} is read (--option sheet=NAME reads another: {others})."
    return RawTable(raw.columns, raw.lines, raw.decimal, (*raw.notices, told), raw.changes)


def _check_size(data: bytes, label: str) -> None:
    """Refuse what is no ZIP archive, or unpacks to too much.

    Raises:
        DataError: It is.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
    except zipfile.BadZipFile as error:
        raise DataError(f"{label}: a damaged workbook ({error})") from None
    if unpacked > MAX_UNPACKED:
        raise DataError(
            f"{label} unpacks to {unpacked:,} bytes, and at most {MAX_UNPACKED:,} are read; cut it "
            "into files of fewer series"
        )


def _is_table(sheet: Any) -> bool:
    return bool(sheet.width > 1 and sheet.height > 2)


def _cells(cells: Sequence[Any]) -> list[Any]:
    return [None if isinstance(cell, str) and not cell.strip() else cell for cell in cells]
