import numpy as np
import pytest
from scipy import stats
from scipy.optimize import minimize

from fg_core.pooling import share_weights, update_shares

K = 3
PRIOR = np.array([0.2, 0.3, 0.5])


def test_it_comes_near_the_weights_that_maximise_the_log_score():
    rng = np.random.default_rng(6)
    m, s = np.array([-1.0, 0.0, 3.0]), np.array([1.0, 0.5, 2.0])
    y = np.where(rng.uniform(size=4000) < 0.7, rng.normal(-1, 1, 4000), rng.normal(3, 2, 4000))
    logs = stats.norm.logpdf(y[:, None], m, s)
    shares = np.zeros(K)
    for row in logs:
        shares = update_shares(shares, share_weights(shares, PRIOR, 1.0), row)
    found = share_weights(shares, PRIOR, 1.0)

    def loss(free):
        w = np.exp(np.append(free, 0.0))
        w /= w.sum()
        return -np.log(np.exp(logs) @ w).mean()

    best = np.exp(np.append(minimize(loss, np.zeros(2)).x, 0.0))
    best /= best.sum()
    assert best == pytest.approx([0.7, 0.0, 0.3], abs=0.03)

    def cost(w):
        return -np.log(np.exp(logs) @ w).mean() - loss(np.log(best[:2] / best[2]))

    # One pass leaves a few hundredths of a nat; equal weights and the best single one cost more.
    assert 0.0 <= cost(found) < 0.02
    assert cost(np.full(K, 1 / K)) > 5 * cost(found)
    assert min(cost(one) for one in np.eye(K)) > 20 * cost(found)


def test_shares_grow_by_one_and_fade_by_the_discount():
    rng = np.random.default_rng(2)
    shares, count = np.zeros(K), 0.0
    for _ in range(50):
        weights = share_weights(shares, PRIOR, 4.0)
        assert weights.sum() == pytest.approx(1.0, abs=1e-12)
        shares = update_shares(shares, weights, rng.normal(-1, 50, K), 0.98)
        count = 0.98 * count + 1.0
        assert shares.sum() == pytest.approx(count)


def test_the_absent_are_given_their_own_weight():
    weights = np.array([0.25, 0.25, 0.5])
    after = update_shares(np.zeros(3), weights, np.array([0.0, np.log(3.0), np.nan]))
    assert after == pytest.approx([0.125, 0.375, 0.5])
    assert update_shares(np.zeros(3), weights, np.full(3, np.nan)) == pytest.approx(weights)


def test_a_likelihood_of_zero_all_around_teaches_nothing():
    weights = np.array([0.25, 0.75])
    assert update_shares(np.zeros(2), weights, np.full(2, -np.inf)) == pytest.approx(weights)
