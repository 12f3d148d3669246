"""Rows after the last value of a series: what they say in advance."""

from __future__ import annotations

from typing import Any

import pytest

from fg_core import DataError, dataset_from_table

MONTHS = [f"2001-{m:02}" for m in range(1, 13)] + [f"2002-{m:02}" for m in range(1, 13)]


def table(**columns: Any) -> dict[str, Any]:
    y: list[Any] = [float(t * t % 7) for t in range(21)] + [None] * 3
    return {"ds": MONTHS, "y": y, "promo": [int(t % 5 == 0) for t in range(24)], **columns}


def test_rows_after_the_last_value_are_kept_beside_the_rows() -> None:
    data = dataset_from_table(table(), label="sales.csv")
    assert len(data) == 21
    (periods,) = data.future_context.values()
    assert {moment.date().isoformat(): dict(told) for moment, told in periods.items()} == {
        "2002-10-01": {"promo": 0.0},
        "2002-11-01": {"promo": 0.0},
        "2002-12-01": {"promo": 0.0},
    }
    (notice,) = data.provenance.notices
    assert notice == (
        "sales.csv: rows after the last value (y 3) have values of promo. They are used only if "
        "these columns are known in advance: --future promo."
    )


def test_gaps_within_a_series_are_no_future() -> None:
    values = table()["y"]
    values[10] = None
    data = dataset_from_table(table(y=values))
    assert any("rows without a value were left out: y 1." in n for n in data.provenance.notices)
    assert len(next(iter(data.future_context.values()))) == 3


def test_empty_cells_and_columns_that_tell_the_value_are_left_out() -> None:
    promo: list[Any] = [t % 5 for t in range(22)] + ["", ""]
    twice = [2.0 * (v or 0.0) for v in table()["y"]]
    data = dataset_from_table(table(promo=promo, twice=twice))
    (periods,) = data.future_context.values()
    assert [dict(told) for told in periods.values()] == [{"promo": 1.0}]
    assert all("twice" not in row.macro_context for row in data)


def test_what_is_told_twice_of_a_period_is_refused() -> None:
    months = [*MONTHS[:-1], "2002-11"]
    with pytest.raises(DataError, match=r"2002-11-01 appears twice, in row 23 and row 24"):
        dataset_from_table(table(ds=months))


def test_periods_to_come_need_no_date_of_release() -> None:
    released = [f"{month}-28" for month in MONTHS[:21]] + [""] * 3
    data = dataset_from_table(table(available_at=released))
    assert len(data) == 21
    assert len(next(iter(data.future_context.values()))) == 3
    with pytest.raises(DataError, match=r"row 3, column 'available_at': no date"):
        dataset_from_table(table(available_at=[*released[:2], "", *released[3:]]))
