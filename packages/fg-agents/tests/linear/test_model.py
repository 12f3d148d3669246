"""Forecasts, variances and impulse responses against statsmodels and against plain recursions."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_agents.linear import LinearModel

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from statsmodels.tsa.vector_ar.var_model import VAR


def random_model(seed, order, k, lead=()):
    rng = np.random.default_rng(seed)
    root = rng.standard_normal((*lead, k, k))
    return LinearModel(
        rng.standard_normal((*lead, k)),
        0.4 * rng.standard_normal((*lead, order, k, k)),
        root @ np.swapaxes(root, -1, -2) + 0.1 * np.eye(k),
    )


SHAPES = {"seed": st.integers(0, 10**6), "order": st.integers(1, 5), "k": st.integers(1, 4)}


def test_equals_a_vector_autoregression_of_statsmodels():
    rng = np.random.default_rng(1)
    rows = np.cumsum(rng.standard_normal((150, 3)), axis=0)
    theirs = VAR(rows).fit(3)
    ours = LinearModel(
        np.asarray(theirs.intercept), np.asarray(theirs.coefs), np.asarray(theirs.sigma_u)
    )
    np.testing.assert_allclose(ours.responses(8), theirs.ma_rep(8), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(
        ours.orthogonal_responses(8), theirs.orth_ma_rep(8), rtol=1e-9, atol=1e-12
    )
    np.testing.assert_allclose(ours.forecast(rows[:-4:-1], 6), theirs.forecast(rows[-3:], 6))
    np.testing.assert_allclose(ours.forecast_covariance(6), theirs.mse(6), rtol=1e-9)


@given(**SHAPES)
def test_responses_are_powers_of_the_companion_matrix(seed, order, k):
    model = random_model(seed, order, k)
    companion = np.zeros((order * k, order * k))
    companion[:k] = np.concatenate(list(model.lags), axis=1)
    companion[k:, :-k] = np.eye((order - 1) * k)
    expected = [np.linalg.matrix_power(companion, j)[:k, :k] for j in range(7)]
    np.testing.assert_allclose(model.responses(6), expected, rtol=1e-9, atol=1e-9)


@given(**SHAPES, horizon=st.integers(1, 8))
def test_forms_are_the_forecasts_as_linear_functions(seed, order, k, horizon):
    model = random_model(seed, order, k)
    column = seed % k
    recent = np.random.default_rng(seed + 1).standard_normal((order, k))
    forms = model.forms(column, horizon)
    means = forms.offsets + np.sum(forms.weights * recent, axis=(-2, -1))
    np.testing.assert_allclose(
        means, model.forecast(recent, horizon)[:, column], rtol=1e-9, atol=1e-9
    )
    np.testing.assert_allclose(
        forms.variances, model.forecast_covariance(horizon)[:, column, column], rtol=1e-9
    )
    np.testing.assert_allclose(
        forms.weights[:, 0], model.responses(horizon)[1:, column], rtol=1e-9, atol=1e-9
    )


@given(**SHAPES)
def test_a_forecast_moves_by_the_response(seed, order, k):
    model = random_model(seed, order, k)
    recent = np.random.default_rng(seed + 1).standard_normal((order, k))
    nudged = recent.copy()
    nudged[0, seed % k] += 1.0
    moved = model.forecast(nudged, 5) - model.forecast(recent, 5)
    np.testing.assert_allclose(moved, model.responses(5)[1:, :, seed % k], rtol=1e-7, atol=1e-8)


def test_leading_axes_are_models_one_by_one():
    many = random_model(4, 3, 2, lead=(5,))
    forms, responses = many.forms(1, 4), many.responses(3)
    orthogonal = many.orthogonal_responses(3)
    for i in range(5):
        one = many.at(i)
        single = one.forms(1, 4)
        np.testing.assert_array_equal(forms.offsets[i], single.offsets)
        np.testing.assert_array_equal(forms.weights[i], single.weights)
        np.testing.assert_array_equal(forms.variances[i], single.variances)
        np.testing.assert_array_equal(responses[i], one.responses(3))
        np.testing.assert_allclose(orthogonal[i], one.orthogonal_responses(3), rtol=1e-14)


def test_a_column_without_a_shock_has_no_orthogonal_responses():
    model = LinearModel(np.zeros(2), np.zeros((1, 2, 2)), np.diag([1.0, 0.0]))
    with pytest.raises(np.linalg.LinAlgError):
        model.orthogonal_responses(2)
