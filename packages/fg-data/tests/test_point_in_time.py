from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_core import DataError
from fg_data.point_in_time import Column, column_with_release_lag, context_at, observations_of

JAN, FEB, MAR = (datetime(2020, month, 1, tzinfo=UTC) for month in (1, 2, 3))


def column(name: str, lag_days: int, values: tuple[float, ...] = (1.0, 2.0, 3.0)) -> Column:
    ends = (FEB, MAR, datetime(2020, 4, 1, tzinfo=UTC))
    published = tuple(end + timedelta(days=lag_days) for end in ends)
    return Column(name, (JAN, FEB, MAR), values, published)


def test_latest_is_the_last_one_published_and_counts_the_very_moment() -> None:
    early = column("early", 4)
    assert early.latest(FEB + timedelta(days=3, hours=23)) is None
    assert early.latest(FEB + timedelta(days=4)) == 1.0
    assert early.latest(MAR + timedelta(days=4)) == 2.0


def test_a_late_series_sees_this_period_of_an_early_one_and_not_the_other_way_round() -> None:
    early, late = column("early", 4), column("late", 20, (10.0, 20.0, 30.0))
    late_rows = observations_of(late, [early, late], source="test")
    assert [dict(row.macro_context) for row in late_rows] == [
        {"early": 1.0}, {"early": 2.0}, {"early": 3.0},
    ]  # fmt: skip
    early_rows = observations_of(early, [early, late], source="test")
    assert [dict(row.macro_context) for row in early_rows] == [{}, {"late": 10.0}, {"late": 20.0}]


def test_columns_that_determine_the_series_are_left_out() -> None:
    rows = observations_of(
        column("a", 4), [column("b", 1), column("c", 1)], source="test", leave_out={"b"}
    )
    assert all(set(row.macro_context) == {"c"} for row in rows)


@given(st.lists(st.integers(0, 25), min_size=2, max_size=5), st.integers(0, 120))
def test_a_context_holds_published_values_only(lags: list[int], after_days: int) -> None:
    columns = [column(f"c{n}", lag) for n, lag in enumerate(lags)]
    moment = JAN + timedelta(days=after_days)
    seen = context_at(columns, moment)
    for one in columns:
        published = [v for v, when in zip(one.values, one.available, strict=True) if when <= moment]
        assert seen.get(one.name) == (published[-1] if published else None)


def test_periods_are_sorted_and_dated_by_the_table() -> None:
    made = column_with_release_lag("UNRATE", {FEB: 2.0, JAN: 1.0}, 1)
    assert made.periods == (JAN, FEB)
    assert made.values == (1.0, 2.0)
    assert made.available == (FEB + timedelta(days=7), MAR + timedelta(days=7))


def test_columns_that_do_not_fit_together_are_errors() -> None:
    with pytest.raises(DataError, match=r"'x': 2 periods, 1 values and 2 dates of release"):
        Column("x", (JAN, FEB), (1.0,), (FEB, MAR))
    with pytest.raises(DataError, match=r"'x': period 2020-01-01 is not after the one before"):
        Column("x", (JAN, JAN), (1.0, 2.0), (FEB, MAR))
    with pytest.raises(DataError, match=r"'x': period 2020-02-01 was published before"):
        Column("x", (JAN, FEB), (1.0, 2.0), (MAR, FEB))
