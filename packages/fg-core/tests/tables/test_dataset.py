"""From tables to datasets: what is read, what is noted, and what is refused."""

from __future__ import annotations

import random
import sys
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_core import ConfigError, DataError, Dataset, dataset_from_table


def month(t: int) -> str:
    return f"{2000 + t // 12}-{t % 12 + 1:02}"


def long_table(n: int = 30, names: tuple[str, ...] = ("a", "b")) -> dict[str, list[Any]]:
    rng = np.random.default_rng(1)
    return {
        "unique_id": [name for name in names for _ in range(n)],
        "ds": [month(t) for _ in names for t in range(n)],
        "y": np.round(rng.standard_normal(n * len(names)), 3).tolist(),
    }


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


# --------------------------------------------------------------------------------- what is read


def test_a_long_table() -> None:
    table = long_table()
    data = dataset_from_table(table)
    assert data.series_ids == ("a", "b")
    assert [row.value for row in data] == table["y"]
    assert (data.frequency, data.season_length) == ("M", 12)
    assert data[0].timestamp == utc(2000, 1, 1)
    assert data[0].available_at == utc(2000, 2, 1)
    assert data.provenance.source == data[0].source == "table"
    assert data.provenance.notices == ()
    assert data.provenance.vintage == (
        "as given, one value a period; a value counts as known at the end of its period"
    )


def test_frames_of_pandas_are_the_same_data() -> None:
    table = long_table()
    expected = dataset_from_table(table).content_hash
    frame = pd.DataFrame(table)
    as_dates = frame.assign(ds=pd.to_datetime(frame["ds"]))
    at_the_end = frame.assign(ds=as_dates["ds"] + pd.offsets.MonthEnd(0))
    periods = frame.assign(ds=pd.PeriodIndex(frame["ds"], freq="M"))
    indexed = as_dates.set_index(["unique_id", "ds"])
    nullable = frame.convert_dtypes()
    shuffled = frame.sample(frac=1.0, random_state=3).sort_values("unique_id", kind="stable")
    for one in (frame, as_dates, at_the_end, periods, indexed, nullable, shuffled):
        assert dataset_from_table(one).content_hash == expected


def test_no_pandas_is_imported() -> None:
    import subprocess

    code = "import sys, fg_core.tables; print('pandas' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_a_wide_table_names_series_after_columns() -> None:
    table = {"date": [month(t) for t in range(30)], "a": range(30), "b": [""] * 5 + ["1", "2"] * 12}
    table["b"] = [*table["b"], "4"]
    one = dataset_from_table(table, ds="date", y="a")
    assert one.series_ids == ("a",)
    assert set(one[6].macro_context) == {"b"}
    both = dataset_from_table(table, ds="date", y="a,b")
    assert both.series_ids == ("a", "b")
    assert dataset_from_table(table, ds="date", y=("a", "b")) == both
    assert both.series("b")[0].timestamp == utc(2000, 6, 1)
    assert not any(row.macro_context for row in both)
    assert both.provenance.notices == ("table: rows without a value were left out: b 5.",)


def test_a_column_may_have_a_comma_in_its_name() -> None:
    table = {"ds": ["2001", "2002", "2003"], "a,b": [1, 2, 4]}
    assert dataset_from_table(table, y="a,b").series_ids == ("a,b",)


@pytest.mark.parametrize(
    ("alias", "frequency", "season"),
    [
        *(("D", "D", 7), ("B", "B", 5), ("W-MON", "W", 52)),
        *(("MS", "M", 12), ("QS", "Q", 4), ("YS", "Y", 1)),
    ],
)
def test_frequencies_and_their_seasons(alias: str, frequency: str, season: int) -> None:
    stamps = pd.date_range("2001-01-01", periods=30, freq=alias)
    values = 3.0 * (np.arange(30) % season == 1) + np.arange(30) % 3
    data = dataset_from_table(pd.DataFrame({"ds": stamps, "y": values}))
    assert (data.frequency, data.season_length) == (frequency, season)
    assert [row.timestamp for row in data] == [
        s.to_pydatetime().replace(tzinfo=UTC) for s in stamps
    ]
    ends = [row.available_at for row in data]
    if frequency != "B":
        assert ends[:-1] == [row.timestamp for row in data[1:]]
    assert dataset_from_table({"ds": stamps, "y": range(30)}, season_length=3).season_length == 3


def test_zones_keep_the_days_that_are_written_and_say_when_they_ended() -> None:
    stamps = pd.date_range("2001-01-01", periods=30, freq="MS", tz="America/New_York")
    data = dataset_from_table({"ds": stamps, "y": range(30)})
    assert data[5].timestamp == utc(2001, 6, 1)
    assert data[5].available_at == utc(2001, 7, 1, 4)
    assert data.provenance.notices == (
        "table: dates are read as they are written, each in its own time zone.",
    )


