"""What holds for every model backend, whatever the numbers."""

import math
import pickle
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LinearRegression

from fg_agents import (
    ARIMABackend,
    ETSBackend,
    ModelForecaster,
    SklearnBackend,
    ThetaBackend,
    XGBoostBackend,
)
from fg_agents.backends._filtered import FilteredBackend
from fg_core import (
    AgentError,
    ConfigError,
    DataError,
    ForecastState,
    ForecastUnavailable,
    Registry,
    TrainingWindow,
)
from fg_core.testing import check_forecaster, check_model_backend, plugin_names

PLUGINS = Registry("fg_core.backends")
BACKEND_NAMES = plugin_names("fg_core.backends", "fg-agents")
BACKENDS = {
    **{name: PLUGINS.load(name)() for name in BACKEND_NAMES},
    "arima_given": ARIMABackend((1, 1, 1)),
    "arima_seasonal": ARIMABackend((1, 0, 0), (0, 1, 1, 4)),
    "ets_given": ETSBackend(trend="add", damped=False, season="none"),
    "theta_seasonal": ThetaBackend(season="add"),
    "least_squares": SklearnBackend(LinearRegression(), lags=3),
    "xgboost_quantile": XGBoostBackend(scale="quantile", subsample=0.8),
}
FILTERED = [kind for kind, backend in BACKENDS.items() if isinstance(backend, FilteredBackend)]
each = pytest.mark.parametrize("kind", list(BACKENDS))
# What takes seconds to fit, for the tests that fit often.
SLOW = ("arima", "xgboost_quantile")
OTHERS = ("arima_seasonal", "ets_given", "theta_seasonal", "least_squares")
each_with_slow = pytest.mark.parametrize(
    "kind",
    [pytest.param(kind, marks=pytest.mark.slow) if kind in SLOW else kind for kind in BACKENDS],
)
each_filtered = pytest.mark.parametrize("kind", FILTERED)
horizons = st.integers(1, 12)


def path(seed=0, n=64):
    """A quarterly series with level, noise and season, at times below 0."""
    rng = np.random.default_rng(seed)
    level = np.cumsum(rng.standard_normal(n)) * 0.5 + rng.standard_normal(n)
    return level + np.resize([1.5, -0.5, -1.5, 0.5], n)


def window(values, end_t=None):
    return TrainingWindow(
        np.array(values), len(values) - 1 if end_t is None else end_t, season_length=4
    )


def state_after(values, later, end_t=None, lookback=8):
    """The state after `later` has been added to training values that end in `end_t`."""
    seen = [*values, *later]
    t = (len(values) - 1 if end_t is None else end_t) + len(later)
    history = seen[max(0, len(seen) - 1 - max(lookback, len(later))) : -1]
    return ForecastState(t, float(seen[-1]), 0.0, 0.0, history=tuple(map(float, history)))


FITTED = {}


def fitted(kind):
    if kind not in FITTED:
        FITTED[kind] = BACKENDS[kind].fit(window(path()))
    return FITTED[kind]


@pytest.mark.parametrize(
    "kind",
    [  # other settings of the same backends conform among the slow
        pytest.param(kind, marks=pytest.mark.slow if kind in SLOW or kind in OTHERS else ())
        for kind in BACKENDS
    ],
)
def test_conforms(kind):
    check_model_backend(BACKENDS[kind])
    check_forecaster(ModelForecaster(BACKENDS[kind], kind))


@pytest.mark.slow
def test_conforms_on_data_without_season():
    for backend in BACKENDS.values():
        if getattr(backend, "season", None) != "add":
            check_model_backend(backend, window=TrainingWindow(path(1, 40), 39))


@pytest.mark.parametrize("name", BACKEND_NAMES)
def test_is_plugged_in(name):
    model = PLUGINS.load(name)().fit(window(path()))
    assert math.isfinite(model.predict(state_after(path(), [1.0])))


@each
def test_is_a_value(kind):
    assert pickle.loads(pickle.dumps(BACKENDS[kind])) == BACKENDS[kind] or "least" in kind
    model = pickle.loads(pickle.dumps(fitted(kind)))
    state = state_after(path(), [1.0, 2.0])
    assert model.predict(state, 3) == fitted(kind).predict(state, 3)
    assert isinstance(hash(fitted(kind)), int)
    with pytest.raises(AttributeError):
        model.fitted = None


@each
@settings(max_examples=3 * settings.default.max_examples, deadline=None)
@given(later=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=12), horizon=horizons)
def test_finite_from_any_state(kind, later, horizon):
    model, state = fitted(kind), state_after(path(), later)
    assert math.isfinite(model.predict(state, horizon))
    assert 0.0 < model.predict_scale(state, horizon) < math.inf


@cache
def fitted_on(kind, seed):
    return BACKENDS[kind].fit(window(path(seed)))


