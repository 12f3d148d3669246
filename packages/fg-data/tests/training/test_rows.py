from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fg_core import Observation
from fg_core.calendar import period_end, period_start
from fg_data.fred import transform_history
from fg_data.training.rows import (
    automatic_reading,
    dataset_frequency,
    own_values,
    training_rows,
)
from fg_data.vintages import Print, VintageHistory

MakeHistory = Callable[..., VintageHistory]
DAY = timedelta(days=1)
READINGS = {"T10YIE": "level", "CPI": "growth", "GDP": "growth", "UNRATE": "level"}
SEEDS = st.integers(0, 10**6)


def panel(make_history: MakeHistory, seed: int) -> list[VintageHistory]:
    sizes = {"T10YIE": ("B", 130), "CPI": ("M", 8), "GDP": ("Q", 4), "UNRATE": ("M", 8)}
    return [
        make_history(seed + number, frequency, n, series_id=name)
        for number, (name, (frequency, n)) in enumerate(sizes.items())
    ]


def rows_of(histories: Sequence[VintageHistory]) -> tuple[Observation, ...]:
    return training_rows(histories, READINGS, "M", source="test")


def test_a_row_by_hand() -> None:
    """CPI of February 2024 as known on March 13, beside yesterday's rate and last year's GDP."""

    def at(*day: int) -> datetime:
        return datetime(*day, tzinfo=UTC)  # type: ignore[misc,arg-type]

    cpi = VintageHistory(
        "CPI",
        "M",
        "index",
        (
            Print(at(2024, 1, 1), 300.0, at(2024, 2, 14), at(2024, 3, 13)),
            Print(at(2024, 1, 1), 301.0, at(2024, 3, 13)),
            Print(at(2024, 2, 1), 303.01, at(2024, 3, 13), at(2024, 4, 11)),
            Print(at(2024, 2, 1), 310.0, at(2024, 4, 11)),
        ),
    )
    rate = VintageHistory(
        "T10YIE",
        "B",
        "Percent",
        (
            Print(at(2024, 2, 29), 2.31, at(2024, 3, 1)),
            Print(at(2024, 3, 12), 2.29, at(2024, 3, 13)),
            Print(at(2024, 3, 13), 2.30, at(2024, 3, 14)),
        ),
    )
    unemployment = VintageHistory("UNRATE", "M", "%", ())
    rows = rows_of([cpi, rate, unemployment])
    (inflation,) = [row for row in rows if row.series_id == "CPI"]
    assert inflation.timestamp == at(2024, 2, 1)
    assert inflation.available_at == at(2024, 3, 13)
    # 303.01 / 301, both as published on March 13; neither 300 nor 310.
    assert inflation.value == pytest.approx(1200 * math.log(303.01 / 301.0), rel=1e-12)
    assert inflation.macro_context == {"T10YIE": 2.29, "T10YIE_age_days": 0.0}
    # The rate of February is known to be the last one when that of March 12 is out.
    (breakeven,) = [row for row in rows if row.series_id == "T10YIE"]
    assert (breakeven.timestamp, breakeven.value) == (at(2024, 2, 1), 2.31)
    assert breakeven.available_at == at(2024, 3, 13)
    assert set(breakeven.macro_context) == {"CPI", "CPI_age_days"}


@settings(max_examples=10)
@given(seed=SEEDS)
def test_every_value_is_the_first_that_could_be_known(make_history: MakeHistory, seed: int) -> None:
    """Against the vintages of every single moment, asked one by one."""
    for history in panel(make_history, seed):
        reading = READINGS[history.series_id]
        expected: dict[datetime, tuple[float, datetime]] = {}
        for moment in history.vintage_dates:
            vintage = {known.period: known.value for known in history.as_of(moment)}
            if history.frequency == "B":
                last_of = {period_start(day, "M"): day for day in sorted(vintage)}
                for month in sorted(last_of)[:-1]:
                    expected.setdefault(month, (vintage[last_of[month]], moment))
                continue
            for period in vintage:
                before = next(
                    (p for p in vintage if period_end(p, history.frequency) == period), None
                )
                if reading == "level":
                    expected.setdefault(period, (vintage[period], moment))
                elif before is not None:
                    n = 12 if history.frequency == "M" else 4
                    rate = 100 * n * math.log(vintage[period] / vintage[before])
                    expected.setdefault(period, (rate, moment))
        found = {k.period: (k.value, k.available_at) for k in own_values(history, reading, "M")}
        assert found.keys() == expected.keys()
        for period, (value, moment) in found.items():
            assert moment == expected[period][1]
            assert value == pytest.approx(expected[period][0], rel=1e-9, abs=1e-9)


