import numpy as np
import pytest
import scoringrules
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.special import ndtri, stdtrit

from fg_core.errors import DataError
from fg_core.mixture import mixture_quantile
from fg_core.scoring import log_score_gaussian, log_score_mixture, log_score_student_t

quiet = settings(derandomize=True, database=None, deadline=None)
numbers = st.floats(-50.0, 50.0)
MIDPOINTS = (np.arange(4000) + 0.5) / 4000
LOG_2PI = np.log(2.0 * np.pi)


def batch(seed, rows, n, spread=1.0):
    rng = np.random.default_rng(seed)
    return (
        rng.dirichlet(np.ones(n), size=rows),
        spread * rng.normal(size=(rows, n)),
        rng.uniform(0.2, 2.0, size=(rows, n)),
        spread * rng.normal(size=rows),
    )


# By hand and against others


def test_by_hand():
    assert log_score_gaussian(0.0, 1.0, 2.0) == pytest.approx(0.5 * LOG_2PI + 2.0)
    assert log_score_gaussian(3.0, np.e, 3.0) == pytest.approx(0.5 * LOG_2PI + 1.0)
    # Far apart, only the half at 0 counts: log 2 more than alone.
    far = log_score_mixture([0.5, 0.5], [0.0, 100.0], [1.0, 1.0], 0.0)
    assert far == pytest.approx(0.5 * LOG_2PI + np.log(2.0))
    # Cauchy: density 1 / (pi (1 + z^2)) / s.
    cauchy = log_score_student_t(1.0, 2.0, 1.0, 7.0)
    assert cauchy == pytest.approx(np.log(np.pi * 2.0 * 10.0))


def test_agrees_with_scipy_and_scoringrules():
    w, m, s, y = batch(0, 200, 5, spread=2.0)
    expected = -np.log(np.sum(w * stats.norm.pdf(y[:, None], m, s), axis=-1))
    np.testing.assert_allclose(log_score_mixture(w, m, s, y), expected, rtol=1e-11)
    theirs = scoringrules.logs_mixnorm(y, m, s, w, backend="numpy")
    np.testing.assert_allclose(log_score_mixture(w, m, s, y), theirs, rtol=1e-11)
    mean, std = m[:, 0], s[:, 0]
    normal = -stats.norm.logpdf(y, mean, std)
    np.testing.assert_allclose(log_score_gaussian(mean, std, y), normal, rtol=1e-12)
    for df in (0.5, 3.0, 5.0, 300.0):
        t = -stats.t.logpdf(y, df, mean, std)
        np.testing.assert_allclose(log_score_student_t(mean, std, df, y), t, rtol=1e-10)


def test_student_t_approaches_the_normal():
    y = np.linspace(-4.0, 4.0, 33)
    normal = log_score_gaussian(0.0, 1.0, y)
    for df, room in ((1e3, 0.1), (1e6, 1e-4), (1e12, 1e-10)):
        np.testing.assert_allclose(log_score_student_t(0.0, 1.0, df, y), normal, atol=room)


def test_one_component_is_the_normal_score():
    _, m, s, y = batch(1, 100, 1)
    expected = log_score_gaussian(m[:, 0], s[:, 0], y)
    np.testing.assert_allclose(log_score_mixture([1.0], m, s, y), expected, rtol=1e-13, atol=1e-14)


def test_scores_are_finite_where_the_density_is_zero_in_floats():
    # exp(-5000) and exp(-5e11) are 0 as floats.
    assert log_score_gaussian(0.0, 1.0, 100.0) == pytest.approx(0.5 * LOG_2PI + 5000.0)
    found = log_score_mixture([0.5, 0.5], [0.0, 1.0], [1.0, 1.0], 1e6)
    assert found == pytest.approx(0.5 * LOG_2PI + np.log(2.0) + 0.5 * (1e6 - 1.0) ** 2)
    assert log_score_mixture([0.5, 0.5], [0.0, 1.0], [1e-200, 1e-200], 0.5) == np.inf


def test_weight_zero_leaves_a_component_out():
    found = log_score_mixture([0.0, 1.0], [0.0, 5.0], [1.0, 2.0], 0.0)
    assert found == pytest.approx(float(log_score_gaussian(5.0, 2.0, 0.0)), rel=1e-14)


# Properties


@quiet
@given(numbers, st.floats(0.01, 50.0), numbers, st.floats(0.01, 100.0), numbers)
def test_shift_and_stretch(mean, std, y, factor, shift):
    # Scores shift by the log of the unit; a translation changes nothing.
    change = np.log(factor)
    w, m, s = np.array([0.4, 0.6]), np.array([mean, mean + 1.0]), np.array([std, 2.0 * std])
    room = {"rel": 1e-8, "abs": 1e-8}
    for score, arguments in (
        (log_score_gaussian, (mean, std)),
        (lambda a, b, v: log_score_student_t(a, b, 5.0, v), (mean, std)),
        (lambda a, b, v: log_score_mixture(w, a, b, v), (m, s)),
    ):
        location, scale = arguments
        plain = score(location, scale, y)
        stretched = score(factor * location, factor * scale, factor * y)
        assert stretched == pytest.approx(plain + change, **room)
        assert score(location + shift, scale, y + shift) == pytest.approx(plain, **room)


