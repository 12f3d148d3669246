"""MinT against other closed forms, and shrinkage against its definition."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fg_agents import mint, shrunk_covariance
from fg_agents.hierarchy import (
    mint_projection,
    projection,
    shrinkage_intensity,
    shrunk_correlation,
    summing_matrix,
)
from fg_core import ConfigError, DataError

# Total, A, B; A = AA + AB, B = BA + BB + BC.
TWO_LEVELS = np.vstack(
    [np.ones(5), [1.0, 1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 1.0, 1.0, 1.0], np.eye(5)]
)
METHODS = ("shrink", "sample", "wls", "ols")
hierarchies = st.sampled_from([summing_matrix(1), summing_matrix(2), summing_matrix(4), TWO_LEVELS])
seeds = st.integers(0, 2**32 - 1)


def errors_of(seed, m, n=40):
    rng = np.random.default_rng(seed)
    mix = rng.standard_normal((m, m)) + np.eye(m)
    return rng.standard_normal((n, m)) @ mix * np.exp(rng.normal(0, 1, m))


def gls(base, w, s):
    """Generalised least squares on the bottom series, as in the paper's first form."""
    inverse = np.linalg.inv(w)
    g = np.linalg.solve(s.T @ inverse @ s, s.T @ inverse)
    return s @ g @ base, s @ np.linalg.inv(s.T @ inverse @ s) @ s.T


def by_loops(errors):
    """Schäfer & Strimmer's intensity, pair by pair and row by row."""
    n, m = len(errors), len(errors[0])
    x = [[row[j] / np.sqrt(sum(r[j] ** 2 for r in errors) / n) for j in range(m)] for row in errors]
    above, below = 0.0, 0.0
    for i, j in itertools.permutations(range(m), 2):
        w = [row[i] * row[j] for row in x]
        mean = sum(w) / n
        above += sum((one - mean) ** 2 for one in w) / (n * (n - 1))
        below += mean**2
    return min(1.0, max(0.0, above / below))


