"""Features of a series: by hand, without unit, and the same bits for many series."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_llm.strategy import FEATURES, series_features
from fg_llm.strategy.evaluation import ARRAYS
from fg_llm.strategy.operations import PYTHON_NUMBERS

values = st.floats(-1e6, 1e6).map(lambda x: round(x, 3))


def test_features_by_hand() -> None:
    found, size = series_features(PYTHON_NUMBERS, (1.0, 4.0, 0.0))

    assert size == pytest.approx(((9 + 16) / 2) ** 0.5)
    assert found["change_1"] == -4.0 / size
    assert found["change_3"] == found["change_12"] == -0.5 / size
    assert found["gap_12"] == (0.0 - 5.0 / 3.0) / size
    assert found["volatility_ratio"] == 1.0
    assert found["rises_12"] == 0.5
    assert found["place_12"] == 0.0


@given(path=st.lists(values, min_size=1, max_size=40), power=st.integers(-20, 20))
def test_features_have_no_unit_and_do_not_see_the_level(path: list[float], power: int) -> None:
    found, size = series_features(PYTHON_NUMBERS, path)
    scaled, other = series_features(PYTHON_NUMBERS, [x * 2.0**power for x in path])

    assert scaled == found
    assert other == size * 2.0**power


@given(path=st.lists(values, min_size=26, max_size=40), older=st.lists(values, max_size=5))
def test_values_older_than_the_window_do_not_matter(path: list[float], older: list[float]) -> None:
    assert series_features(PYTHON_NUMBERS, path) == series_features(PYTHON_NUMBERS, older + path)


@given(
    paths=st.integers(1, 30).flatmap(
        lambda n: st.lists(st.lists(values, min_size=n, max_size=n), min_size=1, max_size=3)
    )
)
def test_many_series_have_the_bits_of_each_alone(paths: list[list[float]]) -> None:
    many, sizes = series_features(ARRAYS, list(np.array(paths).T))

    for i, path in enumerate(paths):
        alone, size = series_features(PYTHON_NUMBERS, path)
        assert sizes[i] == size
        assert {name: many[name][i] for name in FEATURES} == alone