def test_dates_of_release() -> None:
    table = long_table(names=("a",))
    lagged = dataset_from_table(table, release_lag=8)
    assert lagged[0].available_at == utc(2000, 2, 9)
    assert "known 8 days after the end of its period" in lagged.provenance.vintage
    out = [str(date.fromisoformat(f"{ds}-01") + timedelta(days=45)) for ds in table["ds"]]
    dated = dataset_from_table({**table, "available_at": out})
    assert dated[0].available_at == utc(2000, 2, 15)
    assert "from the column 'available_at'" in dated.provenance.vintage
    with pytest.raises(ConfigError, match="has a column 'available_at', and a release lag"):
        dataset_from_table({**table, "available_at": out}, release_lag=8)


def test_other_numbers_are_context_published_with_their_row() -> None:
    table = long_table(names=("a",))
    rng = np.random.default_rng(2)
    cpi = [None, *rng.standard_normal(29).tolist()]
    data = dataset_from_table(
        {**table, "cpi": cpi, "note": ["x"] * 30, "twice": [2 * y for y in table["y"]]}
    )
    assert dict(data[0].macro_context) == {}
    assert dict(data[3].macro_context) == {"cpi": cpi[3]}
    assert data.provenance.notices == (
        "table: columns without numbers were left out: note.",
        "table: column 'twice' is no context of a, since it tells the value of its own row.",
    )


def test_the_context_of_a_row_does_not_tell_its_value() -> None:
    """The rule of the design, on a table made to break it: the value from its context."""
    rng = np.random.default_rng(4)
    a, b = rng.standard_normal((2, 80))
    table = {"ds": [month(t) for t in range(80)], "y": a + b, "a": a, "b": b, "c": a - b, "d": b**2}
    data = dataset_from_table(table)
    x = np.array([[1.0, *row.macro_context.values()] for row in data])
    y = np.array([row.value for row in data])
    left = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
    assert np.std(left) > 0.5 * np.std(y)


def test_segments_are_added_up_or_checked() -> None:
    n = 12
    north, south = [float(t) for t in range(n)], [0.1 * t * t for t in range(n)]
    table = {
        "unique_id": ["a"] * 2 * n,
        "ds": [month(t) for t in range(n)] * 2,
        "segment_id": ["north"] * n + ["south"] * n,
        "y": [*north, *south],
        "cpi": [float(t % 5) for t in range(n)] * 2,
    }
    data = dataset_from_table(table)
    assert data.provenance.notices == ()  # one segment below the other is in order
    assert [row.value for row in data] == [x + y for x, y in zip(north, south, strict=True)]
    assert dict(data[3].segment_values) == {"north": north[3], "south": south[3]}
    assert dict(data[3].macro_context) == {"cpi": 3.0}
    total = {
        "unique_id": ["a"] * n,
        "ds": [month(t) for t in range(n)],
        "segment_id": [""] * n,
        "y": [round(row.value, 7) for row in data],
        "cpi": [1.0] * n,
    }
    both = dataset_from_table({name: [*cells, *table[name]] for name, cells in total.items()})
    for ours, theirs in zip(both, data, strict=True):
        assert ours.value == round(theirs.value, 7)
        assert sum(ours.segment_values.values()) == pytest.approx(ours.value, rel=1e-12, abs=1e-12)
        assert ours.macro_context["cpi"] == 1.0


# -------------------------------------------------------------------------------- what is noted


def test_what_was_done_to_the_rows_is_noted() -> None:
    table = long_table(30)
    for at in (3, 4, 40):
        table["y"][at] = ""
    order = [*range(30), 31, 30, *range(32, 60)]
    table = {name: [cells[at] for at in order] for name, cells in table.items()}
    data = dataset_from_table(table, label="sales.csv")
    assert len(data) == 57
    assert data.provenance.notices == (
        "sales.csv: rows were out of order and were sorted: b.",
        "sales.csv: rows without a value were left out: a 2, b 1.",
        "sales.csv: periods without a row: a 2 of 30, b 1 of 30. Nothing is filled in, and a step "
        "ahead is a step from row to row, longer where a period is missing.",
    )


@given(seed=st.integers(0, 1000))
def test_the_order_of_rows_does_not_matter_within_a_series(seed: int) -> None:
    table = long_table(12)
    order = list(range(24))
    random.Random(seed).shuffle(order)
    order.sort(key=lambda at: at >= 12)
    shuffled = {name: [cells[at] for at in order] for name, cells in table.items()}
    assert dataset_from_table(shuffled).observations == dataset_from_table(table).observations


