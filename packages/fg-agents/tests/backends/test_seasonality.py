import warnings

import numpy as np
import pytest

from fg_agents.backends._seasonality import decompose, has_season, seasonal_strength

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from statsmodels.tsa.seasonal import seasonal_decompose


def series(length, n=60):
    rng = np.random.default_rng(length)
    return 20.0 + 0.1 * np.arange(n) + np.resize(rng.standard_normal(length), n) + rng.random(n)


@pytest.mark.parametrize("length", [2, 4, 5, 12])
@pytest.mark.parametrize(("method", "theirs"), [("add", "additive"), ("mul", "multiplicative")])
def test_decomposition_is_statsmodels(length, method, theirs):
    values = series(length)
    expected = seasonal_decompose(values, model=theirs, period=length).seasonal[:length]
    np.testing.assert_allclose(decompose(values, length, method), expected, rtol=1e-10)
    shortest = values[: 2 * length]
    expected = seasonal_decompose(shortest, model=theirs, period=length).seasonal[:length]
    np.testing.assert_allclose(decompose(shortest, length, method), expected, rtol=1e-10)


def test_a_season_is_found_where_there_is_one():
    noise = np.random.default_rng(0).standard_normal(80)
    seasonal = noise + np.resize([3.0, 0.0, -3.0, 0.0], 80)
    assert has_season(seasonal, 4)
    assert not has_season(noise, 4)
    assert seasonal_strength(seasonal, 4) > 0.64 > seasonal_strength(noise, 4)
