"""The posterior against the textbook: a regression on data and dummy observations together."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_agents.linear import MinnesotaPrior, lagged, moments_at, posterior
from fg_core import ConfigError


def with_dummies(rows, order, prior, own_lag, means=None):
    """Bańbura, Giannone & Reichlin (2010), equation 5, with a flat constant, by least squares."""
    x, y = lagged(rows, order)
    n, k = y.shape
    scales = []
    for j in range(k):  # first-order autoregressions on the same targets
        design = np.column_stack([np.ones(n), x[:, 1 + j]])
        left = y[:, j] - design @ np.linalg.lstsq(design, y[:, j], rcond=None)[0]
        scales.append(np.sqrt(left @ left / (n - 2)))
    more_x, more_y = [], []
    for lag in range(1, order + 1):
        for j in range(k):
            row, target = np.zeros(1 + order * k), np.zeros(k)
            row[1 + (lag - 1) * k + j] = scales[j] * lag**prior.decay / prior.tightness
            if lag == 1:
                target[j] = own_lag[j] * scales[j] / prior.tightness
            more_x.append(row)
            more_y.append(target)
    for j in range(k):
        for _ in range(2):  # two prior rows of each residual
            target = np.zeros(k)
            target[j] = scales[j]
            more_x.append(np.zeros(1 + order * k))
            more_y.append(target)
        if means is not None:
            row, target = np.zeros(1 + order * k), np.zeros(k)
            row[1 + j :: k] = target[j] = means[j] / prior.sum_tightness
            more_x.append(row)
            more_y.append(target)
    all_x, all_y = np.vstack([x, more_x]), np.vstack([y, more_y])
    found = np.linalg.lstsq(all_x, all_y, rcond=None)[0]
    left = all_y - all_x @ found
    return found, left.T @ left / (2 + n - 1)


@given(
    seed=st.integers(0, 10**6),
    order=st.integers(1, 4),
    k=st.integers(1, 4),
    tightness=st.sampled_from([0.05, 0.2, 1.0, 5.0]),
    decay=st.sampled_from([0.0, 1.0, 2.0]),
    sums=st.booleans(),
)
def test_equals_least_squares_on_data_and_dummies(seed, order, k, tightness, decay, sums):
    rng = np.random.default_rng(seed)
    rows = rng.standard_normal((60, k)) @ rng.standard_normal((k, k))
    rows[:, 0] = np.cumsum(rows[:, 0])
    own_lag = [float(j == 0) for j in range(k)]
    prior = MinnesotaPrior(tightness, decay, 0.5)
    means = rng.standard_normal(k) if sums else None
    x, y = lagged(rows, order)
    moments = moments_at(x, y, np.ones(len(x)), [len(x) - 1])
    found = posterior(moments, prior, own_lag, None if means is None else means[np.newaxis])
    coefficients, covariance = with_dummies(rows, order, prior, own_lag, means)
    np.testing.assert_allclose(found.coefficients[0], coefficients, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(found.covariance[0], covariance, rtol=1e-7, atol=1e-9)


def test_without_a_prior_it_is_least_squares():
    rng = np.random.default_rng(2)
    x, y = lagged(np.cumsum(rng.standard_normal((80, 2)), axis=0), 3)
    found = posterior(
        moments_at(x, y, np.ones(len(x)), [len(x) - 1]), MinnesotaPrior(None), [1.0, 1.0]
    )
    expected = np.linalg.lstsq(x, y, rcond=None)[0]
    left = y - x @ expected
    np.testing.assert_allclose(found.coefficients[0], expected, rtol=1e-7)
    np.testing.assert_allclose(
        found.covariance[0], left.T @ left / (len(x) - x.shape[1]), rtol=1e-7
    )


@pytest.mark.parametrize("own_lag", [0.0, 1.0])
def test_a_hard_prior_is_white_noise_or_a_random_walk(own_lag):
    rows = np.random.default_rng(3).standard_normal((50, 2))
    x, y = lagged(rows, 2)
    moments = moments_at(x, y, np.ones(len(x)), [len(x) - 1])
    found = posterior(moments, MinnesotaPrior(1e-5), [own_lag, own_lag]).coefficients[0]
    np.testing.assert_allclose(found[1:3], own_lag * np.eye(2), atol=1e-6)
    np.testing.assert_allclose(found[3:], 0.0, atol=1e-6)


def test_hard_sums_leave_a_column_where_it_is():
    rng = np.random.default_rng(4)
    rows = 10.0 + rng.standard_normal((60, 2))
    x, y = lagged(rows, 3)
    moments = moments_at(x, y, np.ones(len(x)), [len(x) - 1])
    hard = MinnesotaPrior(1.0, sum_tightness=1e-5)
    found = posterior(moments, hard, [1.0, 0.0], np.array([[10.0, 0.0]])).coefficients[0]
    assert found[1::2, 0].sum() == pytest.approx(1.0, abs=1e-6)
    assert found[2::2, 1].sum() < 0.9


def test_settings_are_checked():
    for wrong in ({"tightness": 0.0}, {"decay": -1.0}, {"sum_tightness": 0.0}):
        with pytest.raises(ConfigError, match=next(iter(wrong))):
            MinnesotaPrior(**wrong)
