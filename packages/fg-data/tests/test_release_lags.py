from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_core import DataError
from fg_core.calendar import period_end
from fg_data.release_lags import RELEASE_LAGS, available_at

FIRSTS_OF_MONTHS = st.builds(
    lambda year, month: datetime(year, month, 1, tzinfo=UTC),
    st.integers(1950, 2100),
    st.integers(1, 12),
)


def first_friday(year: int, month: int) -> datetime:
    first = datetime(year, month, 1, 13, 30, tzinfo=UTC)
    return first + timedelta(days=(4 - first.weekday()) % 7)


@given(FIRSTS_OF_MONTHS)
def test_unemployment_is_never_known_before_the_first_friday(start: datetime) -> None:
    end = period_end(start, "M")
    assert first_friday(end.year, end.month) <= available_at("UNRATE", start, 1)


@pytest.mark.parametrize(
    ("period", "published"),
    # Recorded dates of release of CPIAUCSL, as month of the figure and day it came out.
    [((2026, 2), (2026, 3, 11)), ((2026, 3), (2026, 4, 10)), ((2026, 4), (2026, 5, 12)),
     ((2026, 5), (2026, 6, 10)), ((2026, 6), (2026, 7, 14)), ((2026, 7), (2026, 8, 12))],
)  # fmt: skip
def test_recorded_price_releases_were_out_when_the_table_says(
    period: tuple[int, int], published: tuple[int, int, int]
) -> None:
    assumed = available_at("CPIAUCSL", datetime(*period, 1, tzinfo=UTC), 1)
    actual = datetime(*published, 12, 30, tzinfo=UTC)
    assert actual <= assumed <= actual + timedelta(days=8)


def test_a_release_comes_before_the_next_quarter_ends_and_says_its_rule() -> None:
    for lag in RELEASE_LAGS.values():
        assert 0 < lag.days < 90
        assert lag.rule
        assert lag.release


def test_derived_columns_come_out_with_what_they_are_made_of() -> None:
    for derived, level in [
        ("growth", "realgdp"),
        ("cons_growth", "realcons"),
        ("inv_growth", "realinv"),
        ("m1_growth", "m1"),
        ("dpi_growth", "realdpi"),
        ("infl", "cpi"),
    ]:
        assert RELEASE_LAGS[derived] == RELEASE_LAGS[level]
    latest_part = max(RELEASE_LAGS[name].days for name in ("tbilrate", "infl"))
    assert RELEASE_LAGS["realint"].days >= latest_part


def test_a_series_without_a_rule_is_an_error() -> None:
    with pytest.raises(DataError, match=r"no release lag is known for series 'MY_SERIES'"):
        available_at("MY_SERIES", datetime(2020, 1, 1, tzinfo=UTC), 1)
