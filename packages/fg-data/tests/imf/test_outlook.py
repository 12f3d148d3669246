from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_core import SourceError
from fg_core.calendar import next_period, period_end, period_start
from fg_data.imf.outlook import is_outlook, last_actual_year, split_outlook, year_of_attribute

frequencies = st.sampled_from(["Y", "Q", "M"])
moments = st.datetimes(datetime(2000, 1, 2), datetime(2040, 1, 1)).map(  # noqa: DTZ001
    lambda moment: moment.replace(tzinfo=UTC)
)


@given(frequencies, moments, st.none() | st.integers(1995, 2050), st.integers(1, 40))
def test_parts_are_the_whole_and_nothing_unfinished_is_actual(
    frequency: str, now: datetime, last_year: int | None, n: int
) -> None:
    period = period_start(now.replace(year=now.year - 3, day=1), frequency)
    values: dict[datetime, float | None] = {}
    for number in range(n):
        values[period] = float(number)
        period = next_period(period, frequency)
    actual, projected = split_outlook(values, frequency, last_year, now)
    assert {**actual, **projected} == values
    assert not set(actual) & set(projected)
    for period in actual:
        assert last_year is not None
        assert period.year <= last_year
        assert period_end(period, frequency) <= now
    # Nothing is held back without a reason.
    for period in projected:
        late = last_year is None or period.year > last_year
        assert late or period_end(period, frequency) > now


@given(moments, st.sampled_from(["April", "October"]), st.integers(0, 30))
def test_an_edition_never_has_its_own_year_as_actual(
    now: datetime, month: str, years_ago: int
) -> None:
    edition = now.year - years_ago
    text = f"World Economic Outlook ({month} {edition})"
    for outlook in (True, False):
        assert last_actual_year(text, outlook=outlook, now=now) < edition
    # Later editions never know less than earlier ones.
    spring, autumn, next_spring = (
        last_actual_year(f"{m} {y}", outlook=True, now=now.replace(year=now.year + 1, day=1))
        for m, y in (("April", edition), ("October", edition), ("April", edition + 1))
    )
    assert spring <= autumn <= next_spring


def test_editions_that_are_not_told() -> None:
    now = datetime(2026, 11, 30, tzinfo=UTC)
    assert last_actual_year("Global Debt Database", outlook=True, now=now) == 2024
    assert last_actual_year("Global Debt Database", outlook=False, now=now) == 2026
    both = "World Economic Outlook (October 2025), updated (April  2026)"
    assert last_actual_year(both, outlook=True, now=now) == 2024
    with pytest.raises(SourceError, match="is of the future"):
        last_actual_year("World Economic Outlook (April 2027)", outlook=True, now=now)
    years = [datetime(2025, 1, 1, tzinfo=UTC)]
    assert not is_outlook(years, "Y", now)
    assert is_outlook([*years, datetime(2026, 1, 1, tzinfo=UTC)], "Y", now)


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("2024", 2024),
        ("FY2023/24", 2023),
        ("2022.0", 2022),
        ("", None),
        ("0", None),
        ("none", None),
    ],
)
def test_years_of_the_attribute(text: str, year: int | None) -> None:
    assert year_of_attribute(text) == year
