from __future__ import annotations

import math

import numpy as np
import pytest

from fg_core.baselines import RandomWalk
from fg_core.errors import AgentError, ConfigError, DataError
from fg_core.state import ForecastState
from fg_core.window import TrainingWindow

STATE = ForecastState(5, 8.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("values", "horizon", "scale"),
    [
        ([1.0, 3.0], 1, 2.0),
        ([1.0, 3.0], 4, 4.0),
        ([0.0, 3.0, -1.0], 1, math.sqrt(12.5)),  # changes 3, -4: not centred
        ([0.0, 3.0, -1.0], 2, 5.0),
        ([0.0, 2.0, 4.0, 6.0], 9, 6.0),
    ],
)
def test_hand_computed(values: list[float], horizon: int, scale: float) -> None:
    action = RandomWalk().fit(TrainingWindow(np.array(values))).act(STATE, horizon)
    assert action.actor == "random_walk"
    assert action.delta == 0.0
    assert action.scale == pytest.approx(scale, rel=1e-14)
    assert action.p_bad is None


def test_keeps_its_name_and_moves_with_the_last_value() -> None:
    walk = RandomWalk("mine").fit(TrainingWindow(np.array([1.0, 2.0])))
    assert walk.name == walk.act(STATE).actor == "mine"
    assert walk.sensitivity(STATE, 3) == 1.0


def test_says_what_is_wrong() -> None:
    with pytest.raises(AgentError, match=r"'random_walk' is not fitted: call fit\(window\)"):
        RandomWalk().act(STATE)
    with pytest.raises(DataError, match="at least 2 training rows, got 1"):
        RandomWalk().fit(TrainingWindow(np.array([1.0])))
    walk = RandomWalk().fit(TrainingWindow(np.array([1.0, 2.0])))
    for call in (walk.act, walk.sensitivity):
        with pytest.raises(ConfigError, match="asked for horizon 0: 1 or more wanted"):
            call(STATE, 0)
    with pytest.raises(AgentError, match="cannot use nan at or before period 5"):
        walk.act(ForecastState(5, math.nan, 0.0, 0.0))
