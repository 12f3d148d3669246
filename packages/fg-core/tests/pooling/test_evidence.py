import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from fg_core.pooling import forget_evidence, forget_ratio, update_evidence

K = 4
PRIOR = np.array([0.1, 0.2, 0.3, 0.4])
evidence = arrays(np.float64, (3, K), elements=st.floats(-800, 800))
likelihoods = arrays(np.float64, (3, K), elements=st.floats(-1e6, 1e3))


def step(e, prior, log_likelihood, alpha, floor=0.0, temperature=1.0):
    forgotten = forget_evidence(e, prior, alpha, floor)
    return update_evidence(e, forgotten, prior, log_likelihood, temperature)


def weights(e, prior, alpha=1.0, floor=0.0):
    return prior * forget_evidence(e, prior, alpha, floor)[0]


@pytest.mark.parametrize("temperature", [1.0, 0.25])
def test_it_equals_raftery_karny_ettler_over_two_hundred_rounds(temperature):
    rng = np.random.default_rng(12)
    alpha, floor = 0.97, 0.01
    e, pi = np.zeros(K), PRIOR.copy()
    for _ in range(200):
        means, scales = rng.normal(0, 1, K), rng.uniform(0.5, 2, K)
        y = rng.normal(0, 2)
        # Direct: powers and products of weights; forgetting goes back to the prior.
        pi = pi**alpha * PRIOR ** (1 - alpha)
        pi = (pi / pi.sum() + floor * PRIOR) / (1 + floor)
        assert weights(e, PRIOR, alpha, floor) == pytest.approx(pi, rel=1e-9)
        density = stats.norm.pdf(y, means, scales) ** temperature
        predicted = pi @ density
        e, score = step(e, PRIOR, stats.norm.logpdf(y, means, scales), alpha, floor, temperature)
        assert score == pytest.approx(np.log(predicted), rel=1e-9)
        pi = pi * density / predicted
        assert PRIOR * np.exp(e) == pytest.approx(pi, rel=1e-9)


@given(evidence, likelihoods, st.floats(0.5, 1.0), st.sampled_from([0.0, 0.001, 0.1]))
def test_weights_stay_on_the_simplex_and_above_the_floor(e, likelihood, alpha, floor):
    before = weights(e, PRIOR, alpha, floor)
    assert before.sum(axis=-1) == pytest.approx(1.0, abs=1e-12)
    assert (before >= floor / (1 + floor) * PRIOR * (1 - 1e-9)).all()
    after, score = step(e, PRIOR, likelihood, alpha, floor)
    assert np.isfinite(score).all()
    assert weights(after, PRIOR).sum(axis=-1) == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("floor", [0.0, 0.001])
def test_weights_sum_to_one_after_each_of_a_thousand_updates_of_any_size(floor):
    rng = np.random.default_rng(5)
    e = np.zeros(K)
    for i in range(1000):
        size = 10.0 ** rng.uniform(-3, 300 if i % 9 == 0 else 6)
        with np.errstate(over="ignore"):
            likelihood = -np.abs(rng.standard_cauchy(K)) * size
        e, score = step(e, PRIOR, likelihood, 0.98, floor)
        w = weights(e, PRIOR, 0.98, floor)
        assert np.isfinite(score)
        assert abs(w.sum() - 1.0) < 1e-12, i
        assert (w >= 0.0).all()


@given(evidence, likelihoods)
def test_a_grid_of_settings_equals_its_points_bit_for_bit(e, likelihood):
    alphas = np.array([0.9, 0.95, 1.0])[:, None]
    whole = step(e, PRIOR, likelihood, alphas, 0.001)
    for i, alpha in enumerate((0.9, 0.95, 1.0)):
        one = step(e[i], PRIOR, likelihood[i], alpha, 0.001)
        assert (one[0] == whole[0][i]).all()
        assert one[1] == whole[1][i]


@given(evidence, likelihoods, st.permutations(range(K)))
def test_permuting_forecasters_permutes_weights(e, likelihood, order):
    order = list(order)
    plain = weights(step(e, PRIOR, likelihood, 0.95, 0.001)[0], PRIOR)[..., order]
    other = PRIOR[order]
    moved = step(e[..., order], other, likelihood[..., order], 0.95, 0.001)[0]
    assert np.allclose(plain, weights(moved, other), atol=1e-12)


