"""Maps back to the original scale: inverse to each other, and their slopes."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fg_core.errors import ConfigError, DataError
from fg_core.scoring import crps_mixture
from fg_core.transforms import AffineMap, ExpMap, PredictiveMap

quiet = settings(derandomize=True, database=None, deadline=None)
MAPS = [ExpMap(), ExpMap(2.5), ExpMap(-1.0), AffineMap(3.0, 0.5, -1.0)]
every_map = pytest.mark.parametrize("back", MAPS, ids=repr)


@every_map
@quiet
@given(st.floats(-5.0, 5.0))
def test_there_and_back(back, z):
    assert isinstance(back, PredictiveMap)
    assert float(back.to_transformed(back.to_original(z))) == pytest.approx(z, abs=1e-10)


@every_map
@quiet
@given(st.floats(-5.0, 5.0))
def test_the_slope_is_the_derivative(back, z):
    step = 1e-5
    rise = float(back.to_original(z + step)) - float(back.to_original(z - step))
    assert math.exp(float(back.log_slope(z))) == pytest.approx(rise / (2.0 * step), rel=1e-6)


def test_values_that_no_logarithm_reaches_are_minus_infinity():
    found = ExpMap(1.0).to_transformed([-5.0, -1.0, 0.0, math.nan])
    assert found[:3].tolist() == [-math.inf, -math.inf, 0.0]
    assert math.isnan(found[3])


def test_one_line_per_forecast_in_a_batch():
    rng = np.random.default_rng(3)
    w = rng.dirichlet(np.ones(2), size=4)
    m, s, y = rng.normal(size=(4, 2)), rng.uniform(0.1, 1.0, (4, 2)), rng.normal(size=4)
    level, slope, base = rng.normal(size=4), rng.uniform(0.5, 2.0, 4), rng.normal(size=4)
    whole = AffineMap(level, slope, base)
    scores, (means, variances) = whole.crps(w, m, s, y), whole.moments(w, m, s)
    for i in range(4):
        one = AffineMap(float(level[i]), float(slope[i]), float(base[i]))
        assert float(one.crps(w[i], m[i], s[i], y[i])) == scores[i]
        mean, variance = one.moments(w[i], m[i], s[i])
        assert (float(mean), float(variance)) == (means[i], variances[i])
        moved = level[i] + slope[i] * (m[i] - base[i])
        assert scores[i] == float(crps_mixture(w[i], moved, slope[i] * s[i], y[i]))


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: AffineMap(0.0, 0.0), ConfigError),
        (lambda: AffineMap(0.0, np.array([1.0, -1.0])), ConfigError),
        (lambda: AffineMap(math.nan, 1.0), DataError),
        (lambda: AffineMap(0.0, math.inf), DataError),
        (lambda: ExpMap(math.inf), ConfigError),
    ],
)
def test_maps_that_do_not_increase_are_refused(make, error):
    with pytest.raises(error):
        make()
