"""Checks at the edge of a forecaster: what they let through, and what they say."""

from __future__ import annotations

import math

import numpy as np
import pytest

from fg_core import AgentAction, AgentError, ConfigError, ForecastState
from fg_core.authoring import (
    forecast_action,
    latest,
    latest_arrays,
    require_finite_fit,
    require_fit,
    require_horizon,
)
from fg_core.batch import StateArrays
from fg_core.errors import ForecastUnavailable

STATE = ForecastState(5, 4.0, 0.0, 0.0, history=(1.0, 2.0, 3.0))


@pytest.mark.parametrize("count", [1, 2, 4])
def test_the_latest_values_are_the_end_of_the_path_in_both_forms(count: int) -> None:
    assert latest("mine", STATE, count) == STATE.path[-count:]
    earlier = tuple(np.array([number]) for number in STATE.history)
    arrays = StateArrays(5, np.array([4.0]), np.zeros(1), np.zeros(1), history=earlier)
    found = latest_arrays("mine", arrays, count)
    assert [numbers.item() for numbers in found] == list(STATE.path[-count:])


def test_a_short_history_says_what_to_set() -> None:
    with pytest.raises(AgentError, match=r"'mine' needs 4 earlier .* set lookback to 4 or more"):
        latest("mine", STATE, 5)
    hole = ForecastState(5, 4.0, 0.0, 0.0, history=(math.nan, 3.0))
    assert latest("mine", hole, 2) == (3.0, 4.0)
    with pytest.raises(AgentError, match="backend 'mine' cannot use nan"):
        latest("mine", hole, 3, kind="backend")


def test_messages_name_the_kind_of_agent() -> None:
    assert require_fit("mine", ()) == ()  # what was fitted may be empty
    with pytest.raises(AgentError, match="backend 'mine' is not fitted"):
        require_fit("mine", None, kind="backend")
    require_horizon("mine", 1)
    with pytest.raises(ConfigError, match="backend 'mine' was asked for horizon 0"):
        require_horizon("mine", 0, kind="backend")
    with pytest.raises(ForecastUnavailable, match="'mine' cannot be fitted"):
        require_finite_fit("mine", 1.0, math.inf)


@pytest.mark.parametrize(("delta", "scale"), [(1.0, 0.5), (np.float64(1.0), np.float64(0.0))])
def test_a_quick_action_is_the_action(delta: float, scale: float) -> None:
    assert forecast_action("mine", delta, scale) == AgentAction("mine", delta, scale=scale)


@pytest.mark.parametrize(("delta", "scale"), [(math.nan, 1.0), (1.0, -1.0), (1.0, math.inf)])
def test_a_quick_action_is_refused_as_the_action_is(delta: float, scale: float) -> None:
    with pytest.raises(AgentError) as slow:
        AgentAction("mine", delta, scale=scale)
    with pytest.raises(AgentError) as quick:
        forecast_action("mine", delta, scale)
    assert str(quick.value) == str(slow.value)
