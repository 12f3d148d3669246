"""Seasons are found where there are, seldom elsewhere, and from the first rows alone."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from fg_core.tables.season import SEEN, has_season, season_that_shows

N_SERIES = 60


def walk(n: int, rng: np.random.Generator) -> np.ndarray:
    return np.cumsum(rng.normal(size=n))


def noise(n: int, rng: np.random.Generator) -> np.ndarray:
    return rng.normal(size=n)


def smooth_walk(n: int, rng: np.random.Generator) -> np.ndarray:
    return np.cumsum(np.cumsum(rng.normal(size=n)))


@pytest.mark.parametrize("make", [walk, noise, smooth_walk])
@pytest.mark.parametrize("length", [4, 12])
def test_seldom_where_there_is_none(make: Callable[..., np.ndarray], length: int) -> None:
    rng = np.random.default_rng(length)
    found = [has_season(make(8 * length, rng), length) for _ in range(N_SERIES)]
    n = sum(one is True for one in found)
    assert stats.binomtest(n, N_SERIES, 0.06, "greater").pvalue > 1e-4


@pytest.mark.parametrize("make", [walk, noise])
@pytest.mark.parametrize("length", [4, 7, 12])
def test_found_where_there_is_one(make: Callable[..., np.ndarray], length: int) -> None:
    rng = np.random.default_rng(length)
    n = max(6 * length, 60)
    for one in range(8):
        pattern = np.zeros(length)
        pattern[one % length] = 8.0  # a single period that stands out
        assert has_season(make(n, rng) + np.resize(pattern, n), length)
        wave = 6.0 * np.sin(2.0 * np.pi * np.arange(n) / length + one)
        assert has_season(make(n, rng) + wave, length)


def test_what_cannot_be_told() -> None:
    rng = np.random.default_rng(0)
    assert has_season(walk(19, rng), 12) is None
    assert has_season(walk(30, rng), 12) is None  # fewer than three seasons, and none stands out
    assert has_season(np.arange(90.0), 12) is None
    assert has_season(np.ones(90), 12) is None


@pytest.mark.parametrize(("factor", "level"), [(1024.0, 0.0), (1.0, 1e6)])
def test_neither_unit_nor_level_matters(factor: float, level: float) -> None:
    rng = np.random.default_rng(1)
    for make in (walk, noise):
        values = make(80, rng) + 2.0 * np.resize(rng.normal(size=12), 80)
        assert has_season(values, 12) == has_season(level + factor * values, 12)


def test_the_first_rows_alone_are_looked_at() -> None:
    rng = np.random.default_rng(2)
    values = [walk(100, rng) + 5.0 * np.resize(rng.normal(size=4), 100), walk(100, rng), [1.0]]
    before = season_that_shows(values, 4, "t")
    seen = "shows in the first 60 % of the rows of 1 of 2 series, and is assumed."
    assert before == (4, f"t: a season of 4 rows {seen}")
    for one in values[:2]:
        one[int(SEEN * 100) :] = 0.0
    assert season_that_shows(values, 4, "t") == before


def test_what_is_assumed_and_said() -> None:
    rng = np.random.default_rng(3)
    plain = [walk(100, rng) for _ in range(9)]
    seasonal = walk(100, rng) + 9.0 * np.resize(rng.normal(size=4), 100)
    ends = "none is assumed (season_length, --season-length)."
    for values, season, said in (
        (plain[:1], 1, f"does not show in the first 60 % of the rows, and {ends}"),
        (plain[:2], 1, f"does not show in the first 60 % of the rows of any series, and {ends}"),
        (
            [*plain, seasonal],
            1,
            f"does not show in the first 60 % of the rows but 1 of 10 series, and {ends}",
        ),
    ):
        assert season_that_shows(values, 4, "t") == (season, f"t: a season of 4 rows {said}")
    assert season_that_shows(plain, 1, "t") == (1, "")
    assert season_that_shows([[1.0, 2.0]], 4, "t") == (4, "")  # there is nothing to tell it by
