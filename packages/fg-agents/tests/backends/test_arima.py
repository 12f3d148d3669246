"""ARIMA against statsmodels itself, and what happens where it does not converge."""

import warnings

import numpy as np
import pytest

from fg_agents import ARIMABackend
from fg_core import ConfigError, ForecastState, ForecastUnavailable, TrainingWindow

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from statsmodels.datasets import macrodata
    from statsmodels.tsa.arima.model import ARIMA
    from statsmodels.tsa.statespace.sarimax import SARIMAX


@pytest.fixture(scope="module")
def macro():
    data = macrodata.load_pandas().data
    return {
        "unemp": data.unemp.to_numpy(),
        "infl": data.infl.to_numpy()[1:],
        "gdp": data.realgdp.to_numpy(),
    }


def after(values, n, t):
    """The state of row t for a fit on the first n rows."""
    return ForecastState(t, float(values[t]), 0.0, 0.0, history=tuple(values[n - 2 : t].tolist()))


def seasonal_path(n=120, length=4, seed=0):
    rng = np.random.default_rng(seed)
    figures = np.resize(rng.standard_normal(length) * 4.0, n)
    return 20.0 + 0.1 * np.arange(n) + figures + rng.standard_normal(n)


SPECIFICATIONS = [
    ((2, 0, 1), (0, 0, 0, 0), None),
    ((1, 1, 1), (0, 0, 0, 0), None),
    ((1, 1, 0), (0, 0, 0, 0), "c"),
    ((0, 2, 2), (0, 0, 0, 0), None),
    ((1, 0, 0), (0, 1, 1, 4), "c"),
]


@pytest.mark.parametrize(("order", "seasonal", "trend"), SPECIFICATIONS)
@pytest.mark.parametrize("name", ["unemp", "infl"])
def test_equals_statsmodels_at_the_fit_and_after(macro, name, order, seasonal, trend):
    values, n = macro[name], 120
    model = ARIMABackend(order, seasonal, trend).fit(TrainingWindow(values[:n], n - 1))
    found = model.fitted.model
    unit, center = found.reduction.unit, found.reduction.center
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for t in (n - 1, n, n + 7):
            # Not by `apply`, which forgets the exact start and takes their approximate one.
            theirs = SARIMAX(
                (values[: t + 1] - center) / unit,
                order=order,
                seasonal_order=seasonal,
                trend=found.orders.trend,
                use_exact_diffuse=True,
            ).filter(np.array(found.parameters))
            forecast = theirs.get_forecast(8)
            level, scale = center + unit * forecast.predicted_mean, unit * forecast.se_mean
            state = after(values, n, t)
            for h in range(1, 9):
                assert values[t] + model.predict(state, h) == pytest.approx(level[h - 1], rel=1e-10)
                assert model.predict_scale(state, h) == pytest.approx(scale[h - 1], rel=1e-10)


@pytest.mark.parametrize(("order", "seasonal", "trend"), SPECIFICATIONS)
def test_following_new_values_is_apply_without_refit(macro, order, seasonal, trend):
    values, n = macro["infl"], 120
    model = ARIMABackend(order, seasonal, trend).fit(TrainingWindow(values[:n], n - 1))
    found = model.fitted.model
    options = {"order": order, "seasonal_order": seasonal, "trend": found.orders.trend}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        start = SARIMAX(found.reduction.reduce(values[:n]), **options)
        theirs = start.filter(np.array(found.parameters))
        longer = theirs.apply(found.reduction.reduce(values[: n + 12]), refit=False)
        forecast = longer.get_forecast(6)
    state = after(values, n, n + 11)
    level = found.reduction.center + found.reduction.unit * forecast.predicted_mean
    for h in (1, 6):
        assert state.value + model.predict(state, h) == pytest.approx(level[h - 1], abs=1e-4)
        scale = found.reduction.unit * forecast.se_mean[h - 1]
        assert model.predict_scale(state, h) == pytest.approx(scale, rel=1e-4)


@pytest.mark.parametrize(("order", "seasonal", "trend"), SPECIFICATIONS)
def test_parameters_are_those_of_maximum_likelihood(macro, order, seasonal, trend):
    values = macro["infl"][:120]
    model = ARIMABackend(order, seasonal, trend).fit(TrainingWindow(values, 119)).fitted.model
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = SARIMAX(
            model.reduction.reduce(values),
            order=order,
            seasonal_order=seasonal,
            trend=model.orders.trend,
            use_exact_diffuse=True,
        )
        best = theirs.fit(disp=False, maxiter=500, cov_type="none").llf
    assert theirs.loglike(np.array(model.parameters)) == pytest.approx(best, abs=1e-3)


@pytest.mark.parametrize("order", [(2, 0, 2), (1, 1, 1), (2, 1, 0)])
def test_is_what_a_user_gets_from_statsmodels_with_its_defaults(macro, order):
    # Their filter starts approximately, and their optimiser sees another unit.
    for name in ("unemp", "infl"):
        values = macro[name]
        model = ARIMABackend(order).fit(TrainingWindow(values, len(values) - 1))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            theirs = ARIMA(values, order=order).fit().get_forecast(4)
        state = after(values, len(values), len(values) - 1)
        for h in (1, 4):
            off = state.value + model.predict(state, h) - theirs.predicted_mean[h - 1]
            assert abs(off) < 0.01 * theirs.se_mean[h - 1]
            assert model.predict_scale(state, h) == pytest.approx(theirs.se_mean[h - 1], rel=0.01)


