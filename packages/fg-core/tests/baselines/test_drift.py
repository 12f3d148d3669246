from __future__ import annotations

import math

import numpy as np
import pytest

from fg_core.baselines import Drift
from fg_core.errors import AgentError, DataError
from fg_core.state import ForecastState
from fg_core.window import TrainingWindow

STATE = ForecastState(5, 7.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("horizon", "delta", "scale"),
    # values 1, 1, 3, 7: changes 0, 2, 4; mean 2; variance (4 + 0 + 4) / 2 = 4; n = 3
    [
        (1, 2.0, 2.0 * math.sqrt(1 + 1 / 3)),
        (2, 4.0, 2.0 * math.sqrt(2 + 4 / 3)),
        (3, 6.0, 2.0 * math.sqrt(3 + 9 / 3)),
    ],
)
def test_hand_computed(horizon: int, delta: float, scale: float) -> None:
    drift = Drift().fit(TrainingWindow(np.array([1.0, 1.0, 3.0, 7.0])))
    action = drift.act(STATE, horizon)
    assert action.delta == pytest.approx(delta, rel=1e-14)
    assert action.scale == pytest.approx(scale, rel=1e-14)
    assert drift.sensitivity(STATE, horizon) == 1.0


def test_the_scale_is_the_spread_of_its_errors() -> None:
    # Gaussian random walks with drift: standardised h-step errors have variance
    # (n - 1) / (n - 3), the variance of Student's t with n - 1 degrees of freedom.
    rng = np.random.default_rng(5)
    n, horizon, games = 12, 6, 3000
    steps = 0.3 + rng.standard_normal((games, n + horizon))
    errors = []
    for row in steps:
        path = np.concatenate([[0.0], np.cumsum(row)])
        state = ForecastState(n, float(path[n]), 0.0, 0.0)
        action = Drift().fit(TrainingWindow(path[: n + 1])).act(state, horizon)
        assert action.scale is not None
        errors.append((path[-1] - path[n] - action.delta) / action.scale)
    assert np.mean(errors) == pytest.approx(0.0, abs=0.08)
    assert np.var(errors) == pytest.approx((n - 1) / (n - 3), rel=0.12)


def test_an_exact_trend_goes_on_with_a_scale_of_rounding_size() -> None:
    drift = Drift().fit(TrainingWindow(np.array([0.5 * t for t in range(20)])))
    action = drift.act(STATE, 4)
    assert action.delta == 2.0
    assert action.scale is not None
    assert 0.0 < action.scale < 1e-13


def test_says_what_is_wrong() -> None:
    with pytest.raises(AgentError, match="'drift' is not fitted"):
        Drift().act(STATE)
    with pytest.raises(DataError, match="at least 3 training rows, got 2"):
        Drift().fit(TrainingWindow(np.array([1.0, 2.0])))
