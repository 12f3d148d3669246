"""A table in every kind of file."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

Write = Callable[..., Path]

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
