"""What agents return."""

from __future__ import annotations

import dataclasses
import math
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from fg_core.action import AgentAction, AgentMessage
from fg_core.errors import AgentError, ForecastGameError
from fg_core.testing.strategies import actions

quiet = settings(derandomize=True, database=None, deadline=None)

BAD = (math.nan, math.inf, -math.inf)


@quiet
@given(actions())
def test_actions_are_values(action: AgentAction) -> None:
    assert pickle.loads(pickle.dumps(action)) == action
    assert hash(dataclasses.replace(action)) == hash(action)


@quiet
@given(actions("gate"))
def test_a_strategy_can_be_told_the_actor(action: AgentAction) -> None:
    assert action.actor == "gate"


def test_hits_on_columns_are_frozen_numbers_by_name() -> None:
    given_hits = {"rate": 1}
    action = AgentAction("liar", 0.0, context=given_hits)
    given_hits["rate"] = 9
    assert dict(action.context) == {"rate": 1.0}
    assert type(action.context["rate"]) is float
    assert repr(action).endswith("p_bad=None, context={'rate': 1.0})")
    assert action != AgentAction("liar", 0.0)
    with pytest.raises(TypeError):
        action.context["rate"] = 2.0  # type: ignore[index]


@pytest.mark.parametrize(
    ("context", "message"),
    [
        ({"rate": math.nan}, "hit of nan on context column 'rate': it must be finite"),
        ({"rate": "much"}, "hit on context column 'rate' of 'much': a number is wanted"),
        ({3: 1.0}, "must be a mapping from names of columns"),
        ([1.0], "must be a mapping from names of columns"),
        (None, "must be a mapping from names of columns"),
    ],
)
def test_hits_on_columns_that_are_none_are_refused(context: Any, message: str) -> None:
    with pytest.raises(AgentError, match=f"agent 'liar' returned a.* {message}"):
        AgentAction("liar", 0.0, context=context)


@pytest.mark.parametrize("delta", BAD)
def test_a_delta_that_is_not_finite_is_refused_and_the_agent_named(delta: float) -> None:
    with pytest.raises(AgentError, match=r"agent 'walk' returned a delta of -?(nan|inf): finite"):
        AgentAction("walk", delta)


@pytest.mark.parametrize("scale", [*BAD, -1e-9, -1.0])
def test_a_scale_below_nothing_is_refused(scale: float) -> None:
    with pytest.raises(AgentError, match=r"agent 'walk' returned a scale of .*: >= 0 wanted"):
        AgentAction("walk", 0.0, scale=scale)


@pytest.mark.parametrize("p_bad", [*BAD, -1e-9, 1.0000001])
def test_a_probability_outside_its_range_is_refused(p_bad: float) -> None:
    with pytest.raises(AgentError, match=r"agent 'gate' returned p_bad = .*: \[0, 1\] wanted"):
        AgentAction("gate", 0.0, p_bad=p_bad)


@pytest.mark.parametrize(
    ("scale", "p_bad"), [(0.0, 0.0), (-0.0, 1.0), (1e308, 0.5), (5e-324, None), (None, None)]
)
def test_the_ends_of_the_ranges_are_inside(scale: float | None, p_bad: float | None) -> None:
    action = AgentAction("gate", -1e308, scale=scale, p_bad=p_bad)
    assert (action.scale, action.p_bad) == (scale, p_bad)


def test_numpy_numbers_are_numbers() -> None:
    assert AgentAction("walk", np.float64(0.5), scale=np.float64(1.0)).delta == 0.5


def test_an_action_can_be_made_from_actor_and_delta_alone() -> None:
    action = AgentAction("walk", 0.25)
    assert (action.actor, action.delta, action.scale, action.p_bad) == ("walk", 0.25, None, None)


def test_scale_and_p_bad_are_by_keyword_only() -> None:
    with pytest.raises(TypeError):
        AgentAction("walk", 0.0, 1.0)  # type: ignore[misc]


def test_nothing_can_be_set() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        AgentAction("walk", 0.0).delta = 1.0  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        AgentMessage("a", "b", "c").payload = "d"  # type: ignore[misc]


def test_an_agent_error_is_one_of_ours() -> None:
    assert issubclass(AgentError, ForecastGameError)


def test_messages_are_values() -> None:
    message = AgentMessage("gate", "forecasters", "doubt")
    assert message == AgentMessage("gate", "forecasters", "doubt")
    assert (message.sender, message.receiver, message.payload) == ("gate", "forecasters", "doubt")


@pytest.mark.parametrize("wrong", [None, "1", True, [1.0]])
def test_a_delta_is_a_number(wrong: object) -> None:
    with pytest.raises(AgentError, match="a number is wanted"):
        AgentAction("a", wrong)  # type: ignore[arg-type]
