"""One frequency for all series: gaps and what fills them, odd weeks, series that are left out."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_core import ConfigError, DataError, dataset_from_table

ALIASES = {"Y": "YS", "Q": "QE", "M": "ME", "W": "W-WED", "B": "B", "D": "D"}


@given(
    frequency=st.sampled_from(sorted(ALIASES)),
    kept=st.sets(st.integers(1, 58), min_size=3),
    fill=st.sampled_from([0.0, 1.5]),
)
def test_filled_rows_are_all_periods_between_the_first_and_the_last(
    frequency: str, kept: set[int], fill: float
) -> None:
    every = pd.date_range("2001-01-01", periods=60, freq=ALIASES[frequency])
    whole = dataset_from_table({"ds": every, "y": range(60)})
    # The ends and one step of a single period tell the frequency, however many others are missing.
    at = sorted({0, *kept, 59})
    values = [float(k * k % 7) for k in at]
    other = {"ds": every[at], "unique_id": ["sparse"] * len(at), "y": values}
    full = {"ds": every, "unique_id": ["full"] * 60, "y": range(60)}
    table = {name: [*full[name], *other[name]] for name in full}
    if len(at) < 60:
        with pytest.warns(UserWarning, match=r"filled in with .*: sparse \d+ of 60"):
            data = dataset_from_table(table, fill=fill)
    else:
        data = dataset_from_table(table, fill=fill)
    assert data.frequency == whole.frequency == frequency
    rows = data.series("sparse")
    assert [row.timestamp for row in rows] == [row.timestamp for row in whole]
    assert [row.available_at for row in rows] == [row.available_at for row in whole]
    known = dict(zip(at, values, strict=True))
    assert [row.value for row in rows] == [known.get(k, fill) for k in range(60)]


def test_nothing_is_filled_in_beyond_a_series_or_on_closed_days() -> None:
    days = [date(2021, 1, 4) + timedelta(days=k) for k in range(70)]
    open_days = [day for day in days if day.weekday() != 6]
    table = {
        "ds": [*open_days, *open_days[10:20], *open_days[22:30]],
        "unique_id": ["a"] * len(open_days) + ["b"] * 18,
        "y": [8.0 * (k % 6 == 2) + k % 5 for k in range(len(open_days) + 18)],
    }
    with pytest.warns(UserWarning, match=r"filled in with 0: b 2 of 20$"):
        data = dataset_from_table(table, fill=0)
    assert [row.timestamp.date() for row in data.series("b")] == open_days[10:30]
    assert data.season_length == 6
    assert "no rows on Sundays" in " ".join(data.provenance.notices)
    assert dataset_from_table({"ds": open_days, "y": table["y"][:60]}).season_length == 6


@pytest.mark.parametrize("fill", [float("nan"), float("inf"), True, "0"])
def test_what_fills_gaps_is_a_finite_number(fill: Any) -> None:
    with pytest.raises(ConfigError, match="fill must be a finite number"):
        dataset_from_table({"ds": ["2001", "2002", "2004"], "y": [1, 2, 4]}, fill=fill)


def test_filled_rows_have_no_context_and_empty_segments() -> None:
    ds = [f"{2001 + t // 12}-{t % 12 + 1:02}" for t in range(30) if t % 9 != 4]
    table = {
        "ds": [day for day in ds for _ in "ns"],
        "segment_id": ["n", "s"] * len(ds),
        "y": [float(k % 11) for k in range(2 * len(ds))],
        "price": [float(k // 2 % 3) for k in range(2 * len(ds))],
    }
    with pytest.warns(UserWarning, match="filled in with 0"):
        data = dataset_from_table(table, fill=0)
    row = data.series("y")[4]
    assert (row.value, dict(row.segment_values), dict(row.macro_context)) == (
        0.0,
        {"n": 0.0, "s": 0.0},
        {},
    )
    with pytest.raises(DataError, match="segments can be filled in with 0 alone, got 2"):
        dataset_from_table(table, fill=2)


def test_a_week_dated_a_day_late_is_moved_said_and_known_a_day_late() -> None:
    mondays = [date(2021, 1, 4) + timedelta(weeks=k) for k in range(30)]
    late = [day + timedelta(days=k == 7) for k, day in enumerate(mondays)]
    with pytest.warns(UserWarning, match="weeks that are not dated") as told:
        data = dataset_from_table({"ds": late, "y": [k % 7 for k in range(30)]}, label="t.csv")
    assert [str(one.message) for one in told] == [
        "t.csv: weeks that are not dated on the usual day were moved to it: y 2021-02-23 to "
        "2021-02-22 (row 8)"
    ]
    assert [row.timestamp.date() for row in data] == mondays
    assert data[7].available_at == datetime(2021, 3, 2, tzinfo=UTC)
    assert data[8].available_at == datetime(2021, 3, 8, tzinfo=UTC)


def short_and_empty() -> dict[str, list[Any]]:
    return {
        "unique_id": ["a"] * 12 + ["b", "b", "c"],
        "ds": [f"2001-{m:02}" for m in [*range(1, 13), 1, 2, 1]],
        "y": [*range(12), 1, 2, None],
    }


def test_series_that_are_too_short_or_empty_are_left_out_with_one_warning() -> None:
    with pytest.warns(UserWarning, match="left out") as told:
        data = dataset_from_table(short_and_empty(), label="t.csv")
    assert data.series_ids == ("a",)
    assert [str(one.message) for one in told] == [
        "t.csv: 2 series were left out: series 'c': there is no value in it; the same goes for b "
        "(--strict refuses them)"
    ]
    for exclude in ("c", ["b", "c"]):
        with pytest.raises(DataError, match=r"series 'b': 2 rows|no series is left"):
            dataset_from_table(short_and_empty(), series=["b", "c"], exclude=exclude, strict=True)
    assert dataset_from_table(short_and_empty(), exclude=("b", "c"), strict=True) == (
        dataset_from_table(short_and_empty(), series="a")
    )
    with pytest.raises(DataError, match="series 'c': there is no value in it"):
        dataset_from_table(short_and_empty(), strict=True)
    with pytest.raises(DataError, match="no series 'd'; there are"):
        dataset_from_table(short_and_empty(), exclude="d")


def test_an_irregular_series_among_others_may_be_excluded() -> None:
    table = short_and_empty()
    table["unique_id"] += ["odd"] * 9
    table["ds"] += [f"2001-{m:02}" for m in (1, 4, 6, 7, 11)] + ["2002-05", "2002-10", "2003-04"]
    table["ds"] += ["2003-09"]
    table["y"] += range(9)
    with pytest.raises(DataError, match=r"--fill 0\), or leave the series out with exclude \("):
        dataset_from_table(table, exclude=("b", "c"))
    assert dataset_from_table(table, exclude=("b", "c", "odd")).series_ids == ("a",)


def test_earlier_values_of_a_week_that_is_moved_are_moved_with_it() -> None:
    mondays = [date(2021, 1, 4) + timedelta(weeks=k) for k in range(30)]
    dated = [day + timedelta(days=k == 7) for k, day in enumerate(mondays)]
    known = [day + timedelta(days=9) for day in mondays]
    table = {
        "ds": [*dated, dated[7]],
        "y": [*(float(k % 7) for k in range(30)), 9.0],
        "available_at": [*known, known[8]],
    }
    with pytest.warns(UserWarning, match="weeks that are not dated"):
        data = dataset_from_table(table)
    assert [row.timestamp.date() for row in data] == mondays
    assert (data[7].value, data[7].available_at.date()) == (9.0, known[8])
    (before,) = data.earlier_values
    assert (before.value, before.timestamp.date(), before.available_at.date()) == (
        *(0.0, mondays[7]),
        known[7],
    )
    with pytest.raises(DataError, match="no series is left"):
        data.without(["y"])
    assert data.without([]) is data