@given(s=hierarchies, seed=seeds)
@settings(max_examples=settings.default.max_examples // 2, deadline=None)
def test_mint_equals_generalised_least_squares(s, seed):
    m = len(s)
    errors = errors_of(seed, m)
    base = np.random.default_rng(seed + 1).normal(0, 10, m)
    w = shrunk_covariance(errors)
    mean, covariance = mint(base, errors, s)
    expected, spread = gls(base, w, s)
    size = np.max(np.abs(base))
    assert mean == pytest.approx(expected, abs=1e-6 * size)
    assert covariance == pytest.approx(spread, abs=1e-6 * np.max(np.abs(w)))


@given(s=hierarchies, seed=seeds, method=st.sampled_from(METHODS))
@settings(max_examples=settings.default.max_examples // 2, deadline=None)
def test_forecasts_are_coherent_and_coherent_ones_stay(s, seed, method):
    m, bottom = s.shape
    errors = errors_of(seed, m)
    base = np.random.default_rng(seed + 1).normal(0, 10, m)
    mean, covariance = mint(base, errors, s, method=method)
    assert np.max(np.abs(mean - s @ mean[m - bottom :])) <= 1e-9
    again, _ = mint(mean, errors, s, method=method)
    assert again == pytest.approx(mean, abs=1e-6)
    # The covariance lives on coherent errors, too.
    ahead = covariance - s @ covariance[m - bottom :]
    assert np.max(np.abs(ahead)) <= 1e-9 * np.max(np.abs(shrunk_covariance(errors)))


@given(s=hierarchies, seed=seeds, method=st.sampled_from(["shrink", "sample"]))
@settings(max_examples=settings.default.max_examples // 2, deadline=None)
def test_no_variance_grows(s, seed, method):
    errors = errors_of(seed, len(s))
    _, w = mint_projection(errors, s, method=method)
    _, after = mint(np.zeros(len(s)), errors, s, method=method)
    assert (np.diag(after) <= np.diag(w) * (1.0 + 1e-9)).all()
    assert np.linalg.eigvalsh(w - after).min() >= -1e-9 * np.max(np.diag(w))


def test_ols_and_wls_are_their_textbook_forms():
    errors = errors_of(3, 8)
    base = np.arange(8.0)
    expected = TWO_LEVELS @ np.linalg.lstsq(TWO_LEVELS, base, rcond=None)[0]
    assert mint(base, errors, TWO_LEVELS, method="ols")[0] == pytest.approx(expected)
    scales = np.sqrt(np.mean(errors**2, axis=0))
    weighted = np.linalg.lstsq(TWO_LEVELS / scales[:, None], base / scales, rcond=None)[0]
    found = mint(base, errors, TWO_LEVELS, method="wls")[0]
    assert found == pytest.approx(TWO_LEVELS @ weighted)


def test_two_views_of_a_total_are_weighed_by_precision():
    # Uncorrelated errors: direct forecast 10 (variance 4), bottom-up 6 + 1 (variance 1 + 3).
    past = np.diag([2.0, 1.0, np.sqrt(3.0)]) @ np.array(
        [[1.0, -1.0, 1.0, -1.0], [1.0, 1.0, -1.0, -1.0], [1.0, -1.0, -1.0, 1.0]]
    )
    mean, covariance = mint([10.0, 6.0, 1.0], past.T, summing_matrix(2))
    assert mean == pytest.approx([8.5, 6.0 + 1.5 * 0.25, 1.0 + 1.5 * 0.75])
    assert covariance[0, 0] == pytest.approx(1.0 / (1.0 / 4.0 + 1.0 / 4.0))


def test_the_covariance_is_that_of_the_errors():
    rng = np.random.default_rng(5)
    w = np.array([[3.0, 0.4, 0.9], [0.4, 1.0, -0.6], [0.9, -0.6, 2.0]])
    errors = rng.multivariate_normal(np.zeros(3), w, 40_000)
    s = summing_matrix(2)
    spread = {}
    for method in METHODS:
        m, _ = mint_projection(errors, s, method=method)
        stated_scale = mint(np.zeros(3), errors, s, method=method)[1]
        seen = np.cov(errors @ m.T, rowvar=False)
        assert stated_scale == pytest.approx(seen, abs=0.03)
        spread[method] = np.trace(seen)
    assert spread["shrink"] == pytest.approx(spread["sample"], rel=1e-3)
    assert spread["shrink"] < min(spread["ols"], spread["wls"])


@given(seed=seeds, n=st.integers(3, 30), m=st.integers(2, 6))
@settings(max_examples=settings.default.max_examples // 2, deadline=None)
def test_the_intensity_is_its_definition(seed, n, m):
    errors = errors_of(seed, m, n)
    assert shrinkage_intensity(errors) == pytest.approx(by_loops(errors.tolist()), abs=1e-9)


def test_the_intensity_vanishes_as_rows_grow_and_is_one_without_correlation():
    rng = np.random.default_rng(1)
    related = rng.standard_normal((20_000, 3)) + rng.standard_normal((20_000, 1))
    assert shrinkage_intensity(related) < 1e-3
    assert shrinkage_intensity(related[:8]) > 0.01
    assert shrinkage_intensity(rng.standard_normal((30, 20))) > 0.9
    assert shrinkage_intensity(related[:2]) == 1.0
    assert shrunk_correlation(related[:2]).tolist() == np.eye(3).tolist()
    assert shrunk_correlation(np.empty((0, 2))).tolist() == np.eye(2).tolist()


def test_a_shrunk_covariance_is_definite_and_keeps_the_variances():
    errors = errors_of(2, 12, n=6)
    w = shrunk_covariance(errors)
    assert np.linalg.eigvalsh(w).min() > 0.0
    assert np.diag(w) == pytest.approx(np.mean(errors**2, axis=0))
    given_scales = np.arange(1.0, 13.0)
    assert np.diag(shrunk_covariance(errors, given_scales)) == pytest.approx(given_scales**2)


def test_errors_that_cannot_disagree_leave_the_bottom_to_decide():
    # The total's errors are the sum of the parts': W is singular exactly where it matters.
    parts = errors_of(4, 2)
    errors = np.column_stack([parts.sum(axis=1), parts])
    mean, covariance = mint([10.0, 4.0, 5.0], errors, summing_matrix(2), method="sample")
    assert mean == pytest.approx([9.0, 4.0, 5.0])
    assert covariance[0, 0] == pytest.approx(np.mean(errors[:, 0] ** 2))
    still = np.zeros((10, 3))
    assert mint([3.0, 1.0, 2.0], still, summing_matrix(2))[0].tolist() == [3.0, 1.0, 2.0]


@pytest.mark.parametrize("k", [-20, -3, 20])
@pytest.mark.parametrize("method", METHODS)
def test_a_power_of_two_scales_exactly(k, method):
    factor = 2.0**k
    errors, base = errors_of(6, 4), np.array([5.0, 1.0, -2.0, 4.0])
    s = summing_matrix(3)
    mean, covariance = mint(base, errors, s, method=method)
    scaled, spread = mint(base * factor, errors * factor, s, method=method)
    assert scaled.tolist() == (mean * factor).tolist()
    assert spread.tolist() == (covariance * factor**2).tolist()


def test_what_does_not_fit_is_refused():
    s, errors = summing_matrix(2), errors_of(0, 3)
    with pytest.raises(DataError, match="must end in the identity"):
        projection(np.eye(3), s[::-1])
    with pytest.raises(DataError, match="does not fit 3 series"):
        projection(np.eye(2), s)
    with pytest.raises(DataError, match="base wants 3 finite forecasts"):
        mint([1.0, np.nan, 2.0], errors, s)
    with pytest.raises(DataError, match="base wants 3"):
        mint([1.0, 2.0], errors, s)
    with pytest.raises(DataError, match="must be finite"):
        shrunk_covariance([[1.0, np.nan]])
    with pytest.raises(DataError, match=r"shape \(time, series\)"):
        shrunk_covariance([1.0, 2.0])
    for wrong in ([1.0], [1.0, 1.0, -1.0], [1.0, 1.0, np.inf]):
        with pytest.raises(DataError, match="scales want 3 numbers"):
            shrunk_covariance(errors, wrong)
    with pytest.raises(ConfigError, match="method is one of shrink, sample, wls, ols"):
        mint([1.0, 2.0, 3.0], errors, s, method="best")
