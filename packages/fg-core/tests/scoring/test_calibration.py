from types import SimpleNamespace

import numpy as np
import pytest
import scoringrules
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.special import ndtri

from fg_core.errors import DataError
from fg_core.forecast import ProbabilisticForecast
from fg_core.scoring import (
    interval_coverage,
    interval_score,
    pinball_loss,
    pit_gaussian,
    pit_mixture,
    pit_score,
)

quiet = settings(derandomize=True, database=None, deadline=None)
numbers = st.floats(-1e3, 1e3)
W, M, S = np.array([0.2, 0.5, 0.3]), np.array([-2.0, 0.0, 3.0]), np.array([0.5, 1.0, 2.0])


def draws(n):
    rng = np.random.default_rng(11)
    pick = rng.choice(3, p=W, size=n)
    return rng.normal(M[pick], S[pick])


# Probability integral transform


def test_pit_by_hand():
    np.testing.assert_allclose(
        pit_gaussian(1.0, 2.0, [1.0, 3.0, -1.0]), [0.5, 0.8413447461, 0.1586552539], rtol=1e-9
    )
    assert pit_mixture([0.5, 0.5], [0.0, 100.0], [1.0, 1.0], 50.0) == 0.5


def test_pit_is_uniform_under_the_truth_and_not_under_another_forecast():
    y = draws(5000)
    assert stats.kstest(pit_mixture(W, M, S, y), "uniform").pvalue > 0.01
    assert stats.kstest(pit_mixture(W, M, 1.3 * S, y), "uniform").pvalue < 1e-6
    z = np.random.default_rng(12).normal(3.0, 2.0, size=5000)
    assert stats.kstest(pit_gaussian(3.0, 2.0, z), "uniform").pvalue > 0.01
    assert stats.kstest(pit_gaussian(3.0, 1.6, z), "uniform").pvalue < 1e-6


@quiet
@given(numbers, st.floats(1e-6, 1e3), numbers, numbers)
def test_pit_is_a_probability_and_grows_with_the_value(mean, std, a, b):
    low, high = sorted((a, b))
    for first, second in (
        (pit_gaussian(mean, std, low), pit_gaussian(mean, std, high)),
        (pit_mixture(W, M + mean, std * S, low), pit_mixture(W, M + mean, std * S, high)),
    ):
        assert 0.0 <= first <= second + 1e-15 <= 1.0 + 1e-15


def test_pit_of_a_forecast():
    parts = SimpleNamespace(weights=W, means=M, scales=S)
    mixture = SimpleNamespace(mean=0.5, variance=5.0, components=parts)
    normal = SimpleNamespace(mean=0.5, variance=4.0, components=None)
    assert pit_score(mixture, 1.0) == pit_mixture(W, M, S, 1.0)
    assert pit_score(normal, 2.5) == pit_gaussian(0.5, 2.0, 2.5)
    assert type(pit_score(mixture, 1.0)) is type(pit_score(normal, 1.0)) is float
    with pytest.raises(DataError, match="one forecast against one value"):
        pit_score(mixture, [1.0, 2.0])


# Intervals


def test_coverage_counts_both_ends_as_inside():
    value = [0.0, 1.0, 0.5, -1e-9, 1.0 + 1e-9]
    assert interval_coverage(np.zeros(5), np.ones(5), value) == 0.6
    assert isinstance(interval_coverage([0.0], [1.0], [0.5]), float)


def test_coverage_of_true_intervals_is_their_level():
    y = np.random.default_rng(13).normal(size=40_000)
    half = ndtri(0.9)
    found = interval_coverage(np.full(y.shape, -half), np.full(y.shape, half), y)
    assert found == pytest.approx(0.8, abs=4.0 * np.sqrt(0.16 / y.size))


def test_interval_score_by_hand_and_against_scoringrules():
    # alpha = 0.2: ten times the miss is added to the width 2.
    np.testing.assert_allclose(
        interval_score(-1.0, 1.0, [0.0, 1.0, 1.5, -3.0], 0.8), [2.0, 2.0, 7.0, 22.0]
    )
    rng = np.random.default_rng(14)
    low, y = rng.normal(size=(2, 100))
    high = low + rng.uniform(size=100)
    expected = scoringrules.interval_score(y, low, high, 1.0 - 0.9, backend="numpy")
    np.testing.assert_allclose(interval_score(low, high, y, 0.9), expected, rtol=1e-12)


def test_interval_score_is_two_pinball_losses():
    y = np.linspace(-3.0, 3.0, 25)
    losses = pinball_loss(0.1, -1.0, y) + pinball_loss(0.9, 1.5, y)
    np.testing.assert_allclose(interval_score(-1.0, 1.5, y, 0.8), losses * 2.0 / 0.2, rtol=1e-12)


