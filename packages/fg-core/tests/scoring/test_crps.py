from types import SimpleNamespace

import numpy as np
import pytest
import scoringrules
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import ndtri

import fg_core.scoring
from fg_core.errors import DataError
from fg_core.forecast import ProbabilisticForecast
from fg_core.mixture import mixture_cdf, mixture_quantile
from fg_core.scoring import (
    crps,
    crps_gaussian,
    crps_mixture,
    crps_quantile,
    crps_sample,
    pinball_loss,
)
from fg_core.scoring._kernels import mixture_crps

quiet = settings(derandomize=True, database=None, deadline=None)
numbers = st.floats(-50.0, 50.0)
scales = st.floats(0.01, 50.0)


@st.composite
def mixtures(draw):
    n = draw(st.integers(1, 6))
    raw = np.array(draw(st.lists(st.floats(0.0, 1.0), min_size=n, max_size=n)))
    raw[0] += 1e-3
    means = draw(st.lists(numbers, min_size=n, max_size=n))
    stds = draw(st.lists(scales, min_size=n, max_size=n))
    return raw / raw.sum(), np.array(means), np.array(stds)


def batch(seed, rows, n, spread=1.0):
    rng = np.random.default_rng(seed)
    return (
        rng.dirichlet(np.ones(n), size=rows),
        spread * rng.normal(size=(rows, n)),
        rng.uniform(0.2, 2.0, size=(rows, n)),
        spread * rng.normal(size=rows),
    )


# Normal


@pytest.mark.parametrize(
    ("mean", "std", "value", "expected"),
    [
        (0.0, 1.0, 0.0, (np.sqrt(2.0) - 1.0) / np.sqrt(np.pi)),
        (0.0, 1.0, 1.0, 0.6024413580),
        (5.0, 2.0, 5.0, 2.0 * (np.sqrt(2.0) - 1.0) / np.sqrt(np.pi)),
        (0.0, 1e-320, 3.0, 3.0),  # a certain forecast: the absolute error
        (0.0, 1.0, 1e6, 1e6 - 1.0 / np.sqrt(np.pi)),
    ],
)
def test_gaussian_by_hand(mean, std, value, expected):
    assert crps_gaussian(mean, std, value) == pytest.approx(expected, rel=1e-9)


def test_gaussian_agrees_with_scoringrules():
    rng = np.random.default_rng(0)
    mean, std, value = rng.normal(size=500), rng.uniform(0.1, 3.0, size=500), rng.normal(size=500)
    expected = scoringrules.crps_normal(value, mean, std, backend="numpy")
    np.testing.assert_allclose(crps_gaussian(mean, std, value), expected, rtol=1e-12)


def test_gaussian_is_proper():
    # Mean score over the quantiles of the truth N(1, 2^2) for a grid of forecasts.
    truth = 1.0 + 2.0 * ndtri((np.arange(4000) + 0.5) / 4000)
    means, stds = np.linspace(0.0, 2.0, 21), np.linspace(1.0, 3.0, 21)
    score = crps_gaussian(means[:, None, None], stds[None, :, None], truth).mean(axis=-1)
    best = np.unravel_index(np.argmin(score), score.shape)
    assert (means[best[0]], stds[best[1]]) == pytest.approx((1.0, 2.0))


# Mixture


def test_mixture_agrees_with_scoringrules():
    w, m, s, y = batch(1, 300, 7, spread=3.0)
    expected = scoringrules.crps_mixnorm(y, m, s, w, backend="numpy")
    np.testing.assert_allclose(crps_mixture(w, m, s, y), expected, rtol=1e-11)


