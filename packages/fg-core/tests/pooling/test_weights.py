import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fg_core.pooling import (
    bayes_weights,
    equal_weights,
    forget,
    inverse_loss_weights,
    normalise,
    rank_weights,
    reward_weights,
)

K = 4
logs = arrays(np.float64, (3, K), elements=st.floats(-800, 800))
likelihoods = arrays(np.float64, (3, K), elements=st.floats(-1e6, 1e3))


@given(logs)
def test_normalised_weights_sum_to_one_whatever_the_size(log_weights):
    weights = normalise(log_weights)
    assert np.allclose(weights.sum(axis=-1), 1.0, atol=1e-12)
    assert (weights >= 0.0).all()


@given(logs, likelihoods, st.floats(0.5, 1.0), st.sampled_from([0.0, 0.001, 0.1]))
def test_posterior_stays_on_the_simplex_and_above_the_floor(prior, likelihood, alpha, floor):
    before = forget(prior, alpha, floor)
    assert np.allclose(np.exp(before).sum(axis=-1), 1.0, atol=1e-9)
    assert (np.exp(before) >= floor / K / (1 + floor) * (1 - 1e-9)).all()
    after = bayes_weights(before, likelihood)
    assert np.allclose(np.exp(after).sum(axis=-1), 1.0, atol=1e-9)


@given(logs, likelihoods)
def test_a_batch_equals_its_rows_bit_for_bit(prior, likelihood):
    whole = bayes_weights(forget(prior, 0.97, 0.001), likelihood)
    for i in range(3):
        row = bayes_weights(forget(prior[i], 0.97, 0.001), likelihood[i])
        assert (row == whole[i]).all()


@given(logs, likelihoods, st.permutations(range(K)))
def test_permuting_forecasters_permutes_weights(prior, likelihood, order):
    order = list(order)
    plain = bayes_weights(forget(prior, 0.95, 0.001), likelihood)[..., order]
    moved = bayes_weights(forget(prior[..., order], 0.95, 0.001), likelihood[..., order])
    assert np.allclose(np.exp(plain), np.exp(moved), atol=1e-12)


def test_plain_averaging_is_bayes_rule():
    prior = np.log([0.2, 0.3, 0.5])
    likelihood = np.log([0.4, 0.1, 0.2])
    expected = np.array([0.08, 0.03, 0.10]) / 0.21
    found = np.exp(bayes_weights(forget(prior, 1.0, 0.0), likelihood))
    assert found == pytest.approx(expected)


def test_forgetting_follows_raftery_karny_ettler():
    prior = np.array([0.9, 0.1])
    expected = prior**0.95 / (prior**0.95).sum()
    assert np.exp(forget(np.log(prior), 0.95, 0.0)) == pytest.approx(expected)
    floored = (expected + 0.01 / 2) / 1.01
    assert np.exp(forget(np.log(prior), 0.95, 0.01)) == pytest.approx(floored)


def test_a_copy_that_shares_its_prior_mass_changes_nothing():
    rng = np.random.default_rng(4)
    single, double = np.log([0.5, 0.5]), np.log([0.5, 0.25, 0.25])
    for _ in range(200):
        like = rng.normal(-1, 2, 2)
        single = bayes_weights(forget(single, 1.0, 0.0), like)
        double = bayes_weights(forget(double, 1.0, 0.0), like[[0, 1, 1]])
        assert abs(np.exp(single[0]) - np.exp(double[0])) < 1e-12


def test_an_absent_forecaster_keeps_its_share():
    after = np.exp(bayes_weights(np.log([0.25, 0.25, 0.5]), np.array([0.0, -5.0, np.nan])))
    assert after[2] == pytest.approx(0.5)
    assert after[0] > after[1]
    nobody = bayes_weights(np.log([0.25, 0.75]), np.array([np.nan, np.nan]))
    assert np.exp(nobody) == pytest.approx([0.25, 0.75])


def test_weights_survive_a_thousand_hopeless_rounds():
    weights = np.log([0.5, 0.5])
    for _ in range(1000):
        weights = bayes_weights(forget(weights, 1.0, 0.0), np.array([0.0, -50.0]))
    # Without a floor nothing is lost either: the log weight is exact however small it is.
    for _ in range(1000):
        weights = bayes_weights(forget(weights, 1.0, 0.0), np.array([-50.0, 0.0]))
    assert np.exp(weights) == pytest.approx([0.5, 0.5])


def test_ranks():
    assert rank_weights(np.array([3.0, 1.0, 2.0])) == pytest.approx(np.array([2, 6, 3]) / 11)
    assert rank_weights(np.array([1.0, 1.0])) == pytest.approx([0.5, 0.5])
    tied = np.array([1 / 1.5, 1 / 1.5, 1 / 3])
    assert rank_weights(np.array([1.0, 1.0, 5.0])) == pytest.approx(tied / tied.sum())
    assert rank_weights(np.array([2.0, np.nan])) == pytest.approx([2 / 3, 1 / 3])


def test_reward_weights_stay_positive_and_ordered():
    weights = reward_weights(np.array([-1.0, -2.0, -30.0]), 1.0)
    assert weights[0] / weights[1] == pytest.approx(np.e)
    assert (weights > 0.0).all()
    unknown = reward_weights(np.array([-1.0, np.nan, -3.0]), 1.0)
    assert unknown[0] > unknown[1] > unknown[2]


def test_equal_weights_leave_out_the_absent():
    assert equal_weights(np.array([True, True, False])).tolist() == [0.5, 0.5, 0.0]


@given(
    arrays(np.float64, (3, K), elements=st.floats(0.0, np.inf, allow_nan=False)),
    arrays(np.bool_, (3, K)),
)
def test_inverse_losses_of_any_size_are_finite_weights_in_their_order(loss, known):
    weights = inverse_loss_weights(np.where(known, loss, np.nan))
    assert np.allclose(weights.sum(axis=-1), 1.0, atol=1e-12)
    assert (weights > 0.0).all()
    for row, ones in enumerate(known):
        order = np.argsort(loss[row][ones], kind="stable")
        assert (np.diff(weights[row][ones][order]) <= 0.0).all()


@given(arrays(np.float64, K, elements=st.floats(1e-3, 1e3)), st.integers(-900, 900))
def test_inverse_losses_weigh_alike_in_any_unit(loss, power):
    scaled = np.ldexp(loss, power)
    assert inverse_loss_weights(scaled).tolist() == inverse_loss_weights(loss).tolist()
    plain = 1.0 / loss
    assert inverse_loss_weights(loss) == pytest.approx(plain / plain.sum(), rel=1e-12)


def test_losses_beyond_all_bounds():
    assert (
        inverse_loss_weights(np.array([1e308, 1e308, 1e308])).round(12).tolist()
        == [0.333333333333] * 3
    )
    assert inverse_loss_weights(np.array([1.0, np.inf]))[0] == pytest.approx(1.0, abs=1e-11)
    assert inverse_loss_weights(np.array([np.inf, np.inf])).tolist() == [0.5, 0.5]
    assert inverse_loss_weights(np.zeros(2)).tolist() == [0.5, 0.5]
