import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fg_core.pooling import relative_losses, setting_weights

losses = arrays(np.float64, (2, 3), elements=st.floats(0, 1e6))


@given(losses, losses, st.floats(0, 10), st.floats(0, 1))
def test_weights_are_shares(own, other, eta, sharing):
    weights = setting_weights(own, [own, other], eta, sharing)
    assert weights.shape == own.shape
    assert weights.sum() == pytest.approx(1.0, abs=1e-12)
    assert (weights >= 0.0).all()


def test_the_formula():
    own, other = np.array([1.0, 2.0]), np.array([0.5, 0.1])
    logs = -3.0 * (0.75 * own + 0.25 * (own + other))
    expected = np.exp(logs) / np.exp(logs).sum()
    assert setting_weights(own, [own, other], 3.0, 0.25) == pytest.approx(expected)


def test_units_do_not_matter_and_nothing_seen_is_no_evidence():
    sums = np.array([2.0, 6.0])
    once = relative_losses(sums, float(sums.mean()), 5.0)
    assert once.mean() == pytest.approx(5.0)  # a mean loss counts 1 a value
    assert relative_losses(1e-6 * sums, 1e-6 * float(sums.mean()), 5.0) == pytest.approx(once)
    assert relative_losses(np.zeros(2), 0.0, 0.0).tolist() == [0.0, 0.0]