def test_mixture_agrees_with_quadrature():
    w, m, s, y = batch(2, 12, 4, spread=2.0)
    for i in range(12):

        def below(x, i=i):
            return float(mixture_cdf(x, w[i], m[i], s[i])) ** 2

        def above(x, i=i):
            return float(mixture_cdf(-x, w[i], -m[i], s[i])) ** 2

        expected = quad(below, -40.0, y[i], limit=200)[0] + quad(above, y[i], 40.0, limit=200)[0]
        assert crps_mixture(w[i], m[i], s[i], y[i]) == pytest.approx(expected, abs=1e-7)


def test_one_component_is_the_normal_score():
    _, m, s, y = batch(3, 200, 1)
    expected = crps_gaussian(m[:, 0], s[:, 0], y)
    np.testing.assert_allclose(crps_mixture([1.0], m, s, y), expected, rtol=1e-13)
    halves = crps_mixture([0.25, 0.75], np.repeat(m, 2, axis=1), np.repeat(s, 2, axis=1), y)
    np.testing.assert_allclose(halves, expected, rtol=1e-12)


def test_certain_components_give_the_score_of_a_sample():
    # Scales next to nothing: a discrete forecast, scored by hand.
    # E|X - y| = (1 + 3) / 2 = 2 and E|X - X'| = 4 / 2 = 2.
    assert crps_mixture([0.5, 0.5], [0.0, 4.0], [1e-200, 1e-200], 1.0) == pytest.approx(1.0)


def test_rounding_does_not_make_a_score_negative():
    # The closed form itself gives -8e-31 here: a difference of numbers that nearly agree.
    assert crps_mixture([1.0, 6e-17, 8.9e-17], [0.0, 92.0, 9.0], np.full(3, 1e-300), 0.0) == 0.0


@quiet
@given(mixtures(), numbers, st.floats(-100.0, 100.0), st.floats(0.01, 100.0))
def test_mixture_is_invariant_equivariant_and_not_negative(mixture, y, shift, factor):
    w, m, s = mixture
    score = crps_mixture(w, m, s, y)
    assert score >= 0.0
    room = 1e-12 * (np.abs(m).max() + s.max() + abs(y))
    moved = crps_mixture(w, m + shift, s, y + shift)
    assert moved == pytest.approx(score, rel=1e-12, abs=10.0 * (room + 1e-12 * abs(shift)))
    stretched = crps_mixture(w, factor * m, factor * s, factor * y)
    assert stretched == pytest.approx(factor * score, rel=1e-12, abs=factor * room)
    mirrored = crps_mixture(w, -m, s, -y)
    assert mirrored == pytest.approx(score, rel=1e-12, abs=room)


@quiet
@given(mixtures(), numbers, st.randoms(use_true_random=False))
def test_the_order_of_components_is_no_matter(mixture, y, random):
    w, m, s = mixture
    order = list(range(w.size))
    random.shuffle(order)
    score = crps_mixture(w, m, s, y)
    permuted = crps_mixture(w[order], m[order], s[order], y)
    assert permuted == pytest.approx(score, rel=1e-12, abs=1e-12 * (1.0 + np.abs(m).max()))


def test_mixture_is_proper_in_every_parameter():
    w, m, s = np.array([0.3, 0.7]), np.array([-1.0, 2.0]), np.array([0.5, 1.5])
    truth = mixture_quantile((np.arange(2000) + 0.5) / 2000, w, m, s)
    best = crps_mixture(w, m, s, truth).mean()
    for change in (-0.1, 0.1):
        shifted = np.array([change, -change])
        assert crps_mixture(w + shifted, m, s, truth).mean() > best + 1e-4
        for k in range(2):
            step = change * (np.arange(2) == k)
            assert crps_mixture(w, m + step, s, truth).mean() > best + 1e-5
            assert crps_mixture(w, m, s + step, truth).mean() > best + 1e-5
    assert crps_gaussian(1.1, 2.0, truth).mean() > best + 1e-3


