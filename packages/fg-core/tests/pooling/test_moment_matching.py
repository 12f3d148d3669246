import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_core.mixture import mixture_moments
from fg_core.pooling import moment_match


def draw(seed, pools=6, k=4):
    rng = np.random.default_rng(seed)
    return (
        rng.dirichlet(np.ones(pools)),
        rng.dirichlet(np.ones(k), pools),
        rng.normal(5, 3, k),
        rng.uniform(0.2, 2, (pools, k)),
        rng.uniform(0.6, 1.6, pools),
    )


def everything(v, w, m, s, g):
    """All components of all pools: weights, means, scales, and who each is of."""
    centres = (w * m).sum(axis=1, keepdims=True)
    who = np.broadcast_to(np.arange(m.size), w.shape)
    parts = (v[:, None] * w, centres + g[:, None] * (m - centres), g[:, None] * s, who)
    return tuple(part.ravel() for part in parts)


@given(st.integers(0, 500))
def test_mean_and_variance_are_those_of_the_mixture_of_all_pools(seed):
    parts = draw(seed)
    weights, means, scales = moment_match(*parts)
    w, m, s, _ = everything(*parts)
    expected = mixture_moments(w, m, s)
    found = mixture_moments(weights, means, scales)
    assert float(found[0]) == pytest.approx(float(expected[0]), rel=1e-12)
    assert float(found[1]) == pytest.approx(float(expected[1]), rel=1e-12)


@given(st.integers(0, 500))
def test_so_are_those_of_each_forecaster(seed):
    parts = draw(seed)
    weights, means, scales = moment_match(*parts)
    w, m, s, who = everything(*parts)
    for i in range(weights.size):
        own = who == i
        mean, variance = mixture_moments(w[own] / w[own].sum(), m[own], s[own])
        assert weights[i] == pytest.approx(w[own].sum())
        assert (means[i], scales[i] ** 2) == (
            pytest.approx(float(mean)),
            pytest.approx(float(variance)),
        )


def test_one_pool_is_itself():
    weights, means, scales = moment_match(
        np.array([1.0]),
        np.array([[0.3, 0.7, 0.0]]),
        np.array([1.0, 2.0, 9.0]),
        np.array([[0.5, 0.6, 0.7]]),
        np.array([1.0]),
    )
    assert weights.tolist() == [0.3, 0.7, 0.0]
    assert means.tolist() == [1.0, 2.0, 9.0]
    assert scales == pytest.approx([0.5, 0.6, 1.0])


def test_far_from_zero_no_digits_are_lost():
    v, w, m, s, g = draw(3)
    near = moment_match(v, w, m, 1e-3 * s, g)
    far = moment_match(v, w, m + 1e9, 1e-3 * s, g)
    assert far[2] == pytest.approx(near[2], rel=1e-4)
