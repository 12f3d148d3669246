"""Forecasts read on the original scale: moments, quantiles and scores against integrals."""

from __future__ import annotations

import math
import pickle
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest
import scoringrules
from hypothesis import given, settings
from hypothesis import strategies as st

from fg_core.components import Components
from fg_core.distributions import Mass, NormalPart, StatedDistribution, pack
from fg_core.errors import DataError
from fg_core.forecast import QUANTILE_LEVELS, ProbabilisticForecast
from fg_core.mixture import mixture_cdf
from fg_core.scoring import crps_mixture, log_score_mixture
from fg_core.transforms import AffineMap, ExpMap, StandardisedChanges, TransformedForecast
from fg_core.window import TrainingWindow

quiet = settings(derandomize=True, database=None, deadline=None, max_examples=10)
MIX = Components([0.3, 0.7], [0.2, 1.0], [0.6, 0.3])
LATENT = ProbabilisticForecast.from_components(MIX)
LOG = TransformedForecast(LATENT, ExpMap(0.5))
LINE = TransformedForecast(LATENT, AffineMap(10.0, 4.0, 0.5))
both = pytest.mark.parametrize("forecast", [LOG, LINE], ids=["log", "line"])


@st.composite
def forecasts(draw):
    n = draw(st.integers(1, 4))
    raw = np.array(draw(st.lists(st.floats(0.05, 1.0), min_size=n, max_size=n)))
    means = draw(st.lists(st.floats(-1.0, 1.0), min_size=n, max_size=n))
    scales = draw(st.lists(st.floats(0.1, 1.0), min_size=n, max_size=n))
    latent = ProbabilisticForecast.from_components(Components(raw / raw.sum(), means, scales))
    back = draw(st.sampled_from([ExpMap(), ExpMap(2.0), AffineMap(3.0, 2.5, 0.5)]))
    return TransformedForecast(latent, back)


NODES, WEIGHTS = np.polynomial.legendre.leggauss(40)
LEVELS = [1e-13, 1e-9, 1e-6, 1e-3, 0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98]
LEVELS += [1.0 - 1e-3, 1.0 - 1e-6, 1.0 - 1e-9, 1.0 - 1e-13]


def grid(edges):
    """Return points and weights of an integral, piece by piece (Gauss-Legendre)."""
    pairs = [(0.5 * (b + a), 0.5 * (b - a)) for a, b in pairwise(edges)]
    points = np.concatenate([centre + half * NODES for centre, half in pairs])
    return points, np.concatenate([half * WEIGHTS for _, half in pairs])


@quiet
@given(forecasts())
def test_density_and_moments_belong_together(forecast):
    y, weights = grid(forecast.quantile(LEVELS).tolist())
    f = np.exp([-forecast.log_score(value) for value in y.tolist()])
    assert weights @ f == pytest.approx(1.0, abs=1e-9)
    assert weights @ (y * f) == pytest.approx(forecast.mean, rel=1e-7)
    spread = (y - forecast.mean) ** 2
    assert weights @ (spread * f) == pytest.approx(forecast.variance, rel=1e-4)


@quiet
@given(forecasts(), st.floats(0.02, 0.98))
def test_the_score_is_the_integral_of_squared_distances(forecast, level):
    value = float(forecast.quantile(level)[0])
    edges = sorted([*forecast.quantile(LEVELS).tolist(), value])
    y, weights = grid(edges)
    below = np.array([forecast.pit(x) for x in y.tolist()])
    assert forecast.crps(value) == pytest.approx(weights @ (below - (y >= value)) ** 2, rel=1e-7)


@quiet
@given(forecasts(), st.floats(0.001, 0.999))
def test_quantiles_invert_the_distribution_and_never_cross(forecast, level):
    assert forecast.pit(float(forecast.quantile(level)[0])) == pytest.approx(level, abs=1e-9)
    assert list(forecast.quantiles) == sorted(forecast.quantiles)
    assert forecast.quantiles == pytest.approx(forecast.quantile(QUANTILE_LEVELS).tolist())


def test_one_log_normal_against_scoringrules():
    forecast = TransformedForecast(ProbabilisticForecast(0.4, 0.49), ExpMap())
    for value in (0.3, 1.4, 6.0):
        expected = float(scoringrules.crps_lognormal(value, 0.4, 0.7))
        assert forecast.crps(value) == pytest.approx(expected, rel=1e-12)
        expected = float(scoringrules.logs_lognormal(value, 0.4, 0.7))
        assert forecast.log_score(value) == pytest.approx(expected, rel=1e-12)


