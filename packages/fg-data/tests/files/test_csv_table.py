"""CSV against pandas, and the rule for the delimiter."""

from __future__ import annotations

import io

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_core import DataError
from fg_data.files.content import kind_of
from fg_data.files.csv_table import delimiter_of, read_csv

CELLS = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=8
).filter(str.strip)


@pytest.mark.parametrize(
    ("header", "delimiter"),
    [
        ("unique_id,ds,y", ","),
        ("unique_id;ds;y", ";"),
        ("unique_id\tds\ty", "\t"),
        ('"a;b;c;d",ds,y', ","),
        ("y", ","),
        ("a,b;c", ","),
    ],
)
def test_the_delimiter_stands_most_often_in_the_header(header: str, delimiter: str) -> None:
    assert delimiter_of(header) == delimiter


@given(rows=st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=6))
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_what_pandas_writes_is_read_back(
    rows: list[tuple[str, str, str]], delimiter: str, encoding: str
) -> None:
    frame = pd.DataFrame(rows, columns=["unique_id", "ds", "y"])
    text = frame.to_csv(index=False, sep=delimiter, lineterminator="\r\n")
    raw = read_csv(text.encode(encoding), "t.csv")
    # Blanks before a cell are none of it; within quotes they are.
    found = {name: [cell.lstrip(" ") for cell in cells] for name, cells in raw.columns.items()}
    assert found == {name: frame[name].str.lstrip(" ").tolist() for name in frame}
    assert raw.decimal == ("," if delimiter == ";" else "")
    theirs = pd.read_csv(
        io.BytesIO(text.encode(encoding)),
        sep=delimiter,
        encoding=encoding,
        dtype=str,
        keep_default_na=False,
    )
    assert found == {name: theirs[name].str.lstrip(" ").tolist() for name in theirs}


def test_lines_are_those_of_the_file() -> None:
    raw = read_csv(b'\nds,y\n\n2001,"1\n2"\n2002,3\n', "t.csv")
    assert raw.lines == [4, 6]


@given(st.binary(max_size=300))
def test_any_bytes_are_a_table_or_one_clear_line(data: bytes) -> None:
    said = "t.csv"
    try:
        read_csv(data, "t.csv")
    except DataError as error:
        said = str(error)
    assert "\n" not in said
    assert said.startswith("t.csv")


@pytest.mark.parametrize("data", [b"", b"\n\n", b",,\n,,\n"])
def test_no_header_at_all(data: bytes) -> None:
    with pytest.raises(DataError, match=r"t.csv: there is no header line, with the names of the"):
        read_csv(data, "t.csv")


def test_kinds() -> None:
    assert kind_of(b"ds,y") == kind_of(b"<5,y\n") == kind_of(b"[unit],y") == ""
    assert kind_of(b"\xef\xbb\xbf[{") == "JSON"
