"""Exponential smoothing against statsmodels itself."""

import warnings

import numpy as np
import pytest

from fg_agents import ETSBackend
from fg_core import ConfigError, ForecastState, ForecastUnavailable, TrainingWindow

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import pandas as pd
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

N = 96


def series(seed=0, n=N + 8):
    rng = np.random.default_rng(seed)
    level = 40.0 + np.cumsum(0.2 + rng.standard_normal(n) * 0.5)
    return level * (1.0 + 0.1 * np.resize([1.0, -0.3, -1.2, 0.5], n)) + rng.standard_normal(n) * 0.3


def after(values, t):
    return ForecastState(t, float(values[t]), 0.0, 0.0, history=tuple(values[:t].tolist()))


def theirs(values, backend, reduction):
    """statsmodels' own model of the reduced series, not fitted."""
    options = {
        "error": backend.error,
        "trend": None if backend.trend == "none" else "add",
        "damped_trend": bool(backend.damped),
        "seasonal": None if backend.season == "none" else backend.season,
        "seasonal_periods": None if backend.season == "none" else 4,
    }
    return ETSModel(pd.Series(reduction.reduce(values)), **options)


SHAPES = [
    (trend, damped, season)
    for season in ("none", "add")
    for trend, damped in (("none", None), ("add", False), ("add", True))
]


@pytest.mark.parametrize(("trend", "damped", "season"), SHAPES)
def test_additive_models_equal_statsmodels_at_the_fit_and_after(trend, damped, season):
    values = series()
    backend = ETSBackend(trend=trend, damped=damped, season=season)
    model = backend.fit(TrainingWindow(values[:N], N - 1, season_length=4))
    reduction = model.fitted.model.reduction
    unit, center = reduction.unit, reduction.center
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        own = theirs(values[:N], backend, reduction).fit(disp=False)
        for t in (N - 1, N + 5):
            longer = theirs(values[: t + 1], backend, reduction).smooth(own.params)
            level = center + unit * longer.forecast(9).to_numpy()
            whole = own.get_prediction(start=N, end=N + 8).var_pred_mean
            scale = unit * np.sqrt(np.asarray(whole))
            state = after(values, t)
            for h in range(1, 10):
                assert state.value + model.predict(state, h) == pytest.approx(
                    level[h - 1], rel=1e-9
                )
                assert model.predict_scale(state, h) == pytest.approx(scale[h - 1], rel=1e-9)


@pytest.mark.parametrize(
    ("trend", "damped", "season"),
    [("none", None, "none"), ("add", True, "none"), ("add", False, "add"), ("add", False, "mul")],
)
def test_multiplicative_models_equal_statsmodels_and_simulation(trend, damped, season):
    values = series(1)
    backend = ETSBackend("mul", trend, damped, season)
    model = backend.fit(TrainingWindow(values[:N], N - 1, season_length=4))
    reduction = model.fitted.model.reduction
    assert reduction.center == 0.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        own = theirs(values[:N], backend, reduction).fit(disp=False)
        longer = theirs(values, backend, reduction).smooth(own.params)
        level = reduction.unit * longer.forecast(7).to_numpy()
        shocks = np.random.default_rng(0).standard_normal((7, 20_000)) * np.sqrt(own.scale)
        runs = own.simulate(7, anchor="end", repetitions=20_000, random_errors=shocks)
    state, origin = after(values, len(values) - 1), after(values, N - 1)
    simulated = reduction.unit * runs.to_numpy().std(axis=1)
    for h in range(1, 8):
        assert state.value + model.predict(state, h) == pytest.approx(level[h - 1], rel=1e-9)
        assert model.predict_scale(origin, h) == pytest.approx(simulated[h - 1], rel=0.03)


def test_slopes_of_multiplicative_seasons():
    values = series(1)
    model = ETSBackend("mul", "add", False, "mul").fit(
        TrainingWindow(values[:N], N - 1, season_length=4)
    )
    state = after(values, N + 2)
    for h in (1, 3, 4, 9):
        up, down = (
            value + model.predict(ForecastState(N + 2, value, 0.0, 0.0, history=state.history), h)
            for value in (state.value + 1e-3, state.value - 1e-3)
        )
        assert model.sensitivity(state, h) == pytest.approx((up - down) / 2e-3, rel=1e-5)


def test_the_choice_has_the_lowest_aicc():
    for values in (series(2), np.cumsum(np.random.default_rng(3).standard_normal(N))):
        window = TrainingWindow(values[:N], N - 1, season_length=4)
        best = ETSBackend().fit(window).fitted.model
        scores = {}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for trend, damped, season in SHAPES:
                backend = ETSBackend(trend=trend, damped=damped, season=season)
                model = backend.fit(window).fitted.model
                fit = theirs(values[:N], backend, model.reduction).fit(disp=False)
                scores[model.shape.label] = fit.aicc
        assert min(scores, key=scores.get) == best.shape.label


def test_seasonal_and_plain_series_are_told_apart():
    window = TrainingWindow(series(2)[:N], N - 1, season_length=4)
    assert ETSBackend().fit(window).fitted.model.shape.season == "add"
    walk = np.cumsum(np.random.default_rng(3).standard_normal(N))
    assert ETSBackend().fit(TrainingWindow(walk, season_length=4)).fitted.model.shape.season is None


def test_starved_of_iterations_it_says_so():
    values = series()[:N]
    model = ETSBackend(maxiter=1).fit(TrainingWindow(values, N - 1))
    with pytest.raises(ForecastUnavailable, match=r"ETS\(A,A,N\): did not converge within 1 iter"):
        model.predict(after(values, N - 1))


def test_multiplicative_models_have_no_forecast_at_or_below_zero():
    values = series()[:N]
    with pytest.raises(ForecastUnavailable, match="above 0"):
        ETSBackend("mul").fit(TrainingWindow(values - 50.0, N - 1)).predict(after(values, N - 1))
    model = ETSBackend("mul", "none", season="none").fit(TrainingWindow(values, N - 1))
    alpha = model.fitted.model.alpha
    low = ForecastState(N, -1e3 / alpha, 0.0, 0.0)
    with pytest.raises(ForecastUnavailable, match="no scale"):
        model.predict_scale(low)


def test_too_short_and_no_season():
    values = np.array([1.0, 3.0, 2.0, 5.0, 4.0])
    with pytest.raises(ForecastUnavailable, match="6 training rows wanted, got 5"):
        ETSBackend(trend="none").fit(TrainingWindow(values, 4)).predict(after(values, 4))
    values = series()[:N]
    with pytest.raises(ForecastUnavailable, match="season length of 1"):
        ETSBackend(season="add").fit(TrainingWindow(values, N - 1)).predict(after(values, N - 1))


@pytest.mark.parametrize(
    "options",
    [
        {"error": "auto"},
        {"trend": "mul"},
        {"season": "yes"},
        {"season": "mul"},
        {"trend": "none", "damped": True},
        {"maxiter": 0},
    ],
)
def test_settings_are_checked(options):
    with pytest.raises(ConfigError, match="ETSBackend"):
        ETSBackend(**options)
