"""Workbooks: sheets, dates, titles, and what is none."""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from fg_core import ConfigError, DataError
from fg_data import load_dataset
from fg_data.files import excel_table
from fg_data.files.excel_table import read_excel

Make = Callable[..., bytes]
Write = Callable[..., Path]

MONTHS = [date(2001 + t // 12, t % 12 + 1, 1) for t in range(30)]
ROWS = [["month", "sales"], *([day, float(t * t % 17)] for t, day in enumerate(MONTHS))]


def test_titles_totals_and_other_sheets_are_said(make_workbook: Make, write: Write) -> None:
    rows = [["Sales of 2001"], [], *ROWS, ["Total", 99.0]]
    path = write("t.xlsx", make_workbook(About=[["A note"]], Data=rows, More=ROWS))
    with pytest.warns(UserWarning, match="left out") as told:
        data = load_dataset(str(path))
    assert [str(one.message) for one in told] == [
        "t.xlsx: lines above the header were left out: line 1 'Sales of 2001'",
        "t.xlsx: rows of totals or notes at the end were left out: row 31 (line 34) 'Total'",
    ]
    assert [row.timestamp.date() for row in data] == MONTHS
    assert [row.value for row in data] == [row[1] for row in ROWS[1:]]
    assert (
        "t.xlsx: sheet 'Data' is read (--option sheet=NAME reads another: About, More)."
        in data.provenance.notices
    )
    other = load_dataset(str(path), options={"sheet": "More"})
    assert other.content_hash == data.content_hash
    with pytest.raises(DataError, match=r"no sheet 'Date'; there are \(nearest first\) Data, "):
        load_dataset(str(path), options={"sheet": "Date"})
    with pytest.raises(ConfigError, match=r"option encoding says nothing about a \.xlsx file"):
        load_dataset(str(path), options={"encoding": "cp1252"})


def test_workbooks_that_cannot_be_read(
    make_workbook: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = make_workbook(About=[["A note"]])
    with pytest.raises(DataError, match="no sheet of it has a table"):
        read_excel(data, "t.xlsx")
    whole = make_workbook(Data=ROWS)
    with pytest.raises(DataError, match="damaged workbook"):
        read_excel(whole[: len(whole) // 2], "t.xlsx")
    monkeypatch.setattr(excel_table, "MAX_UNPACKED", 1000)
    with pytest.raises(DataError, match=r"t\.xlsx unpacks to .* at most 1,000 are read"):
        read_excel(whole, "t.xlsx")


def test_a_zip_archive_is_no_workbook(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "t.xlsx", "w") as archive:
        archive.writestr("t.csv", "ds,y")
    with pytest.raises(DataError, match=r"t\.xlsx: a damaged workbook"):
        load_dataset(str(tmp_path / "t.xlsx"))


def test_without_the_extra_it_is_named(
    make_workbook: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    with pytest.raises(DataError, match=r"which the extra fg-data\[excel\] brings"):
        read_excel(make_workbook(Data=ROWS), "t.xlsx")