@settings(max_examples=25)
@given(seed=SEEDS)
def test_every_context_is_the_latest_that_was_published(
    make_history: MakeHistory, seed: int
) -> None:
    histories = {history.series_id: history for history in panel(make_history, seed)}
    for row in rows_of(list(histories.values())):
        for name in ("T10YIE", "UNRATE"):
            known = histories[name].latest(row.available_at)
            if name == row.series_id or known is None:
                assert name not in row.macro_context
                assert f"{name}_age_days" not in row.macro_context
                continue
            assert row.macro_context[name] == known.value
            age = row.available_at - period_end(known.period, histories[name].frequency)
            assert row.macro_context[f"{name}_age_days"] * DAY == age


def until(history: VintageHistory, moment: datetime) -> VintageHistory:
    """What was on record at a moment."""

    def by_then(one: Print) -> Print:
        ended = one.superseded is not None and one.superseded <= moment
        return replace(one, superseded=one.superseded if ended else None)

    prints = tuple(by_then(one) for one in history.prints if one.published <= moment)
    return replace(history, prints=prints)


@settings(max_examples=25)
@given(seed=SEEDS, days=st.integers(0, 500))
def test_what_is_published_later_changes_no_row_that_is_there(
    make_history: MakeHistory, seed: int, days: int
) -> None:
    moment = datetime(2020, 1, 1, tzinfo=UTC) + days * DAY
    histories = panel(make_history, seed)
    before = [row for row in rows_of(histories) if row.available_at <= moment]
    assert list(rows_of([until(history, moment) for history in histories])) == before


@settings(max_examples=25)
@given(seed=SEEDS, days=st.sampled_from([1, 31]))
def test_later_releases_shift_every_row_and_change_none(
    make_history: MakeHistory, seed: int, days: int
) -> None:
    """All release lags a month longer: the same rows, known a month later, in the same order.

    What a row sees beside it moves with it. What changes at a fixed origin is in the tests of
    alignment.
    """
    shift = days * DAY

    def late(one: Print) -> Print:
        end = None if one.superseded is None else one.superseded + shift
        return replace(one, published=one.published + shift, superseded=end)

    histories = panel(make_history, seed)
    shifted = [replace(h, prints=tuple(late(one) for one in h.prints)) for h in histories]
    for row, was in zip(rows_of(shifted), rows_of(histories), strict=True):
        assert (row.series_id, row.timestamp, row.value) == (
            was.series_id,
            was.timestamp,
            was.value,
        )
        assert row.available_at == was.available_at + shift
        ages = {k: v + days if k.endswith("_age_days") else v for k, v in was.macro_context.items()}
        assert row.macro_context == ages


@settings(max_examples=10)
@given(seed=SEEDS)
def test_one_series_that_is_late_changes_exactly_the_rows_that_saw_it(
    make_history: MakeHistory, seed: int
) -> None:
    shift = 31 * DAY
    histories = panel(make_history, seed)
    gdp = histories[2]

    def late(one: Print) -> Print:
        end = None if one.superseded is None else one.superseded + shift
        return replace(one, published=one.published + shift, superseded=end)

    delayed = replace(gdp, prints=tuple(late(one) for one in gdp.prints))
    others = [histories[0], histories[1], delayed, histories[3]]
    before = {(r.series_id, r.timestamp): r for r in rows_of(histories) if r.series_id != "GDP"}
    after = {(r.series_id, r.timestamp): r for r in rows_of(others) if r.series_id != "GDP"}
    assert before.keys() == after.keys()
    own = own_growth_at(gdp)
    own_late = own_growth_at(delayed)
    for key, row in before.items():
        must = own(row.available_at) != own_late(row.available_at)
        assert (row != after[key]) == must
        assert (row.value, row.available_at) == (after[key].value, after[key].available_at)


