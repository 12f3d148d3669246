from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_core import ConfigError
from fg_data.cache import CacheKey

KEY = CacheKey("fred", ("GDP",), "history")


def test_a_name_to_read_below_a_folder_of_the_source() -> None:
    assert str(KEY.path).startswith("fred/history-GDP-")
    assert KEY.path.suffix == ".json"


@pytest.mark.parametrize(
    "change",
    [
        {"source": "alfred"},
        {"series": ("GDPC1",)},
        {"series": ("GDP", "UNRATE")},
        {"series": ("gdp",)},
        {"kind": "training"},
        {"start": datetime(2000, 1, 1, tzinfo=UTC)},
        {"end": datetime(2000, 1, 1, tzinfo=UTC)},
        {"vintage": "2020-01-01"},
        {"transformation": "pca"},
    ],
)
def test_whatever_changes_the_answer_changes_the_path(change: dict[str, object]) -> None:
    assert replace(KEY, **change).path != KEY.path  # type: ignore[arg-type]
    assert replace(KEY, **change).digest != KEY.digest  # type: ignore[arg-type]


def test_a_moment_is_the_same_in_any_zone() -> None:
    utc = datetime(2000, 1, 1, 5, tzinfo=UTC)
    elsewhere = utc.astimezone(timezone(timedelta(hours=-5)))
    assert replace(KEY, start=utc).digest == replace(KEY, start=elsewhere).digest


def test_start_and_end_are_not_the_same() -> None:
    moment = datetime(2000, 1, 1, tzinfo=UTC)
    assert replace(KEY, start=moment).digest != replace(KEY, end=moment).digest


@given(st.lists(st.text(min_size=1), min_size=1, max_size=4))
def test_no_name_of_a_series_leaves_the_folder(series: list[str]) -> None:
    path = CacheKey("fred", tuple(series), "history").path
    assert len(path.parts) == 2
    assert path.parts[0] == "fred"
    assert path.name.isascii()
    assert not path.name.startswith(".")
    assert len(path.name) < 100


@given(st.text(min_size=1), st.text(min_size=1))
def test_two_series_are_not_one_series_with_both_names(a: str, b: str) -> None:
    together = CacheKey("fred", (a, b), "history")
    assert together.digest != CacheKey("fred", (a + b,), "history").digest


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("fred", (), "history"), "at least one series"),
        (("../fred", ("GDP",), "history"), "cannot be the name of a folder"),
        (("", ("GDP",), "history"), "cannot be the name of a folder"),
        (("x" * 41, ("GDP",), "history"), "at most 40"),
    ],
)
def test_keys_that_cannot_be(arguments: tuple[str, tuple[str, ...], str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        CacheKey(*arguments)


def test_a_moment_without_a_zone_and_a_file_that_is_a_path() -> None:
    with pytest.raises(ConfigError, match="start 2000-01-01 00:00:00 has no time zone"):
        replace(KEY, start=datetime(2000, 1, 1))  # noqa: DTZ001
    with pytest.raises(ConfigError, match="cannot be the name of a file"):
        replace(KEY, file="../x.json")


def test_a_fixed_file_lies_in_the_folder_of_the_cache() -> None:
    assert str(replace(KEY, file="fred_training.json").path) == "fred_training.json"
    assert replace(KEY, file="fred_training.json").digest == KEY.digest


def test_in_words() -> None:
    key = replace(KEY, start=datetime(2000, 1, 1, tzinfo=UTC), vintage="latest")
    assert str(key) == "history of GDP from 'fred', from 2000-01-01, vintage latest"
