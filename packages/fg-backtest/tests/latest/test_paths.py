"""Joint paths: marginals as issued, and totals as wide as they are."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from fg_backtest.latest import LatestForecaster
from fg_backtest.latest.paths import path_correlations, path_uniforms
from fg_core import ConfigError, Dataset

MakeDataset = Callable[..., Dataset]


@given(
    st.integers(0, 1000),
    st.integers(0, 60),
    st.lists(st.integers(1, 24), min_size=1, max_size=6, unique=True).map(sorted),
)
def test_correlations_are_correlations(seed: int, n: int, horizons: list[int]) -> None:
    rng = np.random.default_rng(seed)
    pits = [rng.uniform(size=n) for _ in horizons]
    for h, one in zip(horizons, pits, strict=True):
        one[max(n - h, 0) :] = np.nan
    found = path_correlations(pits, horizons)
    assert np.diag(found).tolist() == [1.0] * len(horizons)
    np.testing.assert_allclose(found, found.T, atol=1e-12)
    assert np.linalg.eigvalsh(found).min() > -1e-9


def test_without_origins_they_are_those_of_a_random_walk() -> None:
    steps = np.random.default_rng(0).standard_normal((200_000, 5)).cumsum(axis=1)
    found = path_correlations([np.empty(0)] * 5, [1, 2, 3, 4, 5])
    np.testing.assert_allclose(found, np.corrcoef(steps.T), atol=0.01)


def test_with_many_origins_they_are_those_of_the_errors() -> None:
    rng = np.random.default_rng(1)
    wanted = np.array([[1.0, -0.4], [-0.4, 1.0]])
    errors = rng.multivariate_normal([0.0, 0.0], wanted, size=5_000)
    pits = list(stats.norm.cdf(errors).T)
    np.testing.assert_allclose(path_correlations(pits, [1, 2]), wanted, atol=0.04)


def test_values_of_a_horizon_are_distributed_as_its_forecast(make_dataset: MakeDataset) -> None:
    found = LatestForecaster((1, 2, 5)).run(make_dataset(80))["a"]
    paths = found.paths(4_000)
    assert paths.shape == (4_000, 3)
    for one, values in zip(found.horizons, paths.T, strict=True):
        cdf = np.vectorize(one.forecast.cdf)
        assert stats.kstest(values, cdf).pvalue > 0.01


def test_totals_of_an_autoregression_are_as_wide_as_they_are() -> None:
    """Of an AR(1), whose errors at 1 to 4 steps are sums of the same shocks."""
    phi, steps, n = 0.8, 4, 400
    rng = np.random.default_rng(2)
    shocks = rng.standard_normal((n, steps))
    weights = np.array(
        [[phi ** (h - k) if k <= h else 0.0 for k in range(steps)] for h in range(4)]
    )
    errors = shocks @ weights.T
    scales = np.sqrt((weights**2).sum(axis=1))
    pits = list(stats.norm.cdf(errors / scales).T)
    uniforms = path_uniforms(pits, [1, 2, 3, 4], 40_000, 7, "y")
    totals = (stats.norm.ppf(uniforms) * scales).sum(axis=1)
    exact = float(np.sqrt((weights.sum(axis=0) ** 2).sum()))
    assert totals.std() == pytest.approx(exact, rel=0.03)
    # Without their dependence they would look far surer.
    assert exact > 1.6 * float(np.sqrt((scales**2).sum()))


def test_paths_repeat_and_differ_by_series_and_seed() -> None:
    first = path_uniforms([np.empty(0)] * 2, [1, 2], 5, 7, "a")
    assert (first == path_uniforms([np.empty(0)] * 2, [1, 2], 5, 7, "a")).all()
    assert (first != path_uniforms([np.empty(0)] * 2, [1, 2], 5, 7, "b")).all()
    assert (first != path_uniforms([np.empty(0)] * 2, [1, 2], 5, 8, "a")).all()


@pytest.mark.parametrize("n", [0, -3, True, 1.5])
def test_a_number_of_paths_is_a_whole_number(n: object) -> None:
    with pytest.raises(ConfigError, match="number of paths"):
        path_uniforms([np.empty(0)], [1], n, 7, "a")  # type: ignore[arg-type]
