"""What a doubt about the print adds to the uncertainty of the forecasts that replace it."""

from dataclasses import dataclass

import numpy as np
import pytest

from fg_core import (
    AgentAction,
    AgentRegistry,
    ForecastGame,
    ForecastState,
    PoolAggregator,
    SimulationConfig,
)
from fg_core.mixture import mixture_moments
from fg_core.testing import PlainAggregator

START = ForecastState(0, 10.0, 0.0, 0.0)
P_BAD, DELTA, DOUBT = 0.3, -0.5, 1.75


@dataclass(frozen=True)
class Sensitive:
    """Its forecast of the level moves by `slope` with the last value, and it says so."""

    name: str
    slope: float
    scale: float

    def act(self, state, horizon=1):
        return AgentAction(self.name, (self.slope - 1.0) * state.value, scale=self.scale)

    def sensitivity(self, state, horizon=1):
        return self.slope


@dataclass(frozen=True)
class Unaware:
    """The same, but it does not say so: the game takes a finite difference."""

    name: str
    slope: float
    scale: float

    def act(self, state, horizon=1):
        return AgentAction(self.name, (self.slope - 1.0) * state.value, scale=self.scale)


FORECASTERS = (
    Sensitive("walk", 1.0, 0.5),
    Sensitive("contrary", -0.4, 0.8),
    Sensitive("deaf", 0.0, 0.6),
    Unaware("unaware", 0.75, 0.7),
)
SLOPES = np.array([one.slope for one in FORECASTERS])
SCALES = np.array([one.scale for one in FORECASTERS])


@dataclass(frozen=True)
class Doubter:
    """Doubts every print alike."""

    scale: float
    p_bad: float = P_BAD
    name: str = "doubter"

    def act(self, state, predictive):
        return AgentAction(self.name, DELTA, scale=self.scale, p_bad=self.p_bad)


def game(doubt_scale, aggregator=None, p_bad=P_BAD, horizons=(1, 3)):
    config = SimulationConfig(horizon=5, horizons=horizons, enable_refactor=False)
    registry = AgentRegistry(
        FORECASTERS, (), (Doubter(doubt_scale, p_bad),), aggregator or PlainAggregator()
    )
    return ForecastGame(config, registry=registry)


def issued(doubt_scale, *args):
    out = game(doubt_scale, *args).run(START)
    return [one for step in out.steps for one in step.issued]


def test_every_forecast_that_replaces_the_print_is_wider_by_its_sensitivity_times_the_doubt():
    found = issued(DOUBT)
    assert len(found) == 10
    names = [one.name for one in FORECASTERS]
    for one in found:
        parts = one.forecast.components
        assert list(parts.labels) == [*names, *(f"{name}|replaced" for name in names)]
        used, replaced = parts.scales[:4], parts.scales[4:]
        np.testing.assert_array_equal(used, SCALES)
        np.testing.assert_allclose(replaced**2, SCALES**2 + (SLOPES * DOUBT) ** 2, rtol=1e-9)
        # To the last bit where the forecaster states its sensitivity.
        np.testing.assert_array_equal(replaced[:3], np.hypot(SCALES, np.abs(SLOPES) * DOUBT)[:3])


def test_the_variance_of_the_forecast_is_that_of_both_branches():
    for one in issued(DOUBT):
        # What the forecasters say of the print, and of the print moved by the doubt.
        means = np.concatenate([SLOPES * one.base, SLOPES * (one.base + DELTA)])
        scales = np.concatenate([SCALES, np.sqrt(SCALES**2 + (SLOPES * DOUBT) ** 2)])
        weights = np.repeat([1.0 - P_BAD, P_BAD], 4) / 4.0
        mean, variance = mixture_moments(weights, means, scales)
        assert one.forecast.mean == pytest.approx(mean, rel=1e-12)
        assert one.forecast.variance == pytest.approx(variance, rel=1e-9)


def test_a_doubt_without_a_scale_leaves_the_scales_alone():
    certain, doubtful = issued(0.0), issued(DOUBT)
    added = P_BAD * np.mean((SLOPES * DOUBT) ** 2)
    for one, other in zip(certain, doubtful, strict=True):
        np.testing.assert_array_equal(one.forecast.components.scales, np.tile(SCALES, 2))
        assert one.forecast.mean == other.forecast.mean
        assert other.forecast.variance - one.forecast.variance == pytest.approx(added, rel=1e-9)


def test_a_print_that_is_surely_bad_is_replaced_with_the_full_doubt():
    for one in issued(DOUBT, None, 1.0):
        scales = one.forecast.components.scales
        np.testing.assert_allclose(scales**2, SCALES**2 + (SLOPES * DOUBT) ** 2, rtol=1e-9)


def test_the_default_pool_widens_what_it_believes_of_each_forecaster():
    certain, doubtful = issued(0.0, PoolAggregator()), issued(DOUBT, PoolAggregator())
    for one, other in zip(certain, doubtful, strict=True):
        before, after = one.forecast.components, other.forecast.components
        np.testing.assert_array_equal(before.weights, after.weights)
        np.testing.assert_array_equal(before.scales[:4], after.scales[:4])
        gained = after.scales[4:] ** 2 - before.scales[4:] ** 2
        np.testing.assert_allclose(gained, (SLOPES * DOUBT) ** 2, rtol=1e-8, atol=1e-12)


def test_a_batch_widens_its_forecasts_alike():
    one = game(DOUBT, PoolAggregator())
    found = one.run_batch(START, 2, keep=("components",))
    out = one.run(START)
    for h in (1, 3):
        ours = [each for step in out.steps for each in step.issued if each.horizon == h]
        expected = np.array([each.forecast.components.scales for each in ours])
        np.testing.assert_array_equal(found.horizons[h].scales[0], expected)
        assert (expected[:, 4] > expected[:, 0] + 0.5).all()
