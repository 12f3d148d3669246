"""The theta method against statsmodels, where the definitions coincide."""

import warnings

import numpy as np
import pytest

from fg_agents import ThetaBackend
from fg_core import ConfigError, ForecastState, ForecastUnavailable, TrainingWindow

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import pandas as pd
    from statsmodels.tsa.forecasting.theta import ThetaModel


def series(n=80, seed=0, season=0.0, level=30.0):
    rng = np.random.default_rng(seed)
    figures = 1.0 + season * np.resize([1.0, -0.3, -1.2, 0.5], n)
    return (level + 0.2 * np.arange(n) + np.cumsum(rng.standard_normal(n)) * 0.5) * figures


def at_end(values):
    t = len(values) - 1
    return ForecastState(t, float(values[t]), 0.0, 0.0, history=tuple(values[:t].tolist()))


CASES = {
    "plain": (series(), 1, "none"),
    "below zero": (series(level=-5.0), 1, "none"),
    "ratios": (series(season=0.2), 4, "auto"),
    "differences": (series(season=0.2) - 40.0, 4, "auto"),
    "no season found": (50.0 + np.random.default_rng(5).standard_normal(80), 4, "auto"),
}


@pytest.mark.parametrize("case", list(CASES))
def test_equals_statsmodels(case):
    values, length, season = CASES[case]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        own = ThetaModel(pd.Series(values), period=length, deseasonalize=length > 1).fit()
        level = own.forecast(9).to_numpy()
    # The smoothing parameter that their optimiser stops at, to compare all the rest.
    alpha = float(own.params["alpha"])
    window = TrainingWindow(values, len(values) - 1, season_length=length)
    model = ThetaBackend(alpha=alpha, season=season).fit(window)
    kinds = {"ratios": "mul", "differences": "add"}
    assert model.fitted.model.season == kinds.get(case, "none")
    state = at_end(values)
    for h in range(1, 10):
        assert state.value + model.predict(state, h) == pytest.approx(level[h - 1], rel=1e-9)
    # And theirs is where ours is, or not as good.
    best = ThetaBackend(season=season).fit(window)
    assert _squares(best, values) <= _squares(model, values) * (1.0 + 1e-12)
    assert best.fitted.model.alpha == pytest.approx(alpha, abs=2e-3)


def _squares(model, values):
    track = model.fitted.model.adjust(values / model.fitted.model.unit)
    level, total = track[0], 0.0
    for value in track:
        total += (value - level) ** 2
        level += model.fitted.model.alpha * (value - level)
    return total


@pytest.mark.parametrize("case", list(CASES))
def test_the_scale_is_the_size_of_the_errors_it_made(case):
    values, length, season = CASES[case]
    window = TrainingWindow(values, len(values) - 1, season_length=length)
    model = ThetaBackend(season=season).fit(window)
    origins = range(len(values) - 1)
    changes, scales = model.predict_path(values, origins)
    standardised = (np.diff(values) - changes) / scales
    assert np.sqrt(np.mean(standardised**2)) == pytest.approx(1.0, rel=1e-9)
    far = model.predict_path(values, [40], 5)[1][0] / model.predict_path(values, [44], 1)[1][0]
    assert far == pytest.approx(np.sqrt(1.0 + 4.0 * model.fitted.model.alpha**2), rel=1e-12)


def test_new_values_move_the_level_and_not_the_slope():
    values = series()
    model = ThetaBackend(alpha=0.3).fit(TrainingWindow(values[:60], 59))
    level, slope = values[0], np.polyfit(np.arange(60), values[:60], 1)[0]
    for value in values:
        level += 0.3 * (value - level)
    state = at_end(values)
    rest = (1.0 - 0.7 ** len(values)) / 0.3
    for h in (1, 6):
        expected = level + 0.5 * slope * (h - 1 + rest)
        assert state.value + model.predict(state, h) == pytest.approx(expected, rel=1e-12)


def test_without_drift_it_is_exponential_smoothing():
    values = series()
    model = ThetaBackend(1.0, alpha=1.0).fit(TrainingWindow(values, len(values) - 1))
    assert model.predict(at_end(values), 5) == pytest.approx(0.0, abs=1e-12)


def test_two_seasons_are_needed_for_one():
    values = series(7)
    window = TrainingWindow(values, 6, season_length=4)
    assert ThetaBackend().fit(window).fitted.model.season == "none"
    with pytest.raises(ForecastUnavailable, match="two seasons of 4 training rows wanted, got 7"):
        ThetaBackend(season="add").fit(window).predict(at_end(values))
    values = series() - 40.0
    window = TrainingWindow(values, len(values) - 1, season_length=4)
    with pytest.raises(ForecastUnavailable, match="above 0"):
        ThetaBackend(season="mul").fit(window).predict(at_end(values))
    with pytest.raises(ForecastUnavailable, match="4 training rows wanted, got 3"):
        ThetaBackend().fit(TrainingWindow([1.0, 2.0, 4.0], 2)).predict(at_end(series(3)))


@pytest.mark.parametrize("options", [{"theta": 0.5}, {"alpha": 0.0}, {"season": "yes"}])
def test_settings_are_checked(options):
    with pytest.raises(ConfigError, match="ThetaBackend"):
        ThetaBackend(**options)
