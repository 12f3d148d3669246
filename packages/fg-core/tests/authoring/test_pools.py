"""The edge of a pool: what forecasters state as arrays, and what an aggregator refuses."""

from __future__ import annotations

import numpy as np
import pytest

from fg_core import AgentAction, AgentError, ForecastState
from fg_core.authoring import means_and_scales, memory_of

STATE = ForecastState(9, 5.0, 0.0, 0.0)


def test_what_is_not_stated_is_nan_and_zero_is_stated() -> None:
    actions = (AgentAction("a", -1.0, scale=0.0), None, AgentAction("c", 2.0))
    means, scales = means_and_scales("mine", ("a", "b", "c"), STATE, actions)
    np.testing.assert_array_equal(means, [4.0, np.nan, 7.0])
    np.testing.assert_array_equal(scales, [0.0, np.nan, np.nan])
    with pytest.raises(AgentError, match="'mine' was started for 2 forecasters, got 3 actions"):
        means_and_scales("mine", ("a", "b"), STATE, actions)


def test_a_horizon_that_is_not_known_lists_those_that_are() -> None:
    assert memory_of("mine", {4: "late", 1: "early"}, 4) == "late"
    with pytest.raises(AgentError, match=r"'mine' was not started for horizon 2; .* \[1, 4\]"):
        memory_of("mine", {4: "late", 1: "early"}, 2)
