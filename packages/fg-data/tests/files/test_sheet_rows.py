"""Titles above the header, notes below the data, and what is no such thing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_core import DataError
from fg_data.files.csv_table import delimiter_of, read_csv

ROWS = "".join(f"{2001 + t // 12}-{t % 12 + 1:02};{t % 7},5\n" for t in range(30))
TITLES = st.lists(
    st.sampled_from(["Sales", "Sales, in euros", '"Store 5"', "Printed on 2021-01-03, 9:00"]),
    min_size=1,
    max_size=4,
)


@given(titles=TITLES, blank=st.booleans(), comma=st.booleans(), notes=st.booleans())
def test_titles_and_notes_are_left_out_and_said(
    titles: list[str], blank: bool, comma: bool, notes: bool
) -> None:
    table = "month;sales\n" + ROWS
    if comma:
        titles = [title for title in titles if "," not in title] or ["Sales"]
        table = table.replace(",", ".").replace(";", ",")
    bare = read_csv(table.encode(), "t.csv")
    text = "\n".join(titles) + "\n" + "\n" * blank + table + "Source: us\n" * notes
    raw = read_csv(text.encode(), "t.csv")
    assert raw.columns == bare.columns
    assert bare.changes == ()
    assert len(raw.changes) == 1 + notes
    assert raw.changes[0].startswith("t.csv: lines above the header were left out: line 1 '")
    assert raw.lines is not None
    assert bare.lines is not None
    assert raw.lines[0] == bare.lines[0] + len(titles) + blank


def test_the_header_of_the_world_bank() -> None:
    years = ",".join(f'"{year}"' for year in range(1960, 2021))
    values = ",".join(f'"{year % 7}.5"' for year in range(1960, 2021))
    text = (
        f'"Data Source","WDI",\n\n"Last Updated","2021-01-01",\n\n"Country","Code",{years},\n'
        f'"Chad","TCD",{values},\n"Peru","PER",{values},\n'
    )
    raw = read_csv(text.encode(), "t.csv")
    assert list(raw.columns) == ["Country", "Code", *map(str, range(1960, 2021))]
    assert raw.lines == [6, 7]
    assert raw.changes == (
        "t.csv: lines above the header were left out: line 1 'Data Source' and 1 more.",
    )


def test_a_header_that_is_repeated_and_cells_beyond_the_last_column() -> None:
    text = "ds,y\n2001,1,\n2002,2,,\nds,y\n2003,3\n"
    raw = read_csv(text.encode(), "t.csv")
    assert raw.columns == {"ds": ["2001", "2002", "2003"], "y": ["1", "2", "3"]}
    assert raw.lines == [2, 3, 5]
    assert raw.changes == ("t.csv: lines that repeat the header were left out: 1.",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ds,y\n2001,1\n2002,2,3\n2003,3\n", "line 3: 3 cells, and the header has 2"),
        ("ds,y\na note\n2001,1\n2002,2\n", "line 2: 1 cells, and the header has 2"),
        ("ds,y\n2001,1\n2002\n", "line 3: 1 cells, and the header has 2"),
        ("ds,y\n2001,1,5\n2002,2,5\n2003,3,5\n", "line 2: 3 cells, and the header has 2"),
        ("a,ds,y,x\nn,2001-01,1\nn,2001-02,2\n", "line 2: 3 cells, and the header has 4"),
    ],
)
def test_rows_of_another_length_are_no_notes(text: str, message: str) -> None:
    with pytest.raises(DataError) as caught:
        read_csv(text.encode(), "t.csv")
    assert str(caught.value) == f"t.csv, {message} (delimiter ',')"


def test_an_encoding_that_is_named() -> None:
    text = "month;Umsätze\n" + ROWS
    raw = read_csv(text.encode("cp1252"), "t.csv", encoding="cp1252")
    assert list(raw.columns) == ["month", "Umsätze"]
    with pytest.raises(DataError, match=r"or name its encoding \(--option encoding=cp1252\)"):
        read_csv(text.encode("cp1252"), "t.csv")


def test_the_delimiter_below_titles_cuts_most_lines_alike() -> None:
    lines = ["Sales, by month", "month;sales", *ROWS.splitlines()]
    assert delimiter_of(lines) == ";"
    assert delimiter_of(lines[1:]) == ";"
    assert delimiter_of(["Sales, by month, in 1;000", "month\tsales", "2001\t1", "2002\t2"]) == "\t"