@pytest.mark.slow
def test_chooses_sensible_orders(macro):
    noise = np.random.default_rng(3).standard_normal(400)

    def chosen(values, length=1):
        window = TrainingWindow(values, len(values) - 1, season_length=length)
        return ARIMABackend().fit(window).fitted.model.orders

    assert chosen(noise).order == (0, 0, 0)
    assert chosen(np.cumsum(noise)).order == (0, 1, 0)
    assert chosen(np.cumsum(noise)).trend == "n"
    assert chosen(np.cumsum(noise + 0.5)).trend == "c"
    assert chosen(np.cumsum(np.cumsum(noise))).order[1] == 2
    autoregression = [0.0]
    for shock in noise:
        autoregression.append(0.8 * autoregression[-1] + shock)
    assert chosen(np.array(autoregression)).order[:2] == (1, 0)
    assert chosen(noise[1:] + 0.9 * noise[:-1]).order == (0, 0, 1)
    assert chosen(macro["gdp"]).order[1] >= 1
    seasonal = chosen(seasonal_path(), 4)
    assert seasonal.seasonal[1] == 1
    assert seasonal.seasonal[3] == 4
    assert chosen(seasonal_path(), 1).seasonal == (0, 0, 0, 0)


def test_the_chosen_order_has_the_lowest_aicc_of_the_shortlist(macro):
    values = macro["infl"][:120]
    window = TrainingWindow(values, 119)
    backend = ARIMABackend()
    best = backend.fit(window).fitted.model
    reduced = best.reduction.reduce(values)
    candidates = backend._candidates(reduced, 1)
    assert len(candidates) == 3
    assert best.orders in candidates
    scores = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for one in candidates:
            theirs = SARIMAX(reduced, order=one.order, trend=one.trend, simple_differencing=True)
            scores[one] = theirs.fit(disp=False, maxiter=100).aicc
    assert min(scores, key=scores.get) == best.orders


def test_a_monthly_season_is_forecast():
    values = seasonal_path(132, 12)
    window = TrainingWindow(values[:120], 119, season_length=12)
    model = ARIMABackend().fit(window)
    assert model.fitted.model.orders.seasonal[1:] in {(1, 0, 12), (1, 1, 12)}
    state = after(values, 120, 119)
    errors = [state.value + model.predict(state, h) - values[119 + h] for h in range(1, 13)]
    assert np.sqrt(np.mean(np.square(errors))) < 2.0


def test_starved_of_iterations_it_says_so():
    values = np.cumsum(np.random.default_rng(0).standard_normal(80))
    model = ARIMABackend((2, 1, 2), maxiter=1).fit(TrainingWindow(values, 79))
    state = after(values, 80, 79)
    for ask in (model.predict, model.predict_scale, model.sensitivity):
        with pytest.raises(ForecastUnavailable, match=r"\(2,1,2\): did not converge within 1 iter"):
            ask(state)
    with pytest.raises(ForecastUnavailable, match="did not converge"):
        model.predict_path(values, [79])


@pytest.mark.slow
def test_series_that_do_not_converge_of_themselves():
    # Noise has no use for three AR and MA terms; which series fail depends on the last bits.
    reasons = []
    for seed in (1, 14, 15, 18, 21, 22):
        values = np.random.default_rng(seed).standard_normal(20)
        model = ARIMABackend((3, 0, 3)).fit(TrainingWindow(values, 19))
        try:
            assert np.isfinite(model.predict(after(values, 20, 19)))
        except ForecastUnavailable as error:
            reasons.append(str(error))
    assert reasons
    assert all("did not converge within 100 iterations" in reason for reason in reasons)


def test_a_line_is_forecast_or_openly_not():
    # The likelihood of a perfect fit has no maximum; the optimiser may stop before it notices.
    line = np.arange(40.0)
    for backend in (ARIMABackend(), ARIMABackend((0, 1, 0), trend="c")):
        model, state = backend.fit(TrainingWindow(line, 39)), after(line, 40, 39)
        try:
            assert model.predict(state, 3) == pytest.approx(3.0, abs=1e-3)
            assert 0.0 < model.predict_scale(state, 3) < 1e-3
        except ForecastUnavailable:
            continue


def test_too_short():
    values = np.array([1.0, 3.0, 2.0, 5.0])
    model = ARIMABackend((2, 1, 2)).fit(TrainingWindow(values, 3))
    with pytest.raises(ForecastUnavailable, match="8 training rows wanted, got 4"):
        model.predict(after(values, 4, 3))
    with pytest.raises(ForecastUnavailable, match="4 training rows are too few to choose an order"):
        ARIMABackend().fit(TrainingWindow(values, 3)).predict(after(values, 4, 3))


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"order": (1, -1, 0)}, "order"),
        ({"order": (1, 0)}, "3 whole numbers"),
        ({"order": (1.5, 0, 0)}, "whole numbers"),
        ({"seasonal_order": (1, 0, 0, 1)}, "2 or more"),
        ({"trend": "ct"}, "trend"),
        ({"max_lags": -1}, "max_lags"),
        ({"shortlist": 0}, "shortlist"),
        ({"maxiter": 0}, "maxiter"),
    ],
)
def test_settings_are_checked(options, match):
    with pytest.raises(ConfigError, match=match):
        ARIMABackend(**options)