@each_with_slow
@settings(max_examples=max(4, settings.default.max_examples // 8), deadline=None)
@given(k=st.integers(-20, 20), seed=st.integers(0, 2), horizon=horizons)
def test_a_power_of_two_scales_every_bit(kind, k, seed, horizon):
    # Also where an optimiser is at work: it gets to see the very same numbers.
    values, later, factor = path(seed), path(seed + 9, 3), 2.0**k
    plain = fitted_on(kind, seed)
    scaled = BACKENDS[kind].fit(window(values * factor))
    state, large = state_after(values, later), state_after(values * factor, later * factor)
    assert scaled.predict(large, horizon) == plain.predict(state, horizon) * factor
    assert scaled.predict_scale(large, horizon) == plain.predict_scale(state, horizon) * factor


@each
def test_shifting_dates_changes_nothing(kind):
    values, later = path(3), [0.5, -0.25, 1.0]
    model = BACKENDS[kind].fit(window(values))
    shifted = BACKENDS[kind].fit(window(values, end_t=5_000))
    for horizon in (1, 5):
        here = state_after(values, later)
        there = state_after(values, later, end_t=5_000)
        assert there.t != here.t
        assert shifted.predict(there, horizon) == model.predict(here, horizon)
        assert shifted.predict_scale(there, horizon) == model.predict_scale(here, horizon)


@each
def test_lookback_beyond_the_need_changes_nothing(kind):
    values, later = path(4), [0.5, -0.25, 1.0, 2.0]
    model = BACKENDS[kind].fit(window(values))
    answers = {
        (model.predict(state, 2), model.predict_scale(state, 2))
        for lookback in (4, 10, 63, 66)
        for state in [state_after(values, later, lookback=lookback)]
    }
    assert len(answers) == 1
    # A rolling window may begin after the history does.
    rolling = BACKENDS[kind].fit(window(values).last(48))
    short, long = (state_after(values, later, lookback=n) for n in (4, 66))
    assert rolling.predict(long, 2) == rolling.predict(short, 2)


@each
@settings(max_examples=settings.default.max_examples // 3, deadline=None)
@given(
    values=st.lists(
        st.one_of(st.integers(-3, 3).map(float), st.floats(-1e3, 1e3)), min_size=1, max_size=30
    ),
    length=st.sampled_from([1, 4, 12]),
    horizon=horizons,
)
def test_short_and_odd_series_are_forecast_or_openly_not(kind, values, length, horizon):
    model = BACKENDS[kind].fit(TrainingWindow(np.array(values), 99, season_length=length))
    state = ForecastState(100, 1.0, 0.0, 0.0, history=tuple(values[-4:]) + (values[-1],) * 4)
    try:
        assert math.isfinite(model.predict(state, horizon))
        assert 0.0 < model.predict_scale(state, horizon) < math.inf
    except ForecastUnavailable:
        return


@each
def test_a_constant_series(kind):
    model = BACKENDS[kind].fit(window([2.5] * 40))
    state = state_after([2.5] * 40, [2.5])
    if kind == "passthrough":
        assert model.predict(state) == 0.0
        assert 0.0 < model.predict_scale(state) < 1e-12
        return
    with pytest.raises(ForecastUnavailable, match="constant"):
        model.predict(state)


@each
def test_errors_say_what_is_wrong(kind):
    state = state_after(path(), [1.0])
    with pytest.raises(AgentError, match="not fitted"):
        BACKENDS[kind].predict(state)
    with pytest.raises(ConfigError, match="horizon 0"):
        fitted(kind).predict_scale(state, 0)
    with pytest.raises(AgentError, match=f"cannot use .* at or before period {state.t}"):
        fitted(kind).predict(replace(state, value=math.nan))


@each_filtered
def test_a_history_that_does_not_reach_the_fit_names_lookback(kind):
    state = replace(state_after(path(), [1.0] * 9), history=(1.0,) * 7)
    with pytest.raises(AgentError, match="set lookback to 8 or more"):
        fitted(kind).predict(state)
    assert math.isfinite(fitted(kind).predict(replace(state, history=(1.0,) * 8)))
    with pytest.raises(AgentError, match="fit it on earlier data"):
        fitted(kind).predict(replace(state, t=-1))


@each_filtered
def test_the_array_path_is_the_one_by_one_path_bit_by_bit(kind):
    values = np.concatenate([path(), path(7, 30)])
    origins = range(len(path()) - 1, len(values))
    for horizon in (1, 4, 9):
        means, scales = fitted(kind).predict_path(values, origins, horizon)
        for i, origin in enumerate(origins):
            state = state_after(path(), values[len(path()) : origin + 1].tolist())
            assert means[i] == fitted(kind).predict(state, horizon)
            assert scales[i] == fitted(kind).predict_scale(state, horizon)


@each_filtered
def test_the_array_path_refuses_what_it_cannot_use(kind):
    with pytest.raises(DataError, match="finite"):
        fitted(kind).predict_path([1.0, math.nan], [0])
    with pytest.raises(DataError, match="origins"):
        fitted(kind).predict_path([1.0, 2.0], [2])
    with pytest.raises(AgentError, match="not fitted"):
        BACKENDS[kind].predict_path([1.0, 2.0], [0])


@each_filtered
@settings(max_examples=10, deadline=None)
@given(later=st.lists(st.floats(-9.0, 9.0), min_size=1, max_size=5), horizon=horizons)
def test_sensitivity_is_the_slope_of_the_level(kind, later, horizon):
    model, state = fitted(kind), state_after(path(), later)
    up, down = (
        side + model.predict(replace(state, value=state.value + side), horizon)
        for side in (0.5, -0.5)
    )
    assert model.sensitivity(state, horizon) == pytest.approx(up - down, rel=1e-8, abs=1e-8)


@each
def test_later_values_change_no_earlier_fit(kind):
    values, later = path(5), path(6, 10)
    whole = window(np.concatenate([values, later]))
    then, hindsight = BACKENDS[kind].fit(window(values)), BACKENDS[kind].fit(whole)
    state = state_after(values, [1.0])
    assert hindsight.fit(whole.last(None, gap=10)).predict(state) == then.predict(state)
