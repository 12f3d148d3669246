"""The source `file`: one table in many kinds of files, and files that are none."""

from __future__ import annotations

import gzip
import hashlib
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from fg_core import ConfigError, DataError, Query, dataset_from_table
from fg_core.testing import check_data_source
from fg_data import FileSource, load_dataset
from fg_data.files import MAX_BYTES, content, csv_table, json_table, parquet_table, raw_table

Write = Callable[..., Path]

HEADER = "unique_id,ds,y\n"


def fetched(path: Path, **options: str) -> object:
    return FileSource().fetch(Query(location=str(path), options=options))


def message_of(path: Path, **options: str) -> str:
    with pytest.raises(DataError) as caught:
        fetched(path, **options)
    text = str(caught.value)
    assert "\n" not in text
    assert str(path.parent) not in text
    return text


def test_one_table_in_every_kind_of_file_is_one_dataset(
    table: dict[str, list[Any]], table_file: Path
) -> None:
    data = load_dataset(str(table_file))
    assert data == load_dataset(str(table_file), series=("a", "b"))
    assert data.series_ids == ("a", "b")
    assert data.content_hash == dataset_from_table(table).content_hash
    details = data.provenance.details
    raw = table_file.read_bytes()
    assert details == {
        "file": table_file.name,
        "bytes": len(raw),
        "sha256": hashlib.sha256(raw).hexdigest(),
        "rows": 60,
    }
    assert data.provenance.notices == ()
    assert data.provenance.description == f"{table_file.name}, 60 rows, 2 series, monthly"


def test_it_is_a_source_like_any_other(table_file: Path) -> None:
    check_data_source(FileSource(), Query(location=str(table_file)))


def test_pandas_reads_the_same(write: Write) -> None:
    rows = "".join(f"s{k},{2000 + t}Q1,{k * 1.1 + t / 7:.6g}\n" for k in (1, 2) for t in range(9))
    path = write("t.csv", HEADER + rows)
    ours, theirs = load_dataset(str(path)), dataset_from_table(pd.read_csv(path))
    assert ours.content_hash == theirs.content_hash


def test_options_name_columns_season_and_lag(write: Write) -> None:
    rows = "".join(f"{t},{t * t % 7},x\n" for t in range(2001, 2031))
    path = write("t.csv", "year,sales,shop\n" + rows)
    options = {"ds": "year", "y": "sales", "season_length": "3", "release_lag": "10"}
    data = load_dataset(str(path), options=options)
    assert (data.series_ids, data.season_length) == (("sales",), 3)
    assert data[0].available_at == datetime(2002, 1, 11, tzinfo=UTC)
    data = load_dataset(str(path), options={"ds": "year", "y": "sales", "unique_id": "shop"})
    assert data.series_ids == ("x",)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"dss": "x"},
            "the source 'file' has no option 'dss'; it has (nearest first) ds, season_length, "
            "sheet, strict, decimal, exclude, encoding, unique_id, date_format, release_lag, "
            "fiscal_year_end, fill, na, y",
        ),
        ({"season_length": "-1"}, "option season_length must be a whole number, got '-1'"),
        ({"season_length": "0"}, "season_length must be a whole number >= 1, got 0"),
        ({"fill": "x"}, "option fill must be a number, got 'x'"),
        ({"strict": "maybe"}, "option strict must be yes or no, got 'maybe'"),
        ({"sheet": "Data"}, "option sheet says nothing about a .csv file; leave it out"),
        ({"encoding": "klingon"}, "encoding 'klingon' is not known; give one like cp1252"),
    ],
)
def test_options_that_are_none(write: Write, options: dict[str, str], message: str) -> None:
    path = write("t.csv", HEADER + "a,2001,1\na,2002,2\na,2003,1\n")
    with pytest.raises(ConfigError) as caught:
        fetched(path, **options)
    assert str(caught.value) == message


def test_without_a_location_it_says_what_it_wants() -> None:
    with pytest.raises(DataError, match="the source 'file' wants to know which"):
        FileSource().fetch(Query())


def test_the_first_column_of_pandas_without_a_name_is_left_out(write: Write) -> None:
    frame = pd.DataFrame({"ds": ["2001", "2002", "2003"], "y": [1, 2, 1]})
    path = write("t.csv", "")
    frame.to_csv(path)
    data = load_dataset(str(path))
    assert data.provenance.notices == ("t.csv: columns without a name were left out: 1.",)
    frame.index = pd.Index([5, 6, 7])
    frame.to_parquet(path.with_suffix(".parquet"))
    data = load_dataset(str(path.with_suffix(".parquet")))
    assert data.provenance.notices == ("t.parquet: columns without a name were left out: 1.",)
    assert not any(row.macro_context for row in data)


# -------------------------------------------------------------------- not what the name says


def zipped() -> bytes:
    return b"PK\x03\x04" + b"\x14\0" * 40


