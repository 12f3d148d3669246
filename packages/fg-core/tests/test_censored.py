"""Tests of a forecast that is censored at zero."""

from __future__ import annotations

import numpy as np
import pytest

from fg_core import ProbabilisticForecast
from fg_core.censored import CensoredForecast
from fg_core.components import Components

PLAIN = ProbabilisticForecast.from_components(
    Components(np.array([0.6, 0.4]), np.array([-0.5, 2.0]), np.array([1.0, 0.5]))
)


def test_no_probability_is_below_zero() -> None:
    one = CensoredForecast(PLAIN)
    assert one.cdf(-1e-9) == one.probability_below(0.0) == 0.0
    assert one.cdf(0.0) == PLAIN.cdf(0.0)
    assert one.probability_below(1.0) == PLAIN.probability_below(1.0)
    levels = (0.05, 0.3, 0.6, 0.95)
    assert one.quantile(levels).tolist() == np.maximum(PLAIN.quantile(levels), 0.0).tolist()
    assert min(one.quantiles) == 0.0
    assert one.interval(0.9).lower == 0.0
    assert one.components is PLAIN.components


def test_moments_are_those_of_draws() -> None:
    one = CensoredForecast(PLAIN)
    draws = one.quantile(np.linspace(0.0, 1.0, 20_001)[1:-1].tolist())
    assert one.mean == pytest.approx(draws.mean(), abs=1e-3)
    assert one.scale == pytest.approx(draws.std(), abs=1e-3)
    assert np.mean([one.crps(x) for x in draws[::2000]]) == pytest.approx(
        np.mean([np.abs(draws - x).mean() for x in draws[::2000]])
        - 0.5 * np.abs(draws[::20, np.newaxis] - draws[np.newaxis, ::20]).mean(),
        abs=2e-3,
    )


def test_point_below_zero_is_zero() -> None:
    one = CensoredForecast(ProbabilisticForecast(-1.0, 0.0))
    assert (one.mean, one.variance, one.cdf(0.0), one.crps(2.0)) == (0.0, 0.0, 1.0, 2.0)
    assert one.pit(0.0) == 0.5
