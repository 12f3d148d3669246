from __future__ import annotations

import math
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_core import ConfigError
from fg_core.calendar import period_start
from fg_data.histories.aggregation import FEWEST, aggregate, aggregate_history
from fg_data.vintages import Print, VintageHistory

DAY = timedelta(days=1)


def at(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def months(*values: float | None, begin: int = 1) -> dict[datetime, float | None]:
    return {
        datetime(2024 + (begin + k - 1) // 12, (begin + k - 1) % 12 + 1, 1, tzinfo=UTC): value
        for k, value in enumerate(values)
    }


def weekdays(first: date, last: date) -> list[date]:
    days = (first + k * DAY for k in range((last - first).days + 1))
    return [day for day in days if day.weekday() < 5]


def test_the_example_of_the_documentation() -> None:
    # Monthly values of 100.1, 100.4 and 100.9 make 100.5 of the quarter, with one decimal.
    quarter = months(100.1, 100.4, 100.9)
    assert aggregate(quarter, "M", "Q", "avg", decimals=1) == {at(date(2024, 1, 1)): 100.5}
    assert aggregate(quarter, "M", "Q", "sum", decimals=1) == {at(date(2024, 1, 1)): 301.4}
    assert aggregate(quarter, "M", "Q", "eop") == {at(date(2024, 1, 1)): 100.9}


def test_a_quarter_at_an_end_needs_all_its_months() -> None:
    assert aggregate(months(1.0, 2.0, 3.0, 4.0, 5.0), "M", "Q") == {at(date(2024, 1, 1)): 2.0}
    assert aggregate(months(1.0, 2.0, 3.0, 4.0, 5.0, begin=2), "M", "Q") == {
        at(date(2024, 4, 1)): 4.0
    }
    # A missing mark is no value.
    assert aggregate(months(1.0, None, 3.0), "M", "Q") == {}


def test_a_missing_month_in_the_middle_is_passed_over() -> None:
    found = aggregate(months(1.0, 1.0, 1.0, 4.0, None, 6.0, 9.0, 9.0, 9.0), "M", "Q")
    assert list(found.values()) == [1.0, 5.0, 9.0]
    none_there = aggregate(months(*[1.0] * 3, *[None] * 3, *[9.0] * 3), "M", "Q")
    assert list(none_there.values()) == [1.0, None, 9.0]


def test_a_month_of_days_counts_when_its_last_weekday_has_come() -> None:
    days = weekdays(date(2024, 5, 1), date(2024, 6, 28))
    values: dict[datetime, float | None] = {at(day): float(day.day) for day in days}
    assert list(aggregate(values, "B", "M", "eop").values()) == [31.0, 28.0]
    # The service would give a mean of June from its 17th value on; here it waits for the 20th.
    del values[at(date(2024, 6, 28))]
    assert list(aggregate(values, "B", "M", "eop").values()) == [31.0]
    # A holiday at the end is known to be one once its mark has come.
    values[at(date(2024, 6, 28))] = None
    assert list(aggregate(values, "B", "M", "eop").values()) == [31.0, 27.0]


def test_a_first_month_needs_seventeen_days() -> None:
    for first, expected in ((date(2024, 5, 9), 1), (date(2024, 5, 10), 0)):
        days = weekdays(first, date(2024, 5, 31))
        values = {at(day): 1.0 for day in days}
        assert len(days) == 16 + expected
        assert len(aggregate(values, "B", "M")) == expected


def test_a_week_belongs_to_the_month_that_its_last_day_is_in() -> None:
    # The week that ends on Friday 2010-09-03 is one of September.
    fridays = [date(2010, 9, 3) + 7 * DAY * k for k in range(-5, 9)]
    values = {at(day - 6 * DAY): float(day.month) for day in fridays}
    found = aggregate(values, "W", "M")
    assert found == {
        at(date(2010, 8, 1)): 8.0,
        at(date(2010, 9, 1)): 9.0,
        at(date(2010, 10, 1)): 10.0,
    }


@pytest.mark.parametrize(("fine", "coarse"), [("Q", "M"), ("M", "M"), ("Y", "Q"), ("D", "W")])
def test_only_to_a_lower_frequency(fine: str, coarse: str) -> None:
    with pytest.raises(ConfigError, match="cannot be made"):
        aggregate({}, fine, coarse)


def test_an_unknown_method_is_an_error() -> None:
    with pytest.raises(ConfigError, match="aggregation is one of avg, sum, eop, got 'mean'"):
        aggregate({}, "M", "Q", "mean")


def by_definition(
    values: dict[datetime, float | None], coarse: str, method: str
) -> dict[datetime, float | None]:
    """The rules once more for months, in the words of the documentation."""
    periods = sorted({period_start(month, coarse) for month in values})
    least = {"Q": 3, "Y": 12}[coarse]
    found: dict[datetime, float | None] = {}
    for period in periods:
        within = [v for m, v in sorted(values.items()) if period_start(m, coarse) == period]
        there = [v for v in within if v is not None]
        if period in (periods[0], periods[-1]) and len(there) < least:
            continue
        if not there:
            found[period] = None
        elif method == "eop":
            found[period] = there[-1]
        else:
            found[period] = math.fsum(there) / (len(there) if method == "avg" else 1)
    return found


SPARSE = st.dictionaries(
    st.integers(0, 40).map(lambda n: datetime(2020 + n // 12, n % 12 + 1, 1, tzinfo=UTC)),
    st.one_of(st.none(), st.integers(-9, 9).map(float)),
    max_size=36,
)


@given(SPARSE, st.sampled_from(["Q", "Y"]), st.sampled_from(["avg", "sum", "eop"]))
def test_months_by_definition(
    values: dict[datetime, float | None], coarse: str, method: str
) -> None:
    assert aggregate(values, "M", coarse, method) == by_definition(values, coarse, method)


@st.composite
def histories(draw: st.DrawFn) -> VintageHistory:
    prints: list[Print] = []
    for number in range(draw(st.integers(1, 12))):
        if draw(st.integers(0, 7)) == 0:
            continue
        month = datetime(2020 + number // 12, number % 12 + 1, 1, tzinfo=UTC)
        begin = month + timedelta(days=31 + draw(st.integers(0, 50)))
        after = begin + timedelta(days=draw(st.integers(1, 90)))
        kind = draw(st.sampled_from(["once", "revised", "withdrawn", "marked"]))
        value = float(draw(st.integers(0, 9)))
        if kind == "once":
            prints.append(Print(month, value, begin))
        else:
            prints.append(Print(month, None if kind == "marked" else value, begin, after))
            if kind != "withdrawn":
                prints.append(Print(month, value + 1.0, after))
    return VintageHistory("X", "M", "index", tuple(prints))


@given(histories(), st.sampled_from(["avg", "sum", "eop"]))
def test_at_every_moment_a_history_is_aggregated_as_it_stood(
    history: VintageHistory, method: str
) -> None:
    quarterly = aggregate_history(history, "Q", method)
    for change in history.vintage_dates:
        for moment in (change - timedelta(seconds=1), change, change + timedelta(hours=5)):
            standing = {
                one.period: one.value
                for one in history.prints
                if one.published <= moment and (one.superseded is None or moment < one.superseded)
            }
            expected = aggregate(standing, "M", "Q", method)
            found = {one.period: one.value for one in quarterly.as_of(moment)}
            assert found == {p: v for p, v in expected.items() if v is not None}


def test_a_quarter_becomes_known_with_its_last_month() -> None:
    release = timedelta(days=45)
    prints = [Print(m, v, m + release) for m, v in months(1.0, 2.0, 3.0, 4.0).items()]
    (first,) = aggregate_history(
        VintageHistory("X", "M", "index", tuple(prints)), "Q"
    ).first_prints()
    assert (first.value, first.available_at) == (2.0, at(date(2024, 3, 1)) + release)


def test_the_same_frequency_changes_nothing_and_the_unit_says_what_was_done() -> None:
    history = VintageHistory(
        "X", "M", "index", (Print(at(date(2024, 1, 1)), 1.0, at(date(2024, 2, 1))),)
    )
    assert aggregate_history(history, "M") is history
    assert aggregate_history(history, "Y").units == "mean of monthly index"


def test_the_thresholds_are_those_of_the_documentation() -> None:
    assert dict(FEWEST) == {
        ("D", "M"): 17, ("D", "Q"): 52, ("D", "Y"): 208,
        ("B", "M"): 17, ("B", "Q"): 52, ("B", "Y"): 208,
        ("W", "M"): 3, ("W", "Q"): 10, ("W", "Y"): 39,
        ("M", "Q"): 3, ("M", "Y"): 12, ("Q", "Y"): 4,
    }  # fmt: skip