def test_the_order_of_components_is_no_matter():
    w, m, s, y = batch(2, 100, 6)
    order = [3, 0, 5, 1, 4, 2]
    np.testing.assert_allclose(
        log_score_mixture(w[:, order], m[:, order], s[:, order], y),
        log_score_mixture(w, m, s, y),
        rtol=1e-12,
        atol=1e-12,
    )


def test_lower_is_better_and_the_truth_is_best():
    truth = 1.0 + 2.0 * ndtri(MIDPOINTS)
    means, stds = np.linspace(0.0, 2.0, 21), np.linspace(1.0, 3.0, 21)
    score = log_score_gaussian(means[:, None, None], stds[None, :, None], truth).mean(axis=-1)
    best = np.unravel_index(np.argmin(score), score.shape)
    assert (means[best[0]], stds[best[1]]) == pytest.approx((1.0, 2.0))

    w, m, s = np.array([0.3, 0.7]), np.array([-1.0, 2.0]), np.array([0.5, 1.5])
    truth = mixture_quantile(MIDPOINTS, w, m, s)
    least = log_score_mixture(w, m, s, truth).mean()
    for change in (-0.1, 0.1):
        shifted = np.array([change, -change])
        assert log_score_mixture(w + shifted, m, s, truth).mean() > least + 1e-4
        for k in range(2):
            step = change * (np.arange(2) == k)
            assert log_score_mixture(w, m + step, s, truth).mean() > least + 1e-4
            assert log_score_mixture(w, m, s + step, truth).mean() > least + 1e-4

    truth = 1.0 + stdtrit(5.0, MIDPOINTS)
    least = log_score_student_t(1.0, 1.0, 5.0, truth).mean()
    for other in ((1.1, 1.0, 5.0), (1.0, 0.9, 5.0), (1.0, 1.1, 5.0), (1.0, 1.0, 3.0)):
        assert log_score_student_t(*other, truth).mean() > least + 1e-4


@pytest.mark.parametrize(("rows", "n"), [(3, 1), (60, 10), (400, 3)])
def test_a_row_has_the_same_bits_alone_and_in_a_batch(rows, n):
    w, m, s, y = batch(rows, rows, n)
    score = log_score_mixture(w, m, s, y)
    shared = log_score_mixture(w[0], m, s[0], y)
    normal, t = log_score_gaussian(m[:, 0], s[:, 0], y), log_score_student_t(m[:, 0], 1.0, 5.0, y)
    for i in range(rows):
        assert log_score_mixture(w[i], m[i], s[i], y[i]) == score[i]
        assert log_score_mixture(w[0], m[i], s[0], y[i]) == shared[i]
        assert log_score_gaussian(m[i, 0], s[i, 0], y[i]) == normal[i]
        assert log_score_student_t(m[i, 0], 1.0, 5.0, y[i]) == t[i]
    backwards = [np.ascontiguousarray(a[::-1])[::-1] for a in (w, m, s, y)]
    np.testing.assert_array_equal(log_score_mixture(*backwards), score)
    np.testing.assert_array_equal(
        log_score_gaussian(backwards[1][:, 0], backwards[2][:, 0], backwards[3]), normal
    )


# Missing values and errors


def test_a_missing_value_has_a_missing_score():
    y = [np.nan, 1.0]
    for score in (
        log_score_gaussian(0.0, 1.0, y),
        log_score_student_t(0.0, 1.0, 5.0, y),
        log_score_mixture([0.5, 0.5], [0.0, 1.0], [1.0, 1.0], y),
    ):
        np.testing.assert_array_equal(np.isnan(score), [True, False])


def test_unusable_data():
    with pytest.raises(DataError, match=r"std must be finite and at least 0, got -1\.0$"):
        log_score_gaussian(0.0, -1.0, 0.0)
    with pytest.raises(DataError, match=r"df must be finite and above 0, got -1\.0$"):
        log_score_student_t(0.0, 1.0, -1.0, 0.0)
    with pytest.raises(DataError, match="scale must be finite and above 0"):
        log_score_student_t(0.0, 0.0, 5.0, 0.0)
    with pytest.raises(DataError, match="value must be finite, or NaN"):
        log_score_mixture([1.0], [0.0], [1.0], np.inf)
    with pytest.raises(DataError, match="shapes do not fit"):
        log_score_mixture(np.full((2, 2), 0.5), np.zeros(2), np.ones(2), np.zeros(3))


def test_a_certain_forecast_has_an_infinite_score():
    values = [2.0 - 1e-9, 2.0, 2.0 + 1e-9, np.nan]
    expected = [np.inf, -np.inf, np.inf, np.nan]
    np.testing.assert_array_equal(log_score_gaussian(2.0, 0.0, values), expected)
    both = log_score_gaussian(2.0, [0.0, 0.5], 2.25)
    np.testing.assert_array_equal(both, [np.inf, log_score_gaussian(2.0, 0.5, 2.25)])
    assert log_score_gaussian(2.0, 0.0, 2.5) == np.inf
