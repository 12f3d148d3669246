import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fg_core.pooling import hedge_weights, relative_losses

losses = arrays(np.float64, (2, 3), elements=st.floats(0, 1e6))


@given(losses, losses, st.floats(0, 10), st.floats(0, 1))
def test_weights_are_shares(own, other, eta, sharing):
    weights = hedge_weights(own, [own, other], eta, sharing)
    assert weights.shape == own.shape
    assert weights.sum() == pytest.approx(1.0, abs=1e-12)
    assert (weights >= 0.0).all()


def test_the_formula():
    own, other = np.array([1.0, 2.0]), np.array([0.5, 0.1])
    logs = -3.0 * (0.75 * own + 0.25 * (own + other))
    expected = np.exp(logs) / np.exp(logs).sum()
    assert hedge_weights(own, [own, other], 3.0, 0.25) == pytest.approx(expected)


def test_units_do_not_matter_and_nothing_seen_is_no_evidence():
    sums = np.array([2.0, 6.0])
    once = relative_losses(sums, float(sums.mean()), 5.0)
    assert once.mean() == pytest.approx(5.0)  # a mean loss counts 1 a value
    assert relative_losses(1e-6 * sums, 1e-6 * float(sums.mean()), 5.0) == pytest.approx(once)
    assert relative_losses(np.zeros(2), 0.0, 0.0).tolist() == [0.0, 0.0]


@given(st.integers(0, 500), st.booleans())
def test_lanes_are_weighed_apart_and_settings_left_out_change_no_bit(seed, shared):
    rng = np.random.default_rng(seed)
    own, other = rng.uniform(0, 5, (3, 2, 4)), rng.uniform(0, 5, (2, 4) if shared else (3, 2, 4))
    among = rng.uniform(size=(3, 2, 1)) < 0.6
    weights = hedge_weights(own, [own, other], 2.0, 0.5, n_axes=2, among=among)
    for i in range(3):
        theirs = other if shared else other[i]
        used = np.flatnonzero(among[i, :, 0])
        assert (weights[i][~among[i, :, 0]] == 0.0).all()
        if used.size:
            alone = hedge_weights(own[i][used], [own[i][used], theirs[used]], 2.0, 0.5)
            np.testing.assert_array_equal(weights[i][used], alone)


def test_relative_losses_of_lanes():
    losses = np.array([[1.0, 3.0], [5.0, 6.0], [2.0, 0.0]])
    typical, count = np.array([[2.0], [0.0], [1.0]]), np.array([[1.0], [0.0], [3.0]])
    assert relative_losses(losses, typical, count).tolist() == [[0.5, 1.5], [0.0, 0.0], [6.0, 0.0]]