@pytest.mark.parametrize(
    ("name", "raw", "message"),
    [
        ("t.csv", b"", "t.csv is empty"),
        ("t.csv", b" \n\n", "t.csv is empty"),
        ("t.csv", HEADER.encode(), "t.csv: there are no rows below the header"),
        (
            "t.csv",
            zipped(),
            "t.csv is not CSV but a ZIP archive or an Excel workbook; save it as CSV, or name it "
            "what it is",
        ),
        (
            "t.csv",
            b"PAR1" + b"\0" * 20,
            "t.csv is not CSV but a Parquet file; save it as CSV, or name it what it is",
        ),
        (
            "t.csv",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 4,
            "t.csv is not CSV but an old Excel workbook; save it as CSV, or name it what it is",
        ),
        (
            "t.csv",
            b"\n<!DOCTYPE html><html></html>",
            "t.csv is not CSV but a page of HTML or XML; save it as CSV, or name it what it is",
        ),
        (
            "t.csv",
            b'[{"ds": "2001", "y": 1}]',
            "t.csv is not CSV but JSON; save it as CSV, or name it what it is",
        ),
        (
            "t.csv",
            b"\x80\x04\x95\x05\0\0\0",
            "t.csv is not CSV but a pickle, which is never read; save it as CSV, or name it what "
            "it is",
        ),
        (
            "t.csv",
            HEADER.encode() + b"a,2001,1\n\xe9,2002,2\n",
            "t.csv, line 3: not in UTF-8 (byte 0xe9); save it as UTF-8, or name its encoding "
            "(--option encoding=cp1252)",
        ),
        (
            "t.csv",
            HEADER.encode("utf-16")[:-1],
            "t.csv, line 1: not in UTF-16 (byte 0x0a); save it as UTF-8, or name its encoding "
            "(--option encoding=cp1252)",
        ),
        (
            "t.csv",
            HEADER.encode("utf-16-le"),
            "t.csv, line 1: a NUL byte, so this is no text, or UTF-16 without a byte order mark; "
            "save it as UTF-8",
        ),
        (
            "t.csv",
            HEADER.encode() + b"a,2001,1\na,20\x0002,2\n",
            "t.csv, line 3: a NUL byte, so this is no text, or UTF-16 without a byte order mark; "
            "save it as UTF-8",
        ),
        (
            "t.csv",
            HEADER.encode() + b"a,2001,1\n\na,2002\n",
            "t.csv, line 4: 2 cells, and the header has 3 (delimiter ',')",
        ),
        (
            "t.csv",
            HEADER.encode() + b"a,2001,1,5\n",
            "t.csv, line 2: 4 cells, and the header has 3 (delimiter ',')",
        ),
        (
            "t.csv",
            b"ds,y,y\n2001,1,2\n",
            "t.csv, line 1: two columns are named 'y'; rename one of them",
        ),
        (
            "t.csv",
            HEADER.encode() + b'a,2001,1\na,"2002,2\n',
            "t.csv, line 3: unexpected end of data; check the quotes in it, each begun is to be "
            "ended",
        ),
        (
            "t.csv",
            HEADER.encode() + b'a,2001,1\na,"2"002,2\n',
            "t.csv, line 3: ',' expected after '\"'; check the quotes in it, each begun is to be "
            "ended",
        ),
        ("t.csv", b",,\n1,2,3\n", "t.csv: there are no rows below the header"),
        (
            "t.csv",
            b"ds~y\n2001~1\n",
            "t.csv: no column 'ds' for the dates; there are (nearest first) ds~y; name it with ds "
            "(--ds)",
        ),
        ("t.json", b"ds,y\n2001,1\n", "t.json, line 1: not JSON, or cut short (Expecting value)"),
        (
            "t.json",
            b'[{"ds": 2001, "y": 1},\n{"ds": 20',
            "t.json, line 2: not JSON, or cut short (Expecting ',' delimiter)",
        ),
        (
            "t.json",
            zipped(),
            "t.json is not JSON but a ZIP archive or an Excel workbook; name it what it is",
        ),
        (
            "t.json",
            b"3",
            't.json holds no table: a list of records [{"ds": ..., "y": ...}, ...], '
            'columns {"ds": [...], "y": [...]}, or a record a line is wanted',
        ),
        (
            "t.json",
            b"[1, 2]",
            "t.json, row 1: no record of names and values; a list of records "
            '[{"ds": ..., "y": ...}, ...], columns {"ds": [...], "y": [...]}, or a record a line '
            "is wanted",
        ),
        ("t.json", b"[]", "t.json: there are no records in it"),
        ("t.json", b'[{"y": 1, "y": 2}]', "t.json: 'y' is in one record twice"),
        ("t.jsonl", b'{"y": 1}\n{"y": 2, "y": 3}\n', "t.jsonl, line 2: 'y' is in one record twice"),
        (
            "t.jsonl",
            b'{"y": 1}\n{"y"',
            "t.jsonl, line 2: not JSON, or cut short (Expecting ':' delimiter)",
        ),
        (
            "t.json",
            b'{"ds": {"0": "2001"}, "y": {"0": 1}}',
            't.json: \'ds\' is no list of cells; a list of records [{"ds": ..., "y": ...}, ...], '
            'columns {"ds": [...], "y": [...]}, or a record a line is wanted (pandas: '
            "to_json(orient='records', date_format='iso'))",
        ),
        (
            "t.json",
            b'{"ds": ["2001", "2002"], "y": [1]}',
            "t.json: columns differ in length: ds 2, y 1",
        ),
        (
            "t.json",
            b"[" * 100_000,
            't.json: nested too deeply; a list of records [{"ds": ..., "y": ...}, ...], columns '
            '{"ds": [...], "y": [...]}, or a record a line is wanted',
        ),
        ("t.parquet", HEADER.encode(), "t.parquet is not Parquet but text; name it what it is"),
        (
            "t.parquet",
            zipped(),
            "t.parquet is not Parquet but a ZIP archive or an Excel workbook; name it what it is",
        ),
        (
            "t.xls",
            zipped(),
            "t.xls: files that are read end with .csv, .tsv, .csv.gz, .tsv.gz, .json, .jsonl, "
            ".parquet, .xlsx; save it as one of them",
        ),
        ("t.xlsx", zipped(), "t.xlsx: a damaged workbook (File is not a zip file)"),
        ("t.xlsx", b"ds,y", "t.xlsx is not an Excel workbook but text; name it what it is"),
        ("t.csv.gz", b"ds,y", "t.csv.gz is not gzip but text; name it what it is"),
        (
            "t.csv.gz",
            gzip.compress(HEADER.encode())[:-9],
            "t.csv.gz: a damaged gzip archive (Compressed file ended before the end-of-stream "
            "marker was reached)",
        ),
        (
            "t.csv",
            HEADER.encode() + b"a,2001,1\na,2002,inf\n",
            "t.csv, row 2 (line 3), column 'y': 'inf' is infinite; leave the cell empty if the "
            "value is missing",
        ),
    ],
)
def test_a_file_that_is_something_else(write: Write, name: str, raw: bytes, message: str) -> None:
    assert message_of(write(name, raw)) == message


