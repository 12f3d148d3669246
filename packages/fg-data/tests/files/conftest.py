"""A table in every kind of file."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pyarrow as pa
import pytest
from pyarrow import parquet

Write = Callable[..., Path]

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_EPOCH = date(1899, 12, 30)


def workbook(**sheets: Sequence[Sequence[Any]]) -> bytes:
    """Return the bytes of a workbook with these sheets, each as rows of cells."""
    files = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_SHEET}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_SHEET}.styles+xml"/>'
        + "".join(
            f'<Override PartName="/xl/worksheets/sheet{k}.xml" '
            f'ContentType="{_SHEET}.worksheet+xml"/>'
            for k in range(1, len(sheets) + 1)
        )
        + "</Types>",
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
        "</Relationships>",
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        + "".join(
            f'<sheet name={quoteattr(name)} sheetId="{k}" r:id="r{k}"/>'
            for k, name in enumerate(sheets, start=1)
        )
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        + "".join(
            f'<Relationship Id="r{k}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{k}.xml"/>'
            for k in range(1, len(sheets) + 1)
        )
        + f'<Relationship Id="rs" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><fonts count="1"><font/></fonts>'
        '<fills count="1"><fill/></fills><borders count="1"><border/></borders>'
        '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2">'
        '<xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>',
    }
    for k, rows in enumerate(sheets.values(), start=1):
        cells = "".join(
            f'<row r="{r}">' + "".join(_cell(r, c, cell) for c, cell in enumerate(row)) + "</row>"
            for r, row in enumerate(rows, start=1)
        )
        files[f"xl/worksheets/sheet{k}.xml"] = (
            f'<worksheet xmlns="{_MAIN}"><sheetData>{cells}</sheetData></worksheet>'
        )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, '<?xml version="1.0" encoding="UTF-8"?>' + text)
    return out.getvalue()


def _cell(row: int, column: int, cell: Any) -> str:
    at = f"{chr(ord('A') + column)}{row}"
    if cell is None:
        return ""
    if isinstance(cell, date):
        return f'<c r="{at}" s="1"><v>{(cell - _EPOCH).days}</v></c>'
    if isinstance(cell, str):
        return f'<c r="{at}" t="inlineStr"><is><t>{escape(cell)}</t></is></c>'
    return f'<c r="{at}"><v>{cell!r}</v></c>'


TABLE: dict[str, list[Any]] = {
    "unique_id": ["a"] * 30 + ["b"] * 30,
    "ds": [f"{2000 + t // 12}-{t % 12 + 1:02}" for t in range(30)] * 2,
    "y": [round(t * t % 17 + 0.125 * t, 3) for t in range(60)],
}
RECORDS = [dict(zip(TABLE, row, strict=True)) for row in zip(*TABLE.values(), strict=True)]


def as_csv(delimiter: str = ",", decimal: str = ".") -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    writer.writerow(TABLE)
    for record in RECORDS:
        writer.writerow([record["unique_id"], record["ds"], str(record["y"]).replace(".", decimal)])
    return out.getvalue()


def as_parquet() -> bytes:
    out = io.BytesIO()
    parquet.write_table(pa.table(TABLE), out)
    return out.getvalue()


CONTENTS: dict[str, bytes] = {
    "comma.csv": as_csv().encode(),
    "bom.csv": as_csv().encode("utf-8-sig"),
    "crlf.csv": as_csv().replace("\n", "\r\n").encode(),
    "mac.csv": as_csv().replace("\n", "\r").encode(),
    "quoted.csv": as_csv().replace("a,", '"a",').replace("unique_id", '"unique_id"').encode(),
    "blank.csv": ("\n\n" + as_csv().replace("b,2000-01,", "\n,,\nb,2000-01,") + "\n,,\n").encode(),
    "utf16.csv": as_csv().encode("utf-16"),
    "utf32.csv": as_csv().encode("utf-32"),
    "semicolon.csv": as_csv(";", ",").encode(),
    "points.csv": as_csv(";").encode(),
    "tab.tsv": as_csv("\t").encode(),
    "UPPER.CSV": as_csv().encode(),
    "records.json": json.dumps(RECORDS).encode(),
    "columns.json": json.dumps(TABLE).encode(),
    "bom.json": json.dumps(RECORDS).encode("utf-8-sig"),
    "lines.jsonl": "\n".join(map(json.dumps, RECORDS)).encode(),
    "lines.json": "\n\n".join(map(json.dumps, RECORDS)).encode(),
    "one.jsonl": "\n".join(json.dumps({k: str(v) for k, v in r.items()}) for r in RECORDS).encode(),
    "table.parquet": as_parquet(),
    "comma.csv.gz": gzip.compress(as_csv().encode()),
    "tab.tsv.gz": gzip.compress(as_csv("\t").encode("utf-16")),
    "book.xlsx": workbook(Data=[list(TABLE), *zip(*TABLE.values(), strict=True)]),
    "bar.csv": as_csv("|").encode(),
    "sep.csv": b"sep=;\r\n" + as_csv(";", ",").encode(),
    "blanks.csv": "".join(
        ", ".join(f'"{cell}"' for cell in line.split(",")) + "\n" for line in as_csv().splitlines()
    ).encode(),
}


@pytest.fixture
def table() -> dict[str, list[Any]]:
    """The table as columns."""
    return TABLE


@pytest.fixture
def contents() -> dict[str, bytes]:
    """The table in every kind of file, by name."""
    return CONTENTS


@pytest.fixture
def make_workbook() -> Callable[..., bytes]:
    """Return the bytes of a workbook with sheets of these names, each as rows of cells."""
    return workbook


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a file and return its path."""

    def put(name: str, content: bytes | str) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return put


@pytest.fixture(params=CONTENTS)
def table_file(request: pytest.FixtureRequest, write: Write) -> Path:
    """The same table in one kind of file after the other."""
    return write(request.param, CONTENTS[request.param])
