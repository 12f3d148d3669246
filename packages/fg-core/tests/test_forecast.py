import copy
import dataclasses
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_core import ConfidenceInterval, DataError, ProbabilisticForecast
from fg_core.components import Components
from fg_core.distributions import (
    Mass,
    NormalPart,
    QuantileGrid,
    ShapeArrays,
    StatedDistribution,
    pack,
)
from fg_core.scoring import interval_coverage


@st.composite
def components(draw):
    k = draw(st.integers(1, 5))
    raw = draw(st.lists(st.floats(0.01, 1.0), min_size=k, max_size=k))
    means = draw(st.lists(st.floats(-50, 50), min_size=k, max_size=k))
    scales = draw(st.lists(st.floats(0.01, 20), min_size=k, max_size=k))
    return Components(np.array(raw) / sum(raw), means, scales)


@given(components())
def test_quantiles_never_decrease_and_lie_where_the_mass_is(parts):
    forecast = ProbabilisticForecast.from_components(parts)
    assert list(forecast.quantiles) == sorted(forecast.quantiles)
    assert len(forecast.quantiles) == 5
    band = forecast.interval(0.8)
    assert band.lower <= forecast.mean <= band.upper


@given(components())
def test_moments_are_within_plus_between(parts):
    forecast = ProbabilisticForecast.from_components(parts)
    mean = float(parts.weights @ parts.means)
    variance = float(parts.weights @ (parts.scales**2 + (parts.means - mean) ** 2))
    assert forecast.mean == pytest.approx(mean, abs=1e-9)
    assert forecast.variance == pytest.approx(variance)
    assert forecast.moments == (forecast.mean, forecast.variance)


def test_positional_construction_of_the_old_surface():
    forecast = ProbabilisticForecast(1.0, 4.0, (-1.0, 0.0, 1.0, 2.0, 3.0))
    assert forecast.quantiles == (-1.0, 0.0, 1.0, 2.0, 3.0)
    assert forecast.scale == 2.0
    with pytest.raises(DataError, match="decrease"):
        ProbabilisticForecast(1.0, 4.0, (2.0, 1.0, 1.0, 1.0, 1.0))
    with pytest.raises(DataError, match="no numbers"):
        ProbabilisticForecast(1.0, 4.0, (float("nan"),) * 5)
    with pytest.raises(DataError, match="are wanted"):
        ProbabilisticForecast(1.0, 4.0, (0.0, 1.0))


def test_quantiles_are_computed_when_first_asked_for():
    forecast = ProbabilisticForecast(0.0, 1.0)
    assert "quantiles" not in vars(forecast)
    assert forecast.quantiles[2] == pytest.approx(0.0, abs=1e-12)
    assert "quantiles" in vars(forecast)
    with pytest.raises(AttributeError, match="no attribute 'quantile_levels'"):
        _ = forecast.quantile_levels


def test_a_point_forecast_is_all_one_number():
    assert ProbabilisticForecast(3.0, 0.0).quantiles == (3.0,) * 5


def test_copies_and_pickles_are_equal():
    forecast = ProbabilisticForecast.from_components(Components([0.5, 0.5], [0, 1], [1, 1], "ab"))
    for twin in (copy.deepcopy(forecast), pickle.loads(pickle.dumps(forecast))):
        assert twin == forecast
        assert hash(twin) == hash(forecast)


def test_components_are_read_only_and_checked():
    weights = np.array([1.0])
    parts = Components(weights, [0.0], [1.0])
    weights[0] = 5.0
    assert parts.weights[0] == 1.0
    with pytest.raises(ValueError, match="read-only"):
        parts.weights[0] = 0.5
    for bad in (
        ([0.5], [0.0], [1.0]),
        ([1.0], [0.0], [0.0]),
        ([1.0], [np.nan], [1.0]),
        ([1.0], [0.0, 1.0], [1.0]),
        ([], [], []),
        ([1.5, -0.5], [0.0, 1.0], [1.0, 1.0]),
    ):
        with pytest.raises(DataError):
            Components(*bad)
    with pytest.raises(DataError, match="labels"):
        Components([1.0], [0.0], [1.0], ("a", "b"))
    assert Components([1.0], [0.0], [1.0]) != "x"


