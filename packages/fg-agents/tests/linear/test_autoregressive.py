"""Autoregressions against the one of the core, and their prior."""

import numpy as np
import pytest

from fg_agents.linear import DataPanel, LinearForecaster, Roles, ShrunkAutoregression
from fg_core import AutoRegression, ConfigError, ForecastUnavailable, TrainingWindow


@pytest.mark.parametrize("order", [1, 2, 4])
@pytest.mark.parametrize("level", [0.0, 1000.0])
def test_without_a_prior_it_is_the_one_of_the_core(states, order, level):
    values = level + np.cumsum(np.random.default_rng(order).standard_normal(70))
    window = TrainingWindow(values[:60], 59)
    ours = LinearForecaster(ShrunkAutoregression(order, None, cutoff=None), "ours").fit(window)
    theirs = AutoRegression(order).fit(window)
    whole = TrainingWindow(values, 69)
    for row in (59, 63, 69):
        state = states(whole, row)
        for horizon in (1, 2, 7):
            a, b = ours.act(state, horizon), theirs.act(state, horizon)
            assert a.delta == pytest.approx(b.delta, rel=1e-6, abs=1e-8)
            assert a.scale == pytest.approx(b.scale, rel=1e-7)
            assert ours.sensitivity(state, horizon) == pytest.approx(
                theirs.sensitivity(state, horizon), rel=1e-7
            )


def lags_of(specification, window):
    return (
        specification.fits(DataPanel.of(window), [len(window) - 1])
        .systems[0]
        .model.lags[0, :, 0, 0]
    )


def test_a_hard_prior_is_the_walk_of_what_wanders_and_the_mean_of_what_does_not():
    rng = np.random.default_rng(0)
    noise = rng.standard_normal(80)
    hard = ShrunkAutoregression(2, 1e-5, cutoff=None)
    np.testing.assert_allclose(lags_of(hard, TrainingWindow(np.cumsum(noise))), [1, 0], atol=1e-6)
    np.testing.assert_allclose(lags_of(hard, TrainingWindow(noise)), [0, 0], atol=1e-6)
    changes = ShrunkAutoregression(2, 1e-5, "first", cutoff=None)
    np.testing.assert_allclose(lags_of(changes, TrainingWindow(noise)), [1, 0, 0], atol=1e-6)


def test_a_role_settles_what_a_short_record_does_not():
    noise = TrainingWindow(np.random.default_rng(0).standard_normal(60))
    free = ShrunkAutoregression(1, 1e-5, "persistent", cutoff=None)
    told = ShrunkAutoregression(1, 1e-5, "persistent", cutoff=None, roles=Roles(own="inflation"))
    np.testing.assert_allclose(lags_of(free, noise), [0.0], atol=1e-6)
    np.testing.assert_allclose(lags_of(told, noise), [1.0, 0.0], atol=1e-6)


def test_old_rows_are_forgotten():
    rng = np.random.default_rng(0)
    old, new = rng.standard_normal((2, 200))
    for t in range(1, 200):
        old[t] += 0.9 * old[t - 1]
        new[t] -= 0.9 * new[t - 1]
    window = TrainingWindow(np.concatenate([old, new]))
    kept = lags_of(ShrunkAutoregression(1, None, cutoff=None), window)[0]
    forgot = lags_of(ShrunkAutoregression(1, None, discount=0.95, cutoff=None), window)[0]
    assert abs(kept) < 0.5
    assert forgot == pytest.approx(-0.9, abs=0.1)


def test_a_broken_row_counts_little():
    rng = np.random.default_rng(0)
    values = rng.standard_normal(200)
    for t in range(1, 200):
        values[t] += 0.6 * values[t - 1]
    broken = values.copy()
    broken[150] += 80.0
    whole = lags_of(ShrunkAutoregression(1, None, cutoff=None), TrainingWindow(values))[0]
    spoilt = lags_of(ShrunkAutoregression(1, None, cutoff=None), TrainingWindow(broken))[0]
    guarded = lags_of(ShrunkAutoregression(1, None), TrainingWindow(broken))[0]
    assert abs(spoilt - whole) > 0.3
    assert abs(guarded - whole) < 0.1


def test_a_season_is_wanted_for_seasonal_changes(states):
    window = TrainingWindow(np.arange(40.0) % 7)
    agent = LinearForecaster(ShrunkAutoregression(difference="seasonal"), "s").fit(window)
    with pytest.raises(ForecastUnavailable, match=r"'s' has no forecast: .* has no season"):
        agent.act(states(window, 39))


def test_settings_are_checked():
    for wrong in (
        {"order": 0},
        {"order": 2.0},
        {"tightness": -1.0},
        {"difference": "second"},
        {"discount": 0.0},
        {"discount": 1.1},
        {"cutoff": 0.0},
    ):
        with pytest.raises(ConfigError, match=next(iter(wrong))):
            ShrunkAutoregression(**wrong)
