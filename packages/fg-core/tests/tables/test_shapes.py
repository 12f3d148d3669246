"""Tables of other shapes: turned ones, dates in several columns, totals and notes at the end."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from fg_core import ConfigError, DataError, dataset_from_table
from fg_core.tables.footers import footer_rows

YEARS = [str(year) for year in range(1990, 2010)]
MONTHS = [f"{2001 + t // 12}-{t % 12 + 1:02}" for t in range(30)]
VALUES = [float(t * t % 17) for t in range(30)]


def turned_table(*names: str) -> dict[str, list[Any]]:
    values = {y: [float((k + 2) * t % 13) for k in range(len(names))] for t, y in enumerate(YEARS)}
    return {"country": list(names), "unit": ["%"] * len(names), **values}


def test_a_column_per_period_is_turned() -> None:
    data = dataset_from_table(turned_table("Chad", "Peru"), label="wb.csv")
    assert data.series_ids == ("Chad", "Peru")
    assert data.frequency == "Y"
    assert [row.value for row in data.series("Peru")] == [3.0 * t % 13 for t in range(20)]
    assert data.provenance.notices == (
        "wb.csv: columns from '1990' to '2009' are read as periods, and rows as series, named by "
        "'country'.",
    )
    assert dataset_from_table(turned_table("Chad", "Peru"), series="Peru").series_ids == ("Peru",)
    databank = {f"{n} [YR{n}]" if n.isdigit() else n: c for n, c in turned_table("Chad").items()}
    assert [row.value for row in dataset_from_table(databank)] == [2.0 * t % 13 for t in range(20)]


def test_rows_of_a_turned_table_are_named_as_they_were() -> None:
    table = turned_table("Chad", "Peru")
    table["2001"][1] = "wrong"
    with pytest.raises(
        DataError, match=r"t, row 2 \(line 3\), column 'y': 'wrong' is not a number"
    ):
        dataset_from_table(table, label="t", lines=(2, 3))
    table["2001"][1] = ".."
    with pytest.raises(DataError, match=r"\(--na '\.\.'\)"):
        dataset_from_table(table)
    assert len(dataset_from_table(table, na="..").series("Peru")) == 19


def test_two_rows_of_a_turned_table_that_no_column_tells_apart_are_named_by_all() -> None:
    table = turned_table("Chad", "Chad")
    table["unit"] = ["%", "$"]
    assert dataset_from_table(table).series_ids == ("%", "$")
    table["sex"] = ["m", "m"]
    table["unit"] = ["%", ""]
    assert dataset_from_table(table).series_ids == ("Chad, %, m", "Chad, m")


@pytest.mark.parametrize(
    "parts",
    [
        {"year": [m[:4] for m in MONTHS], "month": [int(m[5:]) for m in MONTHS]},
        {"year": [int(m[:4]) for m in MONTHS], "month": [float(m[5:]) for m in MONTHS]},
        {"year": [m[:4] for m in MONTHS], "month": [f"M{m[5:]}" for m in MONTHS]},
        {
            "year": [m[:4] for m in MONTHS],
            "month": [pd.Timestamp(m).strftime("%B") for m in MONTHS],
        },
    ],
)
def test_dates_in_several_columns(parts: dict[str, list[Any]]) -> None:
    data = dataset_from_table({**parts, "y": VALUES}, ds="year,month")
    assert data.content_hash == dataset_from_table({"ds": MONTHS, "y": VALUES}).content_hash


def test_quarters_and_days_in_several_columns() -> None:
    years = [1990 + t // 4 for t in range(20)]
    table = {"year": years, "q": [t % 4 + 1 for t in range(20)], "y": VALUES[:20]}
    assert dataset_from_table(table, ds="year, q").frequency == "Q"
    days = {"y": VALUES[:9], "yy": [2001] * 9, "m": [1] * 9, "d": range(1, 10)}
    assert dataset_from_table(days, ds="yy,m,d").frequency == "D"
    with pytest.raises(
        DataError, match=r"name it with ds \(--ds\), or its parts \(--ds Year,qtr\)"
    ):
        dataset_from_table({"Year": years, "qtr": table["q"], "y": VALUES[:20]})


@pytest.mark.parametrize(
    "cells", [("Total", 9.0), ("Grand total", ""), ("Source: us", None), ("p provisional", None)]
)
def test_totals_and_notes_at_the_end_are_left_out_and_said(cells: tuple[Any, Any]) -> None:
    table = {"ds": [*MONTHS, cells[0]], "y": [*VALUES, cells[1]]}
    with pytest.warns(UserWarning, match=f"at the end were left out: row 31 '{cells[0]}'$"):
        data = dataset_from_table(table)
    assert data.content_hash == dataset_from_table({"ds": MONTHS, "y": VALUES}).content_hash
    assert any("at the end were left out" in notice for notice in data.provenance.notices)


def test_series_may_be_called_total_and_last_values_may_be_missing() -> None:
    long = {"unique_id": ["total"] * 30, "ds": MONTHS, "y": VALUES}
    assert footer_rows(long, "ds") == []
    assert len(dataset_from_table(long)) == 30
    assert footer_rows({"ds": MONTHS, "y": [*VALUES[:-1], None]}, "ds") == []
    table = {"ds": ["2001-01", "Total", "2001-03"], "y": [1, 2, 3]}
    with pytest.raises(DataError, match="row 2, column 'ds': 'Total' is not a date"):
        dataset_from_table(table)


def test_totals_that_differ_by_rounding_are_taken_and_said() -> None:
    north, south = [100.0 + t % 7 / 3 for t in range(30)], [50.0 + t % 5 / 3 for t in range(30)]
    table = {
        "ds": [m for m in MONTHS for _ in range(3)],
        "segment_id": ["n", "s", ""] * 30,
        "y": [round(x) for n, s in zip(north, south, strict=True) for x in (n, s, n + s)],
    }
    with pytest.warns(UserWarning, match=r"by rounding, .* to the totals: y up to 1$"):
        data = dataset_from_table(table)
    assert [row.value for row in data] == table["y"][2::3]
    for row in data:
        assert sum(row.segment_values.values()) == pytest.approx(row.value, rel=1e-12)
    table["y"][2] += 3
    with pytest.raises(DataError, match="the segments of 2001-01-01 add up to"):
        dataset_from_table(table)


def test_frames_that_are_none_of_pandas() -> None:
    frame = pd.DataFrame({"ds": MONTHS, "y": VALUES})
    expected = dataset_from_table(frame).content_hash

    class Lazy:
        collect_schema = None

        def collect(self) -> pd.DataFrame:
            return frame

    assert dataset_from_table(Lazy()).content_hash == expected  # type: ignore[arg-type]
    assert dataset_from_table(pa.Table.from_pandas(frame)).content_hash == expected
    numbered = frame.set_axis([0, 1], axis="columns")
    ours = dataset_from_table(numbered, ds=0, y=1)  # type: ignore[arg-type]
    assert ours.series_ids == ("1",)
    assert [row.value for row in ours] == VALUES
    for wrong in (1.5, True, None):
        with pytest.raises(ConfigError, match="ds must be the name of a column"):
            dataset_from_table(frame, ds=wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"decimal": ";"}, "decimal must be '.' or ',', got ';'"),
        ({"fiscal_year_end": 13}, "fiscal_year_end must be a month from 1 to 12, got 13"),
        ({"fiscal_year_end": True}, "fiscal_year_end must be a month from 1 to 12, got True"),
        ({"na": 5}, "na must be marks such as '..' or ('..', '-'), got 5"),
    ],
)
def test_what_is_said_of_cells_is_checked(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        dataset_from_table({"ds": MONTHS, "y": VALUES}, **settings)
    assert str(caught.value) == message