def test_moments_are_checked():
    with pytest.raises(DataError, match="finite mean"):
        ProbabilisticForecast(float("nan"), 1.0)
    with pytest.raises(DataError, match="variance >= 0"):
        ProbabilisticForecast(0.0, -1.0)


def test_interval_level():
    band = ProbabilisticForecast(0.0, 1.0).interval(0.5)
    assert band == ConfidenceInterval(band.lower, band.upper, 0.5)
    assert band.upper == pytest.approx(0.6744897501960817)
    with pytest.raises(DataError, match="from low to high"):
        ConfidenceInterval(3.0, 1.0)


# ------------------------------------------------------------------------------- distributions

STATED = StatedDistribution(QuantileGrid((0.1, 0.5, 0.9), (1.0, 2.0, 5.0)), (Mass(0.0, 0.5),))


def test_event_probabilities_of_normals():
    plain = ProbabilisticForecast(2.0, 4.0)
    mixed = ProbabilisticForecast.from_components(Components([0.5, 0.5], [0.0, 4.0], [1.0, 1.0]))
    for forecast in (plain, mixed):
        assert forecast.cdf(2.0) == pytest.approx(0.5)
        assert forecast.probability_below(2.0) == forecast.cdf(2.0)
        assert forecast.cdf(float("-inf")) == 0.0
        assert np.isnan(forecast.cdf(float("nan")))
        assert forecast.cdf(float(forecast.quantile(0.3)[0])) == pytest.approx(0.3)
    certain = ProbabilisticForecast(2.0, 0.0)
    assert (certain.cdf(2.0), certain.probability_below(2.0), certain.cdf(1.9)) == (1.0, 0.0, 0.0)
    assert np.isnan(certain.cdf(float("nan")))


def test_components_may_state_distributions():
    normal = StatedDistribution(NormalPart(1.0, 2.0))
    parts = Components(
        [0.25, 0.75], [STATED.mean, 1.0], [STATED.scale, 2.0], ("a", "b"), pack([STATED, None])
    )
    forecast = ProbabilisticForecast.from_components(parts)
    for x in (-1.0, 0.0, 3.0):
        assert forecast.cdf(x) == pytest.approx(0.25 * STATED.cdf(x) + 0.75 * normal.cdf(x))
    assert forecast.cdf(0.0) - forecast.probability_below(0.0) == pytest.approx(0.125)
    assert forecast.mean == pytest.approx(0.25 * STATED.mean + 0.75)
    low, high = forecast.interval(0.8).lower, forecast.interval(0.8).upper
    assert forecast.cdf(low) == pytest.approx(0.1)
    assert forecast.cdf(high) == pytest.approx(0.9)
    same = Components(*(getattr(parts, f.name) for f in dataclasses.fields(parts)))
    assert parts == same
    assert hash(parts) == hash(same)
    assert pickle.loads(pickle.dumps(parts)) == parts
    assert parts != Components(parts.weights, parts.means, parts.scales, parts.labels)


def test_an_interval_may_end_at_a_mass_and_covers_it():
    forecast = ProbabilisticForecast.from_components(
        Components([1.0], [STATED.mean], [STATED.scale], (), pack([STATED]))
    )
    found = forecast.interval(0.8)
    assert found.lower == 0.0
    assert interval_coverage([found.lower], [found.upper], [0.0]) == 1.0
    assert interval_coverage([found.lower], [found.upper], [found.upper]) == 1.0
    assert interval_coverage([found.lower], [found.upper], [np.nextafter(0.0, -1.0)]) == 0.0


def test_components_that_nobody_states_anything_of_are_normal():
    nothing = ShapeArrays.nothing(1)
    assert Components([1.0], [0.0], [1.0], (), nothing).shapes is None
    with pytest.raises(DataError, match="leading axes"):
        Components([1.0], [0.0], [1.0], (), ShapeArrays.nothing(2))
    with pytest.raises(DataError, match="not that of its stated distribution"):
        Components([1.0], [0.0], [1.0], (), pack([STATED]))
