import warnings

import numpy as np
import pytest

from fg_agents.backends._orders import (
    Orders,
    difference,
    differences,
    kpss,
    seasonal_differences,
    shortlist,
)

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from statsmodels.tsa.stattools import kpss as their_kpss


@pytest.mark.parametrize("n", [20, 60, 200, 500])
def test_kpss_is_statsmodels(n):
    values = np.cumsum(np.random.default_rng(n).standard_normal(n)) + 7.0
    for series in (values, np.diff(values)):
        lags = int(3.0 * np.sqrt(series.size) / 13.0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            theirs = their_kpss(series, regression="c", nlags=lags)[0]
        assert kpss(series) == pytest.approx(theirs, rel=1e-10)


def test_differences_until_the_level_is_constant():
    noise = np.random.default_rng(2).standard_normal(200)
    assert differences(noise) == 0
    assert differences(np.cumsum(noise)) == 1
    assert differences(np.cumsum(np.cumsum(noise))) == 2
    assert differences(np.cumsum(np.cumsum(np.cumsum(noise)))) == 2
    assert differences(np.ones(50)) == 0


def test_seasonal_differences_where_the_season_is_strong():
    noise = np.random.default_rng(2).standard_normal(80)
    strong = noise + np.resize([4.0, 0.0, -4.0, 1.0], 80)
    assert seasonal_differences(strong, 4) == 1
    assert seasonal_differences(noise, 4) == 0
    assert seasonal_differences(strong[:11], 4) == 0
    assert seasonal_differences(strong, 1) == 0


def test_difference_over_a_season():
    values = np.array([1.0, 5.0, 2.0, 7.0, 4.0, 9.0])
    assert difference(values, 0, 1, 2).tolist() == [1.0, 2.0, 2.0, 2.0]
    assert difference(values, 1, 1, 2).tolist() == [1.0, 0.0, 0.0]


def test_the_shortlist_holds_the_truth():
    rng = np.random.default_rng(5)
    shocks = rng.standard_normal(500)
    values = [0.0, 0.0]
    for t in range(2, 500):
        values.append(0.6 * values[-1] + 0.3 * values[-2] + shocks[t] + 0.7 * shocks[t - 1])
    options = {"max_lags": 3, "seasonal": [(0, 0, 0, 0)], "trends": ("c",)}
    found = shortlist(np.array(values), 0, count=3, **options)
    assert Orders((2, 0, 1), (0, 0, 0, 0), "c") in found
    everything = shortlist(np.array(values), 0, count=99, **options)
    assert len(everything) == 16
    assert everything[:3] == found
    assert shortlist(np.array(values[:4]), 0, count=3, **options) == []
