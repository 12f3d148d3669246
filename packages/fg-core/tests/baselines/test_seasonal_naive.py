from __future__ import annotations

import math

import numpy as np
import pytest

from fg_core.baselines import RandomWalk, SeasonalNaive
from fg_core.errors import AgentError, ConfigError, DataError
from fg_core.state import ForecastState
from fg_core.window import TrainingWindow

# seasonal changes 1, 2, 3, 4: mean square 7.5
VALUES = np.array([1.0, 2.0, 3.0, 4.0, 2.0, 4.0, 6.0, 8.0])
STATE = ForecastState(8, 10.0, 0.0, 0.0, history=(11.0, 12.0, 13.0))


@pytest.mark.parametrize(
    ("horizon", "level", "seasons", "sensitivity"),
    # the last season is 11, 12, 13, 10 and repeats
    [
        (1, 11.0, 1, 0.0),
        (2, 12.0, 1, 0.0),
        (3, 13.0, 1, 0.0),
        (4, 10.0, 1, 1.0),
        (5, 11.0, 2, 0.0),
        (8, 10.0, 2, 1.0),
        (11, 13.0, 3, 0.0),
    ],
)
def test_hand_computed(horizon: int, level: float, seasons: int, sensitivity: float) -> None:
    seasonal = SeasonalNaive(4).fit(TrainingWindow(VALUES))
    action = seasonal.act(STATE, horizon)
    assert STATE.value + action.delta == level
    assert action.scale == pytest.approx(math.sqrt(7.5 * seasons), rel=1e-14)
    assert seasonal.sensitivity(STATE, horizon) == sensitivity


def test_takes_the_season_of_the_window_unless_told_otherwise() -> None:
    window = TrainingWindow(VALUES, season_length=2)
    by_window = SeasonalNaive().fit(window)
    assert by_window.fitted is not None
    assert by_window.fitted.season_length == 2
    assert by_window.season_length is None  # the next window may have another one
    explicit = SeasonalNaive(4).fit(window)
    assert explicit.fitted is not None
    assert explicit.fitted.season_length == 4


def test_a_season_of_one_is_the_random_walk() -> None:
    seasonal = SeasonalNaive().fit(TrainingWindow(VALUES))
    walk = RandomWalk("seasonal_naive").fit(TrainingWindow(VALUES))
    for horizon in (1, 2, 7):
        assert seasonal.act(STATE, horizon) == walk.act(STATE, horizon)
        assert seasonal.sensitivity(STATE, horizon) == 1.0


def test_asks_for_no_more_history_than_the_horizon_needs() -> None:
    seasonal = SeasonalNaive(4).fit(TrainingWindow(VALUES))
    short = ForecastState(8, 10.0, 0.0, 0.0, history=(13.0,))
    assert seasonal.act(short, 4).delta == 0.0
    assert seasonal.act(short, 3).delta == 3.0
    with pytest.raises(AgentError, match=r"needs 3 earlier values in .*, got 1: set lookback to 3"):
        seasonal.act(short, 1)


def test_says_what_is_wrong() -> None:
    with pytest.raises(ConfigError, match="season_length 0 given, 1 or more wanted"):
        SeasonalNaive(0)
    with pytest.raises(DataError, match="at least 5 training rows, got 4"):
        SeasonalNaive(4).fit(TrainingWindow(VALUES[:4]))
    for call in (SeasonalNaive(4).act, SeasonalNaive(4).sensitivity):
        with pytest.raises(AgentError, match="'seasonal_naive' is not fitted"):
            call(STATE)
