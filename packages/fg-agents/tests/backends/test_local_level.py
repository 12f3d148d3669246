"""The local level model against statsmodels' `UnobservedComponents`."""

import warnings

import numpy as np
import pytest

from fg_agents import LocalLevelBackend
from fg_core import ForecastState, ForecastUnavailable, TrainingWindow

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from statsmodels.tsa.statespace.structural import UnobservedComponents


def series(seed, share, n=150):
    rng = np.random.default_rng(seed)
    level = 100.0 + np.cumsum(rng.standard_normal(n)) * share
    return level + rng.standard_normal(n) * (1.0 - share)


def after(values, t):
    return ForecastState(t, float(values[t]), 0.0, 0.0, history=tuple(values[:t].tolist()))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("share", [0.1, 0.3, 0.6])
def test_equals_unobserved_components(seed, share):
    values, n = series(seed, share), 120
    model = LocalLevelBackend().fit(TrainingWindow(values[:n], n - 1))
    fitted = model.fitted.model
    own = np.array([fitted.noise_variance, fitted.level_variance])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = UnobservedComponents(values[:n], "llevel", use_exact_diffuse=True)
        best = theirs.fit(start_params=own * 1.1, disp=False, method="bfgs", gtol=1e-9, maxiter=500)
        assert theirs.loglike(own) >= best.llf - 1e-9
        for t in (n - 1, n + 12):
            longer = UnobservedComponents(values[: t + 1], "llevel", use_exact_diffuse=True)
            longer.ssm.tolerance = 0.0  # no short cut where the filter has nearly settled
            exact = longer.filter(own).get_forecast(6)
            seen = longer.filter(best.params).get_forecast(6)
            state = after(values, t)
            for h in (1, 6):
                level, scale = state.value + model.predict(state, h), model.predict_scale(state, h)
                assert level == pytest.approx(exact.predicted_mean[h - 1], rel=1e-12)
                assert scale == pytest.approx(exact.se_mean[h - 1], rel=1e-12)
                assert level == pytest.approx(seen.predicted_mean[h - 1], rel=1e-6)
                assert scale == pytest.approx(seen.se_mean[h - 1], rel=1e-6)


def test_the_ends_a_constant_level_and_a_random_walk():
    rng = np.random.default_rng(0)
    noise = rng.standard_normal(200)
    steady = noise - np.resize([0.0, 0.5], 200)
    mean = LocalLevelBackend().fit(TrainingWindow(steady, 199))
    walk = LocalLevelBackend().fit(TrainingWindow(np.cumsum(np.cumsum(noise)), 199))
    assert mean.fitted.model.share < 1e-12
    assert walk.fitted.model.share == 1.0
    state = after(steady, 199)
    assert state.value + mean.predict(state, 3) == pytest.approx(np.mean(steady), abs=1e-9)
    assert walk.predict(state, 3) == pytest.approx(0.0, abs=1e-15)
    assert walk.sensitivity(state) == 1.0


def test_too_short():
    with pytest.raises(ForecastUnavailable, match="4 training rows wanted, got 3"):
        LocalLevelBackend().fit(TrainingWindow([1.0, 2.0, 4.0], 2)).predict(
            ForecastState(2, 4.0, 0.0, 0.0)
        )