@given(k=st.integers(-600, 600))
def test_dates_that_move_move_the_dates_alone(k: int) -> None:
    def shifted(by: int) -> Dataset:
        ds = [
            f"{(24000 + t + by) // 12}-{(24000 + t + by) % 12 + 1:02}" for t in (0, 1, 2, 5, 6, 9)
        ]
        return dataset_from_table({"ds": ds, "y": [1, 2, 4, 3, 5, 1], "x": [0, 1, 0, 2, 0, 1]})

    data, moved = shifted(0), shifted(k)
    assert moved.provenance == data.provenance
    for ours, theirs in zip(moved, data, strict=True):
        assert (ours.value, ours.macro_context) == (theirs.value, theirs.macro_context)


# ------------------------------------------------------------------------------ what is refused


def broken(**columns: Any) -> dict[str, Any]:
    return {**long_table(30), **columns}


def put(column: str, at: int, cell: Any) -> dict[str, Any]:
    table = long_table(30)
    table[column][at] = cell
    return table


def months_of(*numbers: int) -> list[str]:
    return [month(t) for t in numbers]


REFUSED: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    (
        {"day": ["2001"], "y": [1]},
        {},
        "t: no column 'ds' for the dates; there are (nearest first) day, y; name it with ds (--ds)",
    ),
    (
        {"ds": ["2001"], "yy": ["many"]},
        {},
        "t: no column 'y' for the values; there are (nearest first) yy, ds; name it with y (--y)",
    ),
    (
        broken(),
        {"unique_id": "id"},
        "t: no column 'id' for the names of series; there are (nearest first) ds, unique_id, y; "
        "name it with unique_id (--id)",
    ),
    (broken(), {"y": "ds"}, "t: column 'ds' cannot be two things at once"),
    (
        broken(z=[1] * 60),
        {"y": ("y", "z")},
        "t: column 'unique_id' names the series, so one column holds the values, not y, z",
    ),
    (
        put("unique_id", 2, ""),
        {},
        "t, row 3, column 'unique_id': no name of a series; give one, or leave the row out",
    ),
    (
        put("unique_id", 2, "a\x1b[2J"),
        {},
        "t, row 3, column 'unique_id': 'a\\x1b[2J' has control characters; give the series a name "
        "that can be printed",
    ),
    (broken(), {"series": "c"}, "t: no series 'c'; there are (nearest first) a, b"),
    (
        put("ds", 31, month(0)),
        {},
        "t, series 'b': 2000-01-01 appears twice, in row 31 and row 32; keep one row a period, "
        "or say in a column available_at when each value became known",
    ),
    (
        {"ds": ["2001-01-01T00:00", "2001-01-01T12:00", "2001-01-02T00:00"], "y": [1, 2, 3]},
        {},
        "t, series 'y': two moments of 2001-01-01, in row 1 and row 2; hourly and finer data are "
        "not supported, so give one row a day",
    ),
    (
        {"ds": ["2001"], "y": [1]},
        {},
        "t, series 'y': 1 row, and its frequency shows from 3 on (a backtest wants more than 20); "
        "give more rows, or leave the series out",
    ),
    (
        {"ds": ["2001", "2002"], "y": ["", None]},
        {},
        "t, series 'y': there is no value in it; leave the series out",
    ),
    (
        {
            "unique_id": ["a"] * 30 + ["b"] * 30,
            "ds": months_of(*range(30), *range(0, 90, 3)),
            "y": range(60),
        },
        {},
        "t: series of different frequencies (monthly: a; quarterly: b); choose those of one with "
        "series (--series)",
    ),
    (
        {"ds": months_of(*range(0, 30, 3), *range(30, 60)), "y": range(40)},
        {},
        "t, series 'y': its rows are monthly, but quarterly from 2000-01-01 on; give one frequency",
    ),
    (
        broken(available_at=[*(f"{ds}-28" for ds in long_table(30)["ds"][:59]), "2001-01-01"]),
        {},
        "t, row 60, column 'available_at': known at 2001-01-01T00:00:00+00:00, before its period "
        "began (2002-06-01); mend one of the dates",
    ),
    (
        {"ds": ["9997", "9998", "9999"], "y": [1, 2, 3]},
        {},
        "t, row 3, column 'ds': the end of the period, or its release, is after the end of the "
        "calendar",
    ),
    (
        {"ds": months_of(0, 1, 2), "y": [1, 2, 3], "x": ["1", "n.a.?", "3"]},
        {},
        "t, row 2, column 'x': 'n.a.?' is not a number; write numbers like 1234.5, without "
        "separators of thousands, units or currency signs, and leave missing ones empty",
    ),
    (
        {
            "ds": months_of(0, 0, 1, 1, 2),
            "segment_id": ["n", "s", "n", "s", "n"],
            "y": [1, 2, 3, 4, 5],
        },
        {},
        "t, series 'y': 2000-03-01 (row 5) has no value for segment 's'; give each segment in "
        "each period, 0 where there was nothing",
    ),
    (
        {
            "ds": months_of(0, 0, 0, 1, 1, 1),
            "segment_id": ["n", "s", "", "n", "s", ""],
            "y": [1, 2, 3, 3, 4, 8],
        },
        {},
        "t, series 'y': the segments of 2000-02-01 add up to 7, and the total in row 6 is 8; mend "
        "them, or leave the totals out (rows with an empty segment_id), which are then computed",
    ),
    (
        {
            "ds": months_of(0, 0, 1, 1, 2, 2),
            "segment_id": ["n", "s"] * 3,
            "y": [1, 2, 3, 3, 4, 8],
            "x": [1, 1, 1, 2, 1, 1],
        },
        {},
        "t, row 3, column 'x': segments of one period have different values; put context into a "
        "row of the total (an empty segment_id), or leave the column out",
    ),
    (
        {"ds": months_of(0, 0, 1), "segment_id": ["n", "n", "n"], "y": [1, 2, 3]},
        {},
        "t, series 'y': 2000-01-01 of segment 'n' appears twice, in row 1 and row 2; keep one row "
        "a period, or say in a column available_at when each value became known",
    ),
]