def test_interval_score_is_least_for_the_true_quantiles():
    y = ndtri((np.arange(4000) + 0.5) / 4000)
    ends = np.linspace(0.8, 1.8, 41)
    score = interval_score(-ends[:, None, None], ends[:, None], y, 0.8).mean(axis=-1)
    best = np.unravel_index(np.argmin(score), score.shape)
    assert ends[best[0]] == pytest.approx(ndtri(0.9), abs=0.026)
    assert ends[best[1]] == pytest.approx(ndtri(0.9), abs=0.026)


# Pinball loss


def test_pinball_by_hand_and_against_scoringrules():
    np.testing.assert_allclose(pinball_loss(0.9, 2.0, [2.0, 5.0, 1.0]), [0.0, 2.7, 0.1])
    rng = np.random.default_rng(15)
    q, y = rng.normal(size=(2, 100))
    expected = scoringrules.quantile_score(y, q, 0.3, backend="numpy")
    np.testing.assert_allclose(pinball_loss(0.3, q, y), expected, rtol=1e-12, atol=1e-16)


@quiet
@given(st.floats(0.01, 0.99), numbers, numbers)
def test_pinball_is_not_negative_and_splits_the_absolute_error(level, q, y):
    loss = pinball_loss(level, q, y)
    assert loss >= 0.0
    assert loss + pinball_loss(1.0 - level, q, y) == pytest.approx(abs(y - q), rel=1e-9)


def test_pinball_is_least_at_the_quantile():
    y = ndtri((np.arange(4000) + 0.5) / 4000)
    candidates = np.linspace(-2.0, 2.0, 81)
    for level in (0.1, 0.5, 0.75):
        mean_loss = pinball_loss(level, candidates[:, None], y).mean(axis=-1)
        assert candidates[np.argmin(mean_loss)] == pytest.approx(ndtri(level), abs=0.026)


# Missing values and errors


def test_a_missing_value_has_a_missing_score():
    y = [np.nan, 1.0]
    for score in (
        pit_gaussian(0.0, 1.0, y),
        pit_mixture(W, M, S, y),
        interval_score(0.0, 1.0, y, 0.8),
        pinball_loss(0.5, 0.0, y),
    ):
        np.testing.assert_array_equal(np.isnan(score), [True, False])


def test_coverage_refuses_what_it_would_have_to_leave_out():
    with pytest.raises(DataError, match="value must be finite, got nan at index 1"):
        interval_coverage([0.0, 0.0], [1.0, 1.0], [0.5, np.nan])
    with pytest.raises(DataError, match="equal shapes"):
        interval_coverage(0.0, 1.0, [0.5, 0.5])
    with pytest.raises(DataError, match="no intervals"):
        interval_coverage([], [], [])
    with pytest.raises(DataError, match="lower is above upper at index 1: are they swapped"):
        interval_coverage([0.0, 2.0], [1.0, 1.0], [0.5, 0.5])


def test_unusable_data():
    with pytest.raises(DataError, match="lower is above upper: are they swapped"):
        interval_score(1.0, 0.0, 0.5, 0.8)
    with pytest.raises(DataError, match="level must be between 0 and 1"):
        interval_score(0.0, 1.0, 0.5, 80.0)
    with pytest.raises(DataError, match="level must be between 0 and 1"):
        pinball_loss(0.0, 1.0, 0.5)
    with pytest.raises(DataError, match=r"std must be finite and at least 0, got -1\.0$"):
        pit_gaussian(0.0, -1.0, 0.5)
    with pytest.raises(DataError, match="value must be finite, or NaN"):
        pit_mixture(W, M, S, -np.inf)
    with pytest.raises(DataError, match="shapes do not fit"):
        pinball_loss(0.5, [1.0, 2.0], [1.0, 2.0, 3.0])


def test_a_certain_forecast_has_a_step_for_a_distribution_function():
    certain = ProbabilisticForecast(2.0, 0.0)
    values = np.array([2.0 - 1e-9, 2.0, 2.0 + 1e-9, np.nan])
    np.testing.assert_array_equal(pit_gaussian(2.0, 0.0, values), [0.0, 0.5, 1.0, np.nan])
    np.testing.assert_array_equal(
        pit_gaussian(2.0, [0.0, 1.0], 2.5), [1.0, pit_gaussian(2.0, 1.0, 2.5)]
    )
    assert [pit_score(certain, y) for y in values[:3]] == [0.0, 0.5, 1.0]


def test_a_certain_forecast_has_an_interval_of_no_width():
    certain = ProbabilisticForecast(2.0, 0.0)
    band = certain.interval(0.8)
    assert (band.lower, band.upper) == (2.0, 2.0)
    assert interval_coverage([band.lower] * 3, [band.upper] * 3, [2.0, 2.1, 1.9]) == 1 / 3
    np.testing.assert_allclose(
        interval_score(band.lower, band.upper, [2.0, 2.1, 1.9], 0.8), [0.0, 1.0, 1.0]
    )