@pytest.mark.parametrize(("rows", "n"), [(3, 1), (60, 10), (300, 3), (5000, 8)])
def test_mixture_row_has_the_same_bits_alone_and_in_a_batch(rows, n):
    w, m, s, y = batch(rows, rows, n)
    score = crps_mixture(w, m, s, y)  # 5000 rows of 8 take two blocks
    for i in range(0, rows, max(1, rows // 300)):
        assert crps_mixture(w[i], m[i], s[i], y[i]) == score[i]
    backwards = [np.ascontiguousarray(a[::-1])[::-1] for a in (w, m, s, y)]
    np.testing.assert_array_equal(crps_mixture(*backwards), score)
    fortran = [np.asfortranarray(a) for a in (w, m, s)]
    np.testing.assert_array_equal(crps_mixture(*fortran, y), score)


def test_mixture_broadcasts_parameters_and_values():
    w, m, s, y = batch(4, 6, 3)
    shared = crps_mixture(w[0], m[0], s[0], y)
    assert shared.shape == (6,)
    assert all(shared[i] == crps_mixture(w[0], m[0], s[0], y[i]) for i in range(6))
    table = crps_mixture(w[:, None], m[:, None], s[:, None], y)
    assert table.shape == (6, 6)
    np.testing.assert_array_equal(np.diag(table), crps_mixture(w, m, s, y))
    assert crps_mixture(w[:0], m[:0], s[:0], y[:0]).shape == (0,)


# Sample


@pytest.mark.parametrize(("fair", "estimator"), [(False, "nrg"), (True, "fair")])
def test_sample_agrees_with_scoringrules(fair, estimator):
    rng = np.random.default_rng(5)
    x, y = rng.normal(size=(40, 25)), rng.normal(size=40)
    expected = scoringrules.crps_ensemble(y, x, estimator=estimator, backend="numpy")
    np.testing.assert_allclose(crps_sample(x, y, fair=fair), expected, rtol=1e-11, atol=1e-13)


def test_sample_by_hand():
    assert crps_sample([3.0], 1.0) == 2.0
    # E|X - y| = (1 + 1 + 3) / 3; pairs 2, 4, 2: 16 / 9 of all nine, 16 / 6 of the six.
    assert crps_sample([0.0, 4.0, 2.0], 1.0) == pytest.approx(5.0 / 3.0 - 8.0 / 9.0)
    assert crps_sample([0.0, 4.0, 2.0], 1.0, fair=True) == pytest.approx(5.0 / 3.0 - 8.0 / 6.0)


def test_only_the_fair_score_is_unbiased_in_small_samples():
    rng = np.random.default_rng(6)
    x, y = rng.normal(size=(100_000, 3)), rng.normal(size=100_000)
    expected = 1.0 / np.sqrt(np.pi)  # of N(0, 1) under itself
    assert crps_sample(x, y, fair=True).mean() == pytest.approx(expected, abs=0.01)
    assert crps_sample(x, y).mean() == pytest.approx(expected * (1.0 + 1.0 / 3.0), abs=0.01)


def test_a_large_sample_approaches_the_closed_form():
    x = ndtri((np.arange(20_000) + 0.5) / 20_000)
    assert crps_sample(x, 0.7) == pytest.approx(float(crps_gaussian(0.0, 1.0, 0.7)), abs=1e-5)


def test_sample_keeps_its_digits_far_from_zero():
    x = np.random.default_rng(7).integers(-8, 8, size=30) / 4.0
    assert crps_sample(x + 2.0**40, 2.0**40) == pytest.approx(float(crps_sample(x, 0.0)), rel=1e-14)


# Quantiles


def test_quantile_at_midpoint_levels_agrees_with_scoringrules_and_the_sample():
    rng = np.random.default_rng(8)
    levels = (np.arange(20) + 0.5) / 20
    q, y = np.sort(rng.normal(size=(30, 20)), axis=-1), rng.normal(size=30)
    found = crps_quantile(levels, q, y)
    expected = scoringrules.crps_quantile(y, q, levels, backend="numpy")
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    np.testing.assert_allclose(found, crps_sample(q, y), rtol=1e-12)


def test_quantile_weights_its_levels_by_their_cells():
    # Cells of 0.1, 0.5, 0.9 are [0, .3], [.3, .7], [.7, 1].
    levels, q, y = [0.1, 0.5, 0.9], [-1.0, 0.0, 2.0], 1.0
    expected = 2.0 * (0.3 * 0.1 * 2.0 + 0.4 * 0.5 * 1.0 + 0.3 * 0.1 * 1.0)
    assert crps_quantile(levels, q, y) == pytest.approx(expected, rel=1e-14)
    assert crps_quantile([0.3], [0.0], 1.0) == pytest.approx(0.6, rel=1e-14)


def test_quantile_error_is_what_its_docstring_says():
    y = ndtri((np.arange(4000) + 0.5) / 4000)
    exact = crps_gaussian(0.0, 1.0, y).mean()

    def error(levels):
        return crps_quantile(levels, ndtri(levels), y).mean() / exact - 1.0

    assert error(np.array([0.1, 0.25, 0.5, 0.75, 0.9])) == pytest.approx(0.02, abs=0.003)
    errors = [error((np.arange(n) + 0.5) / n) for n in (10, 20, 40)]
    assert errors[1] < errors[0] / 3.0
    assert errors[2] < errors[1] / 3.0


def test_quantile_is_a_positive_sum_of_pinball_losses():
    rng = np.random.default_rng(9)
    levels, q, y = np.array([0.05, 0.2, 0.6]), rng.normal(size=(50, 3)), rng.normal(size=50)
    parts = pinball_loss(levels, q, y[:, None])
    expected = 2.0 * parts @ np.array([0.125, 0.275, 0.6])
    np.testing.assert_allclose(crps_quantile(levels, q, y), expected, rtol=1e-13)


# One forecast


def test_crps_of_a_forecast_prefers_its_components():
    parts = SimpleNamespace(weights=[0.5, 0.5], means=[-3.0, 3.0], scales=[1.0, 1.0])
    mixture = SimpleNamespace(mean=0.0, variance=10.0, components=parts)
    normal = SimpleNamespace(mean=0.0, variance=10.0, components=None)
    assert crps(mixture, 3.0) == crps_mixture([0.5, 0.5], [-3.0, 3.0], [1.0, 1.0], 3.0)
    assert crps(normal, 3.0) == crps_gaussian(0.0, np.sqrt(10.0), 3.0)
    assert crps(mixture, 3.0) < crps(normal, 3.0)
    assert type(crps(mixture, 3.0)) is type(crps(normal, 3.0)) is float
    assert np.isnan(crps(mixture, np.nan))


def test_crps_of_a_forecast_is_for_one_forecast():
    normal = SimpleNamespace(mean=0.0, variance=-1.0, components=None)
    with pytest.raises(DataError, match=r"variance must be finite and at least 0, got -1\.0$"):
        crps(normal, 1.0)
    with pytest.raises(DataError, match=r"got shape \(2,\): use crps_mixture"):
        crps(SimpleNamespace(mean=[0.0, 1.0], variance=1.0, components=None), 1.0)


def test_the_name_crps_is_the_function():
    # The module `scoring/crps.py` has the same name and must not take its place.
    assert fg_core.scoring.crps is crps
    assert callable(crps)


# Forecasts that are certain


@quiet
@given(numbers, numbers)
def test_the_score_of_a_certain_forecast_is_its_absolute_error(mean, value):
    certain = ProbabilisticForecast(mean, 0.0)
    wanted = pytest.approx(abs(value - mean), rel=1e-9, abs=1e-300)
    assert crps(certain, value) == wanted
    assert crps(certain, mean) == 0.0
    assert crps_gaussian(mean, 0.0, value) == wanted
    assert crps_gaussian(mean, -0.0, value) == wanted
    near = crps_gaussian(mean, 1e-9, value)
    assert near == pytest.approx(abs(value - mean), abs=1e-9)


def test_a_batch_scores_a_certain_forecast_as_it_is_scored_alone():
    rng = np.random.default_rng(4)
    mean, value = rng.normal(size=(2, 300))
    std = np.where(rng.random(300) < 0.3, 0.0, rng.uniform(0.1, 2.0, size=300))
    value[:20] = mean[:20]
    together = crps_gaussian(mean, std, value)
    alone = [
        crps(ProbabilisticForecast(m, s * s), y) for m, s, y in zip(mean, std, value, strict=True)
    ]
    certain = std == 0.0
    assert 20 < certain.sum() < 280
    np.testing.assert_array_equal(together[certain], np.array(alone)[certain])
    np.testing.assert_array_equal(together[certain], np.abs(value - mean)[certain])
    one_by_one = [float(crps_gaussian(m, s, y)) for m, s, y in zip(mean, std, value, strict=True)]
    np.testing.assert_array_equal(together, one_by_one)


def test_the_kernel_takes_components_without_spread():
    w, m, none = np.array([0.5, 0.5]), np.array([0.0, 4.0]), np.zeros(2)
    with np.errstate(over="ignore"):  # as its callers do
        for y in (1.0, 0.0, -3.0):
            found = mixture_crps(w, m, none, np.asarray(y))
            assert found == pytest.approx(crps_sample(m, y), abs=1e-15)
        assert np.isnan(mixture_crps(w, m, none, np.asarray(np.nan)))


# Missing values and errors


def test_a_missing_value_has_a_missing_score():
    y = [np.nan, 1.0]
    for score in (
        crps_gaussian(0.0, 1.0, y),
        crps_mixture([0.5, 0.5], [0.0, 1.0], [1.0, 1.0], y),
        crps_sample([0.0, 1.0], y),
        crps_sample([0.0, 1.0], y, fair=True),
        crps_quantile([0.2, 0.8], [0.0, 1.0], y),
    ):
        np.testing.assert_array_equal(np.isnan(score), [True, False])


@pytest.mark.parametrize("std", [-1.0, np.nan, np.inf])
def test_a_degenerate_forecast_is_refused(std):
    with pytest.raises(DataError, match="std must be finite and at least 0"):
        crps_gaussian(0.0, std, 0.0)


@pytest.mark.parametrize("std", [0.0, -1.0, np.nan, np.inf])
def test_a_degenerate_component_is_refused(std):
    with pytest.raises(DataError, match="scales must be finite and above 0"):
        crps_mixture([0.5, 0.5], [0.0, 0.0], [1.0, std], 0.0)


def test_unusable_data():
    with pytest.raises(DataError, match="value must be finite, or NaN"):
        crps_mixture([1.0], [0.0], [1.0], np.inf)
    with pytest.raises(DataError, match=r"mean \(2,\), std \(\), value \(3,\)"):
        crps_gaussian([0.0, 0.0], 1.0, [0.0, 0.0, 0.0])
    with pytest.raises(DataError, match="shapes do not fit"):
        crps_mixture(np.full((2, 2), 0.5), np.zeros(2), np.ones(2), np.zeros(3))
    with pytest.raises(DataError, match="1 members or more"):
        crps_sample([], 0.0)
    with pytest.raises(DataError, match="2 members or more"):
        crps_sample([1.0], 0.0, fair=True)
    with pytest.raises(DataError, match="samples must be finite, got nan at index 1"):
        crps_sample([1.0, np.nan], 0.0)
    with pytest.raises(DataError, match="increasing"):
        crps_quantile([0.5, 0.5], [0.0, 1.0], 0.0)
    with pytest.raises(DataError, match="2 levels need as many quantiles"):
        crps_quantile([0.2, 0.8], [0.0, 1.0, 2.0], 0.0)
