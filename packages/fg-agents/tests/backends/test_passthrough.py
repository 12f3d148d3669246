import numpy as np
import pytest

from fg_agents import PassthroughBackend
from fg_core import ForecastState, ForecastUnavailable, RandomWalk, TrainingWindow

STATE = ForecastState(9, 3.5, 0.0, 0.0)


def test_is_the_random_walk():
    window = TrainingWindow(np.random.default_rng(0).standard_normal(30), 29)
    model, walk = PassthroughBackend().fit(window), RandomWalk().fit(window)
    for horizon in (1, 3, 8):
        action = walk.act(STATE, horizon)
        assert model.predict(STATE, horizon) == action.delta == 0.0
        assert model.predict_scale(STATE, horizon) == pytest.approx(action.scale, rel=1e-15)
    assert model.sensitivity(STATE, 4) == 1.0


def test_one_row_is_too_short():
    with pytest.raises(ForecastUnavailable, match="2 training rows wanted, got 1"):
        PassthroughBackend().fit(TrainingWindow([1.0])).predict(STATE)