@pytest.mark.parametrize(("alpha", "floor"), [(1.0, 0.0), (0.95, 0.001)])
def test_a_copy_that_shares_its_prior_mass_changes_nothing(alpha, floor):
    rng = np.random.default_rng(4)
    one, two = np.array([0.5, 0.5]), np.array([0.5, 0.2, 0.3])
    single, double = np.zeros(2), np.zeros(3)
    for _ in range(300):
        like = rng.normal(-1, 2, 2)
        single, score = step(single, one, like, alpha, floor)
        double, twin_score = step(double, two, like[[0, 1, 1]], alpha, floor)
        assert abs(score - twin_score) < 1e-12
        w, v = weights(single, one, alpha, floor), weights(double, two, alpha, floor)
        assert abs(w[0] - v[0]) < 1e-12
        assert v[1] * 3 == pytest.approx(v[2] * 2, abs=1e-12)


def test_the_absent_keep_their_share_and_joiners_start_with_the_prior():
    prior = np.array([0.25, 0.25, 0.5])
    e, score = step(np.zeros(3), prior, np.array([0.0, -5.0, np.nan]), 1.0)
    w = weights(e, prior)
    assert w[2] == pytest.approx(0.5)
    assert score == pytest.approx(np.log((1 + np.exp(-5)) / 2))
    same, score = step(e, prior, np.full(3, np.nan), 0.9)
    assert (same == e).all()
    assert score == 0.0
    # Somebody who was never there has its prior weight, whatever the others have been through.
    for like in (-1.0, -30.0, -2.0):
        e, _ = step(e, prior, np.array([like, -3.0, np.nan]), 0.95, 0.001)
        assert e[2] == 0.0
        assert (prior * np.exp(e)).sum() == pytest.approx(1.0)


def test_the_absent_neither_gain_nor_lose_while_others_are_judged():
    rng = np.random.default_rng(9)
    e, _ = step(np.zeros(K), PRIOR, rng.normal(-1, 2, K), 0.95, 0.001)
    share = PRIOR[3] * np.exp(e[3])
    for _ in range(50):
        like = rng.normal(-1, 5, K)
        like[3] = np.nan
        e, _ = step(e, PRIOR, like, 0.95, 0.001)
        now = PRIOR * np.exp(e)
        assert now.sum() == pytest.approx(1.0, abs=1e-9)
        assert now[3] == pytest.approx(share)


def test_whoever_has_no_prior_weight_counts_for_nothing():
    prior = np.array([0.5, 0.5, 0.0])
    e = np.array([-900.0, -901.0, 5.0])
    ratio, _ = forget_evidence(e, prior, 1.0)
    expected = np.array([1.0, np.exp(-1.0)]) / (1 + np.exp(-1.0))
    assert (prior * ratio)[:2] == pytest.approx(expected)
    after, _ = step(e, prior, np.array([-1.0, -1.0, -7.0]), 1.0)
    assert (prior * forget_evidence(after, prior, 1.0)[0])[:2] == pytest.approx(expected)


def test_a_forecaster_without_weight_can_come_back():
    prior = np.array([0.5, 0.5])
    e = np.zeros(2)
    for likelihood in (np.array([0.0, -1000.0]), np.array([-1000.0, 0.0])):
        e, score = step(e, prior, likelihood, 1.0)
        assert np.isfinite(score)
    assert weights(e, prior) == pytest.approx([0.5, 0.5])


@pytest.mark.parametrize("floor", [0.0, 1e-3])
def test_the_ratio_alone_is_that_of_both(floor):
    rng = np.random.default_rng(4)
    evidence = rng.normal(0, 100, (50, 3, 4)) * (rng.uniform(size=(50, 1, 1)) < 0.8)
    prior = np.array([0.5, 0.5, 0.0, 0.0])
    alphas = np.array([0.9, 0.95, 1.0])[:, np.newaxis]
    ratio, logs = forget_evidence(evidence, prior, alphas, floor)
    np.testing.assert_array_equal(forget_ratio(evidence, prior, alphas, floor), ratio)
    if floor:
        np.testing.assert_array_equal(np.log(ratio), logs)