@pytest.mark.parametrize(("table", "settings", "message"), REFUSED)
def test_what_is_refused(table: dict[str, Any], settings: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError) as caught:
        dataset_from_table(table, label="t", **settings)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"season_length": 0}, "season_length must be a whole number >= 1, got 0"),
        ({"season_length": True}, "season_length must be a whole number >= 1, got True"),
        ({"release_lag": -1}, "release_lag must be a whole number >= 0, got -1"),
        ({"release_lag": 1.5}, "release_lag must be a whole number >= 0, got 1.5"),
    ],
)
def test_settings_out_of_range(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        dataset_from_table(long_table(), **settings)
    assert str(caught.value) == message


def test_what_is_wrong_in_other_series_does_not_matter() -> None:
    table = put("y", 35, "wrong")
    table["ds"][40] = "also wrong"
    with pytest.raises(DataError):
        dataset_from_table(table)
    data = dataset_from_table(table, series="a", lines=range(2, 62))
    assert data.series_ids == ("a",)
    with pytest.raises(DataError, match=r"table, row 41 \(line 42\), column 'ds'"):
        dataset_from_table(table, series=("b",), lines=range(2, 62))


def test_negative_values_are_values() -> None:
    data = dataset_from_table({"ds": ["2001", "2002", "2003"], "y": [-1, "-2.5", 0]})
    assert [row.value for row in data] == [-1.0, -2.5, 0.0]


def test_a_period_may_have_several_values_that_came_one_after_the_other() -> None:
    table = {
        "ds": ["2001Q1", "2001Q1", "2001Q2", "2001Q1", "2001Q3", "2001Q2"],
        "y": [1.0, 1.2, 2.0, 1.2, 3.0, ""],
        "x": [10.0, 11.0, 20.0, 12.0, 30.0, 21.0],
        "available_at": [
            *("2001-04-25", "2001-07-25", "2001-07-25", "2001-10-25", "2001-10-25", "2001-10-25"),
        ],
    }
    data = dataset_from_table(table, label="t")
    assert [(row.value, row.available_at.month) for row in data] == [(1.2, 7), (2.0, 7), (3.0, 10)]
    # Each value has the context of its own row; a repeated value is no revision.
    (first,) = data.earlier_values
    assert (first.value, first.macro_context["x"], data[0].macro_context["x"]) == (1.0, 10.0, 11.0)
    assert data.provenance.vintage.startswith("as given, with the values that were revised")
    # In any order of rows.
    mixed = {name: cells[::-1] for name, cells in table.items()}
    again = dataset_from_table(mixed, label="t")
    assert again.observations == data.observations
    assert again.earlier_values == data.earlier_values


def test_two_values_of_one_moment_contradict_each_other() -> None:
    table = {"ds": ["2001"] * 2 + ["2002"], "y": [1, 2, 3], "available_at": ["2004-01-01"] * 3}
    with pytest.raises(DataError, match=r"2001-01-01 has two values known at 2004.*in row 1 and"):
        dataset_from_table(table, label="t")