def test_a_damaged_parquet_file(write: Write, contents: dict[str, bytes]) -> None:
    whole = contents["table.parquet"]
    for raw in (whole[: len(whole) // 2], whole[:-4], b"PAR1" + os.urandom(200) + b"PAR1"):
        assert message_of(write("t.parquet", raw)).startswith("t.parquet: a damaged Parquet file (")


def test_parquet_without_its_extra_says_what_to_install(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write("t.parquet", b"PAR1" + b"\0" * 20)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert message_of(path).startswith(
        "t.parquet: Parquet is read with pyarrow, which the extra fg-data[parquet] brings; install"
    )


# ------------------------------------------------------------------------------------- bounds


def test_two_gigabytes_are_refused_by_their_size(write: Write) -> None:
    path = write("t.csv", HEADER)
    os.truncate(path, 2 * 1024**3)
    assert message_of(path) == (
        "t.csv has 2,147,483,648 bytes (2,048 MB), and at most 200 MB are read; cut it into files "
        "of fewer series"
    )
    assert MAX_BYTES == 200 * 1024**2


def test_a_file_that_grows_while_it_is_read_is_bounded(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write("t.csv", HEADER + "a,2001,1\n" * 10)
    monkeypatch.setattr(content, "MAX_BYTES", 50)
    monkeypatch.setattr(content, "_size_of", lambda file: 10)
    assert message_of(path).startswith("t.csv has 51 bytes")


@pytest.mark.parametrize("name", ["comma.csv", "records.json", "lines.jsonl", "columns.json"])
def test_rows_and_cells_are_bounded(
    write: Write, contents: dict[str, bytes], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    path = write(name, contents[name])
    with monkeypatch.context() as patch:
        for module in (csv_table, json_table, raw_table):
            patch.setattr(module, "MAX_ROWS", 50, raising=False)
        assert message_of(path) == (
            f"{name}: more than 50 rows, which is the most that is read; cut it into files of "
            "fewer series"
        )
    monkeypatch.setattr(raw_table, "MAX_CELLS", 100)
    assert "cells, which is the most that is read; leave columns out" in message_of(path)


def test_what_a_parquet_file_unpacks_to_is_bounded(
    write: Write, contents: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet_table, "MAX_UNPACKED", 100)
    found = message_of(write("t.parquet", contents["table.parquet"]))
    assert found.startswith("t.parquet unpacks to ")
    assert found.endswith("and at most 100 are read; cut it into files of fewer series")


def test_a_file_that_may_not_be_read(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write("t.csv", HEADER)

    def refuse(*_args: object, **_options: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert message_of(path) == "t.csv cannot be read: Permission denied"