def own_growth_at(history: VintageHistory) -> Callable[[datetime], tuple[datetime, float] | None]:
    """Growth of the latest quarter that has any, at a moment; from each vintage by itself."""
    moments = history.vintage_dates
    found: list[tuple[datetime, float] | None] = [None]
    for moment in moments:
        vintage = {known.period: known.value for known in history.as_of(moment)}
        latest = None
        for period in sorted(vintage, reverse=True):
            before = next((p for p in vintage if period_end(p, "Q") == period), None)
            if before is not None:
                latest = (period, vintage[period] / vintage[before])
                break
        found.append(latest)
    return lambda moment: found[bisect_right(moments, moment)]


@settings(max_examples=20)
@given(seed=SEEDS, frequency=st.sampled_from("MQ"))
def test_growth_is_the_services_own_transformation(
    make_history: MakeHistory, seed: int, frequency: str
) -> None:
    """Differential: against the transformation `cca` of whole histories, written by others."""
    history = make_history(seed, frequency, 14)
    ours = {k.period: k for k in own_values(history, "growth", frequency)}
    theirs = {k.period: k for k in transform_history(history, "cca").first_prints()}
    assert ours.keys() == theirs.keys()
    for period, known in ours.items():
        assert known.available_at == theirs[period].available_at
        assert known.value == pytest.approx(theirs[period].value, rel=1e-9, abs=1e-9)


def test_a_figure_that_never_came_costs_two_growth_rates_and_no_zero() -> None:
    months = [datetime(2025, month, 1, tzinfo=UTC) for month in range(7, 13)]
    out = {month: period_end(month, "M") + 12 * DAY for month in months}
    prints = tuple(
        Print(month, None if month.month == 10 else 100.0 + month.month, out[month])
        for month in months
    )
    rows = own_values(VintageHistory("CPI", "M", "index", prints), "growth", "M")
    assert [known.period.month for known in rows] == [8, 9, 12]
    assert all(known.value > 0.0 for known in rows)


def test_a_month_that_is_not_over_has_no_row() -> None:
    days = [datetime(2024, 1, 30, tzinfo=UTC) + k * DAY for k in range(4)]
    prints = tuple(Print(day, 2.0 + day.day / 100, day + DAY) for day in days)
    history = VintageHistory("T10YIE", "B", "Percent", prints)
    (only,) = own_values(history, "level", "M")
    assert (only.period.month, only.value) == (1, 2.31)
    # Known when the first value of February is: nothing before says that January is complete.
    assert only.available_at == datetime(2024, 2, 2, tzinfo=UTC)


def test_a_projection_is_no_row() -> None:
    early = datetime(2023, 12, 1, tzinfo=UTC)
    prints = (Print(datetime(2024, 1, 1, tzinfo=UTC), 5.0, early),)
    assert rows_of([VintageHistory("UNRATE", "M", "Percent", prints)]) == ()


@pytest.mark.parametrize(
    ("units", "frequency", "values", "reading"),
    [
        ("Percent", "M", (1.0, 2.0), "level"),
        ("% a year", "Q", (1.0, 2.0), "level"),
        ("Index 1982-1984=100", "M", (1.0, 2.0), "growth"),
        ("Billions of Dollars", "Q", (1.0, None), "growth"),
        ("Billions of Dollars", "Q", (1.0, -2.0), "level"),
        ("Index", "M", (0.0, 2.0), "level"),
        ("Number", "W", (1.0, 2.0), "level"),
    ],
)
def test_levels_grow_and_rates_do_not(
    units: str, frequency: str, values: tuple[float | None, ...], reading: str
) -> None:
    begin = datetime(2024, 1, 1, tzinfo=UTC)
    end = begin + 400 * DAY
    prints = tuple(Print(begin.replace(year=2020 + k), v, end) for k, v in enumerate(values))
    assert automatic_reading(VintageHistory("x", frequency, units, prints)) == reading


def test_the_dataset_is_as_fine_as_its_series_and_at_most_monthly() -> None:
    def frequency(*all_of_them: str) -> str:
        return dataset_frequency([VintageHistory("x", f, "", ()) for f in all_of_them])

    assert frequency("Q", "M", "B") == "M"
    assert frequency("Q", "Y") == "Q"
    assert frequency("D") == "M"
    assert frequency("Y") == "Y"


def test_nothing_published_is_no_rows() -> None:
    assert rows_of([VintageHistory("UNRATE", "M", "Percent", ())]) == ()
