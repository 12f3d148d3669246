"""The test of equal scores against independent computations."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from fg_core import DataError
from fg_core.scoring import compare_scores


@given(st.integers(0, 10_000), st.integers(4, 60))
def test_one_step_ahead_it_is_students_test_of_the_differences(seed, n):
    """With h = 1 the correction of Harvey, Leybourne and Newbold makes it the paired t test."""
    rng = np.random.default_rng(seed)
    first, second = rng.gamma(2.0, 1.0, (2, n))
    found = compare_scores(first, second)
    wanted = stats.ttest_rel(first, second)
    assert found.mean / found.standard_error == pytest.approx(wanted.statistic, rel=1e-9)
    assert found.p_value == pytest.approx(wanted.pvalue, rel=1e-9)


@given(st.integers(0, 10_000), st.integers(2, 5), st.integers(12, 60))
def test_further_ahead_it_is_the_published_formula(seed, h, n):
    rng = np.random.default_rng(seed)
    shocks = rng.normal(size=n + h)
    d = np.array([shocks[t : t + h].sum() for t in range(n)]) + 0.3
    mean = sum(d) / n
    gamma = [sum((d[t] - mean) * (d[t - k] - mean) for t in range(k, n)) / n for k in range(h)]
    variance = gamma[0] + 2 * sum(gamma[1:])
    found = compare_scores(d, np.zeros(n), h)
    assert found.n == n
    assert found.mean == pytest.approx(mean, rel=1e-9, abs=1e-12)
    if variance > 0:
        t = mean / math.sqrt(variance / n) * math.sqrt((n + 1 - 2 * h + h * (h - 1) / n) / n)
        assert found.p_value == pytest.approx(2 * stats.t.sf(abs(t), n - 1), rel=1e-6, abs=1e-12)


@given(st.integers(0, 10_000), st.integers(1, 6))
def test_who_is_named_first_changes_the_sign_alone(seed, h):
    first, second = np.random.default_rng(seed).normal(size=(2, 40))
    there, back = compare_scores(first, second, h), compare_scores(second, first, h)
    assert (there.mean, there.p_value) == pytest.approx((-back.mean, back.p_value))


def test_a_negative_sum_of_autocovariances_gets_bartlett_weights():
    d = np.tile([1.0, -1.0], 10) + 0.01
    found = compare_scores(d, np.zeros(20), 2)
    assert 0.0 < found.standard_error < 1.0
    assert found.p_value > 0.5


def test_missing_scores_are_left_out():
    first = [1.0, math.nan, 2.0, 1.5, 1.1, 0.9]
    second = [2.0, 1.0, 2.5, 1.9, math.nan, 1.7]
    kept = [0, 2, 3, 5]
    alone = compare_scores([first[i] for i in kept], [second[i] for i in kept])
    assert compare_scores(first, second) == alone
    assert alone.n == 4


@pytest.mark.parametrize(
    ("first", "second", "h", "n"),
    [([], [], 1, 0), ([1.0, 2.0, 3.0], [2.0, 2.0, 2.0], 1, 3), ([1.0] * 9, [2.0] * 9, 1, 9)],
)
def test_what_cannot_be_told_has_a_p_value_of_one(first, second, h, n):
    found = compare_scores(first, second, h)
    assert (found.n, found.p_value) == (n, 1.0)
    assert math.isnan(found.standard_error)


def test_noise_is_found_significant_as_often_as_it_says():
    rng = np.random.default_rng(3)
    found = [compare_scores(*rng.normal(size=(2, 40)), 1).p_value for _ in range(2_000)]
    assert np.mean(np.array(found) < 0.05) == pytest.approx(0.05, abs=0.015)


@pytest.mark.parametrize(
    ("first", "second", "h", "message"),
    [
        ([1.0], [1.0, 2.0], 1, "one shape"),
        ([[1.0]], [[1.0]], 1, "one shape"),
        ([math.inf], [1.0], 1, "infinite"),
        ([1.0], [1.0], 0, "at least 1"),
    ],
)
def test_what_makes_no_sense_is_refused(first, second, h, message):
    with pytest.raises(DataError, match=message):
        compare_scores(first, second, h)
