from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from fg_core import ConfigError
from fg_core.calendar import FREQUENCIES
from fg_data.cache import MAX_AGE, age_text, is_fresh, max_age_of

NOW = datetime(2024, 5, 1, tzinfo=UTC)


def test_every_frequency_has_an_age_and_a_finer_one_none_that_is_older() -> None:
    assert set(MAX_AGE) == set(FREQUENCIES)
    ages = [MAX_AGE[frequency] for frequency in FREQUENCIES]
    assert ages == sorted(ages, reverse=True)


def test_the_finest_series_settles_it() -> None:
    assert max_age_of("Y", "D") == MAX_AGE["D"]
    assert max_age_of("Q") == MAX_AGE["Q"]


@pytest.mark.parametrize("frequencies", [(), ("M", "X")])
def test_frequencies_must_be_known(frequencies: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError, match="frequencies are some of"):
        max_age_of(*frequencies)


@pytest.mark.parametrize(
    ("age", "fresh"),
    [
        (timedelta(0), True),
        (timedelta(hours=12), True),
        (timedelta(hours=12, seconds=1), False),
        (timedelta(minutes=-5), True),
        (timedelta(minutes=-6), False),
        (timedelta(days=-400), False),
    ],
)
def test_fresh_up_to_its_age_and_not_from_the_future(age: timedelta, fresh: bool) -> None:
    assert is_fresh(NOW - age, NOW, timedelta(hours=12)) is fresh
    assert is_fresh(NOW - age, NOW, None)


@pytest.mark.parametrize(
    ("age", "text"),
    [
        (timedelta(seconds=59), "less than a minute"),
        (timedelta(minutes=59, seconds=59), "59 minutes"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(days=400), "400 days"),
        (timedelta(seconds=-1), "none (its clock was ahead)"),
    ],
)
def test_ages_in_words(age: timedelta, text: str) -> None:
    assert age_text(age) == text
