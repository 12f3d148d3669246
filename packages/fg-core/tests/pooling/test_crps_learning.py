import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_core.pooling import Regret, crps_regret, crps_weights, update_regret
from fg_core.scoring import crps_mixture

K = 3
PRIOR = np.array([0.2, 0.3, 0.5])


def nothing(k=K):
    return Regret(np.zeros(k), np.zeros(k), np.zeros(k))


def test_the_slope_is_that_of_the_crps_of_the_mixture():
    rng = np.random.default_rng(2)
    for _ in range(20):
        w = rng.dirichlet(np.ones(K))
        m, s, y = rng.normal(0, 2, K), rng.uniform(0.2, 2, K), rng.normal(0, 2)
        gained = crps_regret(w, m, s, np.array(y))
        assert w @ gained == pytest.approx(0.0, abs=1e-12)
        step = 1e-6
        for i in range(K):
            towards = (1 - step) * w + step * np.eye(K)[i]
            slope = (crps_mixture(towards, m, s, y) - crps_mixture(w, m, s, y)) / step
            assert gained[i] == pytest.approx(-slope, abs=1e-5)


def test_it_equals_the_algorithm_written_out():
    """Wintenberger (2017), one forecaster at a time, with plain numbers."""
    rng = np.random.default_rng(7)
    discount = 0.97
    found = nothing()
    total, squares, largest = [0.0] * K, [0.0] * K, [0.0] * K
    for _ in range(100):
        w = crps_weights(found, PRIOR)
        raw = []
        for i in range(K):
            rate = (
                min(0.5 / largest[i], np.sqrt(-np.log(PRIOR[i]) / squares[i]))
                if largest[i]
                else 1.0
            )
            raw.append(PRIOR[i] * rate * np.exp(rate * total[i]))
        assert w == pytest.approx(np.array(raw) / sum(raw), rel=1e-9)
        r = crps_regret(w, rng.normal(0, 1, K), rng.uniform(0.5, 2, K), np.array(rng.normal()))
        found = update_regret(found, PRIOR, r, discount)
        for i in range(K):
            largest[i] = max(largest[i], abs(r[i]))
            squares[i] = discount * squares[i] + r[i] ** 2
            rate = min(0.5 / largest[i], np.sqrt(-np.log(PRIOR[i]) / squares[i]))
            total[i] = discount * total[i] + r[i] * (1 - rate * r[i])


def test_it_finds_the_best_mixture_of_two_that_are_both_biased():
    """Truth N(0, 1); one says N(-1, 1), the other N(2, 1): the best weights are not 1 and 0."""
    rng = np.random.default_rng(3)
    prior = np.array([0.5, 0.5])
    m, s = np.array([-1.0, 2.0]), np.ones(2)
    found = nothing(2)
    values = rng.normal(0, 1, 3000)
    mean_weight = 0.0
    for y in values:
        w = crps_weights(found, prior)
        mean_weight += w[0] / values.size
        found = update_regret(found, prior, crps_regret(w, m, s, np.array(y)))
    grid = np.linspace(0, 1, 201)
    losses = [crps_mixture(np.array([a, 1 - a]), m, s, values).mean() for a in grid]
    best = grid[int(np.argmin(losses))]
    assert 0.5 < best < 0.95
    assert mean_weight == pytest.approx(best, abs=0.1)


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=30), st.floats(0.01, 100.0))
def test_units_do_not_matter(values, unit):
    def play(scale):
        found = nothing()
        for y in values:
            w = crps_weights(found, PRIOR)
            m, s = scale * np.array([0.0, 1.0, -2.0]), scale * np.array([1.0, 2.0, 0.5])
            found = update_regret(found, PRIOR, crps_regret(w, m, s, np.array(scale * y)), 0.98)
        return crps_weights(found, PRIOR)

    assert play(1.0) == pytest.approx(play(unit), rel=1e-6, abs=1e-9)


def test_weights_sum_to_one_over_a_thousand_values_of_any_size():
    rng = np.random.default_rng(8)
    found = nothing()
    for i in range(1000):
        w = crps_weights(found, PRIOR)
        assert abs(w.sum() - 1.0) < 1e-12
        assert (w >= 0.0).all()
        y = np.array(rng.standard_cauchy() * (1e9 if i % 7 == 0 else 1.0))
        m, s = rng.normal(0, 3, K), rng.uniform(0.1, 3, K)
        found = update_regret(found, PRIOR, crps_regret(w, m, s, y), 0.98)


def test_nothing_is_remembered_or_forgotten_of_the_absent():
    start = update_regret(nothing(), PRIOR, np.array([0.3, -0.1, 0.2]), 0.9)
    after = update_regret(start, PRIOR, np.array([0.1, np.nan, -0.2]), 0.9)
    for before, now in zip(start, after, strict=True):
        assert before[1] == now[1]
    assert (start.total[[0, 2]] != after.total[[0, 2]]).all()
    present = np.array([True, False, True])
    assert crps_weights(after, PRIOR, present)[1] == 0.0
    assert crps_weights(after, PRIOR, present).sum() == pytest.approx(1.0)


def test_a_grid_equals_its_rows_bit_for_bit():
    rng = np.random.default_rng(1)
    w = rng.dirichlet(np.ones(K), 5)
    m, s, y = rng.normal(0, 1, (5, K)), rng.uniform(0.5, 2, (5, K)), rng.normal(0, 1, 5)
    whole = crps_regret(w, m, s, y)
    state = update_regret(nothing(), PRIOR, whole)
    for i in range(5):
        assert (crps_regret(w[i], m[i], s[i], y[i]) == whole[i]).all()
        one = update_regret(nothing(), PRIOR, whole[i])
        assert (crps_weights(one, PRIOR) == crps_weights(state, PRIOR)[i]).all()
