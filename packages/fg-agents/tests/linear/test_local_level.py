"""The local level with a fixed gain against its own recursion."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_agents.linear import DataPanel, LinearForecaster, LocalLevel, Roles
from fg_core import ConfigError, ForecastUnavailable, RandomWalk, TrainingWindow


@given(st.lists(st.floats(-100, 100), min_size=5, max_size=40), st.floats(0.05, 1.0))
def test_level_and_variance_follow_the_recursion(values, gain):
    level, errors = values[0], []
    for value in values[1:]:
        errors.append(value - level)
        level += gain * errors[-1]
    panel = DataPanel.of(TrainingWindow(values, len(values) - 1))
    specification = LocalLevel(gain, cutoff=None)
    fit = specification.fits(panel, [len(values) - 1]).systems[0]
    row = specification.regressors(panel, fit.system)[-1]
    forms = fit.model.at(0).forms(0, 6)
    means = forms.offsets + forms.weights[:, 0] @ row
    np.testing.assert_allclose(means, level, rtol=1e-9, atol=1e-9)
    variance = np.mean(np.square(errors))
    expected = [variance * (1.0 + (h - 1) * gain**2) for h in range(1, 7)]
    np.testing.assert_allclose(forms.variances, expected, rtol=1e-9, atol=1e-12)


def test_a_gain_of_one_is_the_random_walk(states):
    values = np.cumsum(np.random.default_rng(0).standard_normal(60))
    window = TrainingWindow(values, 59)
    ours = LinearForecaster(LocalLevel(1.0, cutoff=None), "walk").fit(window)
    for horizon in (1, 4):
        action = ours.act(states(window, 59), horizon)
        assert action.delta == 0.0
        assert action.scale == pytest.approx(np.sqrt(horizon * np.mean(np.diff(values) ** 2)))
        assert ours.sensitivity(states(window, 59), horizon) == 1.0
    assert RandomWalk().fit(window).act(states(window, 59)).scale == pytest.approx(
        ours.act(states(window, 59)).scale, rel=0.02
    )


def test_many_origins_are_fits_one_by_one():
    values = np.random.default_rng(1).standard_normal(50)
    specification = LocalLevel(0.3, discount=0.9, cutoff=2.0)
    together = specification.fits(DataPanel.of(TrainingWindow(values)), [9, 10, 30, 49]).systems[0]
    for at, end in enumerate([9, 10, 30, 49]):
        panel = DataPanel.of(TrainingWindow(values[: end + 1]))
        alone = specification.fits(panel, [end]).systems[0]
        np.testing.assert_allclose(
            together.model.covariance[at], alone.model.covariance[0], rtol=1e-12
        )


def test_for_a_role_only(macro, states):
    right = LinearForecaster(LocalLevel(0.4, "unemployment"), "right").fit(macro)
    assert right.act(states(macro, 119)).scale > 0.0
    wrong = LinearForecaster(LocalLevel(0.4, "inflation"), "wrong").fit(macro)
    with pytest.raises(ForecastUnavailable, match="about inflation, and the series is not that"):
        wrong.act(states(macro, 119))
    told = LocalLevel(0.4, "inflation", roles=Roles(own="inflation"))
    assert LinearForecaster(told, "told").fit(macro).act(states(macro, 119)).scale > 0.0


def test_settings_are_checked():
    for wrong in ({"gain": 0.0}, {"gain": 1.5}, {"discount": 0.0}, {"cutoff": -1.0}):
        with pytest.raises(ConfigError, match=next(iter(wrong))):
            LocalLevel(**{"gain": 0.5, **wrong})
    assert LinearForecaster(LocalLevel(0.5), "l").fit(TrainingWindow([1.0, 2.0, 3.0])).reason == (
        "4 rows wanted, 3 there"
    )