def test_on_a_line_it_is_the_moved_mixture():
    means, scales = 10.0 + 4.0 * (MIX.means - 0.5), 4.0 * MIX.scales
    plain = ProbabilisticForecast.from_components(Components(MIX.weights, means, scales))
    assert LINE.moments == pytest.approx(plain.moments)
    assert LINE.quantiles == pytest.approx(plain.quantiles)
    for value in (7.0, 12.5):
        assert LINE.crps(value) == float(crps_mixture(MIX.weights, means, scales, value))
        moved = float(log_score_mixture(MIX.weights, means, scales, value))
        assert LINE.log_score(value) == pytest.approx(moved, rel=1e-12)
        assert LINE.pit(value) == pytest.approx(
            float(mixture_cdf(value, MIX.weights, means, scales))
        )


def test_the_mean_of_a_skewed_forecast_is_not_its_median_and_lies_in_every_interval():
    assert LOG.mean > LOG.quantiles[2]
    wide = TransformedForecast(ProbabilisticForecast(0.0, 9.0), ExpMap())
    assert wide.mean > float(wide.quantile(0.9)[0])
    assert wide.interval(0.5).upper == wide.mean
    assert LOG.interval(0.8).lower == LOG.quantile(0.1)[0]
    assert LOG.scale == math.sqrt(LOG.variance)


def test_a_value_that_cannot_occur():
    assert LOG.pit(-0.5) == 0.0
    assert LOG.log_score(-3.0) == math.inf
    assert LOG.crps(-3.0) == pytest.approx(LOG.crps(-0.5) + 2.5)


@both
def test_what_is_not_known_has_no_score(forecast):
    for score in (forecast.crps, forecast.pit, forecast.log_score):
        assert math.isnan(score(math.nan))
        with pytest.raises(DataError, match="value must be finite"):
            score(math.inf)


@both
def test_they_are_values(forecast):
    again = pickle.loads(pickle.dumps(forecast))
    assert again == forecast
    assert again.crps(1.3) == forecast.crps(1.3)


def test_a_single_point_scores_its_distance():
    point = TransformedForecast(ProbabilisticForecast(0.0, 0.0), ExpMap(0.5))
    assert point.moments == (0.5, 0.0)
    assert point.quantiles == (0.5,) * 5
    assert point.crps(2.0) == 1.5
    assert (point.pit(0.4), point.pit(0.5)) == (0.0, 1.0)
    assert math.isnan(point.crps(math.nan))
    assert math.isnan(point.pit(math.nan))
    with pytest.raises(DataError, match="no density"):
        point.log_score(0.5)


def test_quantiles_that_were_adapted_stay_adapted():
    @dataclass(frozen=True)
    class Widened(ProbabilisticForecast):
        def quantile(self, levels):
            return self.mean + 2.0 * (super().quantile(levels) - self.mean)

    plain, wide = ProbabilisticForecast(1.0, 0.25), Widened(1.0, 0.25)
    one, two = TransformedForecast(plain, ExpMap()), TransformedForecast(wide, ExpMap())
    assert two.quantile(0.9)[0] == pytest.approx(
        math.exp(1.0) * (one.quantile(0.9)[0] / math.e) ** 2
    )


def test_moments_too_large_are_refused():
    with pytest.raises(DataError, match="too large"):
        TransformedForecast(ProbabilisticForecast(0.0, 1e4), ExpMap())


def test_a_forecast_after_an_origin_is_centred_on_its_value():
    """No change expected on the transformed scale is no change of the series."""
    window = TrainingWindow([1.0, 3.0, 2.0, 4.0, 4.5, 3.0])
    steps = StandardisedChanges(half_life=6.0).fit(window)
    path = [*window.values.tolist(), 5.0, 4.0]
    latent = ProbabilisticForecast(float(steps.forward(path)[-1]), 2.0)
    forecast = TransformedForecast(latent, steps.after(path))
    assert forecast.mean == pytest.approx(4.0)
    assert forecast.scale == pytest.approx(math.sqrt(2.0) * float(steps.scales(path)[-1]))


def test_a_component_that_is_not_normal_is_refused():
    stated = StatedDistribution(NormalPart(1.0, 2.0), (Mass(0.0, 0.5),))
    parts = Components([1.0], [stated.mean], [stated.scale], ("a",), pack([stated]))
    with pytest.raises(DataError, match="states a whole distribution of a transformed series"):
        TransformedForecast(ProbabilisticForecast.from_components(parts), ExpMap())
