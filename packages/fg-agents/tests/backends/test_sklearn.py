"""Regressors on lags: equal to plain numpy, direct, repeatable, and open about failures."""

import warnings
from itertools import pairwise

import numpy as np
import pytest

from fg_agents import ModelForecaster, SklearnBackend
from fg_core import AgentError, ConfigError, ForecastState, ForecastUnavailable, TrainingWindow
from fg_core.testing import check_forecaster, check_model_backend

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from sklearn.ensemble import RandomForestRegressor
    from sklearn.linear_model import Lasso, LinearRegression
    from sklearn.neural_network import MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.tree import DecisionTreeRegressor


def walk(n=90, seed=0):
    rng = np.random.default_rng(seed)
    return 50.0 + np.cumsum(rng.standard_normal(n))


def after(values, t=None, **context):
    t = len(values) - 1 if t is None else t
    history = tuple(values[t - 6 : t].tolist())
    return ForecastState(t, float(values[t]), 0.0, 0.0, macro_context=context, history=history)


@pytest.mark.parametrize("horizon", [1, 4])
def test_least_squares_and_its_scale_by_hand(horizon):
    values, p = walk(), 3
    model = SklearnBackend(LinearRegression(), lags=p).fit(TrainingWindow(values, 89))
    rows = range(p - 1, len(values) - horizon)
    design = np.array([[1.0, *(values[t - k] for k in range(p))] for t in rows])
    target = np.array([values[t + horizon] - values[t] for t in rows])

    def solve(n):
        return np.linalg.lstsq(design[:n], target[:n], rcond=None)[0]

    state = after(values)
    last = np.array([1.0, *(values[-1 - k] for k in range(p))])
    expected = float(last @ solve(len(target)))
    assert model.predict(state, horizon) == pytest.approx(expected, abs=1e-10)
    # Four blocks of the second half, each from what was known when it began.
    starts = np.linspace(len(target) // 2, len(target), 5).astype(int)
    errors = []
    for begin, end in pairwise(starts):
        errors.extend(target[begin:end] - design[begin:end] @ solve(begin - horizon + 1))
    scale = np.sqrt(np.mean(np.square(errors)))
    assert model.predict_scale(state, horizon) == pytest.approx(scale, rel=1e-9)


@pytest.mark.parametrize(
    "estimator",
    [
        DecisionTreeRegressor(max_depth=3),
        RandomForestRegressor(n_estimators=5, max_depth=3),
        make_pipeline(StandardScaler(), RandomForestRegressor(n_estimators=3)),
    ],
)
def test_chance_is_fixed_and_the_estimator_left_alone(estimator):
    before = repr(estimator.get_params())
    window, state = TrainingWindow(walk(), 89), after(walk())
    first = SklearnBackend(estimator).fit(window)
    again = SklearnBackend(estimator).fit(window)
    other = SklearnBackend(estimator, random_state=1).fit(window)
    assert first.predict(state, 2) == again.predict(state, 2)
    assert first.predict_scale(state, 2) == again.predict_scale(state, 2)
    assert repr(estimator.get_params()) == before
    assert not hasattr(estimator, "n_features_in_")
    if "Forest" in before:
        assert other.predict(state, 2) != first.predict(state, 2)


def test_conforms_with_trees_and_context():
    check_model_backend(SklearnBackend(DecisionTreeRegressor(max_depth=2), use_context=True))
    check_forecaster(ModelForecaster(SklearnBackend(use_context=True), "ridge"))


def test_context_that_tells_the_future_is_used():
    values = walk()
    contexts = [{"hint": value, "broken": 1.0} for value in [*values[1:], values[-1]]]
    del contexts[2]["hint"]  # before the first origin, which wants three earlier values
    del contexts[3]["broken"]
    window = TrainingWindow(values[:80], 79, contexts=contexts[:80])
    blind = SklearnBackend(LinearRegression()).fit(window)
    told = SklearnBackend(LinearRegression(), use_context=True).fit(window)
    state = after(values, 85, hint=values[86])
    assert state.value + told.predict(state) == pytest.approx(values[86], abs=1e-9)
    assert told.predict_scale(state) < 1e-9 < blind.predict_scale(state)
    assert told.fitted.columns.names == ("hint",)
    with pytest.raises(ForecastUnavailable, match="context column 'hint' is nan"):
        told.predict(after(values, 85))
    bare = TrainingWindow(values, 89)
    with pytest.raises(ForecastUnavailable, match="no context column"):
        SklearnBackend(use_context=True).fit(bare).predict(state)


def test_what_does_not_converge_has_no_forecast():
    window, state = TrainingWindow(walk(), 89), after(walk())
    for estimator in (Lasso(alpha=1e-6, max_iter=1), MLPRegressor(max_iter=2)):
        model = SklearnBackend(estimator).fit(window)
        with pytest.raises(ForecastUnavailable, match="did not converge"):
            model.predict(state)


def test_horizons_too_far_for_the_window_are_openly_absent():
    values = walk(27)
    model = SklearnBackend().fit(TrainingWindow(values, 26))
    assert np.isfinite(model.predict(after(values), 4))
    with pytest.raises(ForecastUnavailable, match="horizon 5 wants 30 rows, got 27"):
        model.predict(after(values), 5)
    with pytest.raises(ForecastUnavailable, match="18 training rows wanted, got 17"):
        SklearnBackend().fit(TrainingWindow(values[:17], 16)).predict(after(values))


def test_a_short_history_names_lookback():
    model = SklearnBackend(lags=9).fit(TrainingWindow(walk(), 89))
    with pytest.raises(AgentError, match="set lookback to 8 or more"):
        model.predict(after(walk()))


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"lags": 0}, "lags"),
        ({"estimator": LinearRegression}, "no scikit-learn regressor"),
        ({"estimator": "ridge"}, "no scikit-learn regressor"),
    ],
)
def test_settings_are_checked(options, match):
    with pytest.raises(ConfigError, match=match):
        SklearnBackend(**options)


def test_a_shared_generator_is_refused():
    shared = RandomForestRegressor(random_state=np.random.RandomState(0))
    with pytest.raises(ConfigError, match="random_state of the estimator"):
        SklearnBackend(shared).fit(TrainingWindow(walk(), 89))


@pytest.mark.parametrize("estimator", [LinearRegression(), DecisionTreeRegressor(max_depth=3)])
@pytest.mark.parametrize("horizon", [1, 4])
def test_the_array_path_is_the_one_by_one_path(estimator, horizon):
    # A product of matrices may round otherwise than a product of rows; a tree adds nothing up.
    values, rates = walk(120), walk(120, seed=1)
    contexts = [{"rate": rate} for rate in rates.tolist()]
    train = TrainingWindow(values[:90], 89, contexts=contexts[:90])
    model = SklearnBackend(estimator, use_context=True).fit(train)
    origins = [2, *range(6, 120)]
    means, scales = model.predict_path(values, origins, horizon, contexts=contexts)
    assert np.isnan([means[0], scales[0]]).all()
    states = [after(values, t, rate=rates[t]) for t in origins[1:]]
    expected = np.array([model.predict(state, horizon) for state in states])
    np.testing.assert_allclose(means[1:], expected, rtol=1e-12, atol=1e-12)
    if isinstance(estimator, DecisionTreeRegressor):
        assert np.array_equal(means[1:], expected)
    assert set(scales[1:].tolist()) == {model.predict_scale(states[0], horizon)}
