"""The surface that code written for the older game relies on: types and the transition.

These tests stay green in every later step. Names are imported from the top level, as users do.
"""

from __future__ import annotations

import dataclasses
import inspect
import math

import pytest

import fg_core
from fg_core import (
    AgentAction,
    AgentMessage,
    ConfidenceInterval,
    ForecastState,
    ProbabilisticForecast,
    StepResult,
    TrajectoryEntry,
    evolve_state,
    frozen_mapping,
)


@pytest.mark.parametrize(
    "name",
    [
        "AgentAction",
        "AgentMessage",
        "ConfidenceInterval",
        "ForecastState",
        "ProbabilisticForecast",
        "SimulationConfig",
        "StepResult",
        "TrajectoryEntry",
        "evolve_state",
        "frozen_mapping",
    ],
)
def test_the_old_names_are_public_at_the_top_level(name: str) -> None:
    assert name in fg_core.__all__
    assert getattr(fg_core, name).__doc__


# ------------------------------------------------------------------------------------ ForecastState


def test_a_state_is_made_from_four_positions() -> None:
    state = ForecastState(3, 10.5, 0.25, -0.1)
    assert (state.t, state.value, state.exogenous, state.hidden_shift) == (3, 10.5, 0.25, -0.1)


def test_a_state_is_made_from_eight_positions() -> None:
    state = ForecastState(
        3, 10.5, 0.25, -0.1, "north", {"a": 4.0, "b": 6.5}, {"unemp": 5.8}, (9.0, 10.0)
    )
    assert state.segment_id == "north"
    assert state.segment_values == {"a": 4.0, "b": 6.5}
    assert state.macro_context == {"unemp": 5.8}
    assert state.history == (9.0, 10.0)


def test_a_state_is_made_by_name() -> None:
    state = ForecastState(t=0, value=1.0, exogenous=0.0, hidden_shift=0.0, macro_context={"a": 1.0})
    assert state == ForecastState(0, 1.0, 0.0, 0.0, "", {}, {"a": 1.0})


def test_the_old_fields_come_first_and_in_the_old_order() -> None:
    names = [field.name for field in dataclasses.fields(ForecastState)]
    assert names[:8] == [
        "t",
        "value",
        "exogenous",
        "hidden_shift",
        "segment_id",
        "segment_values",
        "macro_context",
        "history",
    ]


def test_whatever_is_new_in_a_state_is_keyword_only_and_has_a_default() -> None:
    for field in dataclasses.fields(ForecastState)[8:]:
        assert field.kw_only, field.name
        assert field.default is not dataclasses.MISSING, field.name


def test_a_states_defaults_are_empty() -> None:
    state = ForecastState(0, 1.0, 0.0, 0.0)
    assert state.segment_id == ""
    assert dict(state.segment_values) == {}
    assert dict(state.macro_context) == {}
    assert tuple(state.history) == ()


def test_a_state_is_frozen() -> None:
    state = ForecastState(0, 1.0, 0.0, 0.0)
    with pytest.raises(dataclasses.FrozenInstanceError):
        state.value = 2.0  # type: ignore[misc]
    with pytest.raises(AttributeError):
        state.t = 1  # type: ignore[misc]


def test_a_states_mappings_refuse_items_with_a_type_error() -> None:
    state = ForecastState(0, 1.0, 0.0, 0.0, "", {"a": 1.0}, {"b": 2.0})
    with pytest.raises(TypeError):
        state.segment_values["a"] = 9.0  # type: ignore[index]
    with pytest.raises(TypeError):
        state.macro_context["c"] = 9.0  # type: ignore[index]
    with pytest.raises(TypeError):
        del state.macro_context["b"]  # type: ignore[attr-defined]


def test_a_states_mappings_are_copies() -> None:
    context = {"unemp": 5.8}
    state = ForecastState(0, 1.0, 0.0, 0.0, macro_context=context)
    context["unemp"] = 0.0
    assert state.macro_context["unemp"] == 5.8


def test_states_are_compared_by_value_and_replaced_by_name() -> None:
    state = ForecastState(0, 1.0, 0.0, 0.0, "", {"a": 1.0})
    assert state == ForecastState(0, 1.0, 0.0, 0.0, "", {"a": 1.0})
    moved = dataclasses.replace(state, value=2.0)
    assert moved.value == 2.0
    assert moved.segment_values == {"a": 1.0}
    assert state.value == 1.0


# -------------------------------------------------------------------------------- actions, messages


def test_an_action_is_made_from_actor_and_delta() -> None:
    action = AgentAction("forecaster", 0.4)
    assert (action.actor, action.delta) == ("forecaster", 0.4)
    assert AgentAction(actor="forecaster", delta=0.4) == action


def test_an_action_is_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        AgentAction("forecaster", 0.4).delta = 1.0  # type: ignore[misc]


def test_a_message_has_sender_receiver_payload() -> None:
    message = AgentMessage("adversary", "defender", "hello")
    assert (message.sender, message.receiver, message.payload) == (
        "adversary",
        "defender",
        "hello",
    )
    with pytest.raises(dataclasses.FrozenInstanceError):
        message.payload = "bye"  # type: ignore[misc]


# ---------------------------------------------------------------------------------------- forecasts


def test_an_interval_has_lower_and_upper() -> None:
    interval = ConfidenceInterval(1.0, 3.0)
    assert (interval.lower, interval.upper) == (1.0, 3.0)
    assert ConfidenceInterval(lower=1.0, upper=3.0) == interval
    with pytest.raises(dataclasses.FrozenInstanceError):
        interval.lower = 0.0  # type: ignore[misc]


def test_a_probabilistic_forecast_has_mean_variance_and_quantiles() -> None:
    forecast = ProbabilisticForecast(2.0, 4.0, (-0.5, 0.7, 2.0, 3.3, 4.5))
    assert (forecast.mean, forecast.variance) == (2.0, 4.0)
    assert forecast.quantiles == (-0.5, 0.7, 2.0, 3.3, 4.5)


def test_a_forecasts_interval_is_around_its_mean() -> None:
    interval = ProbabilisticForecast(2.0, 1.0).interval(0.8)
    assert interval.lower == pytest.approx(2.0 - 1.2815515655446004)
    assert interval.upper == pytest.approx(2.0 + 1.2815515655446004)


# ------------------------------------------------------------------------------------------ records


def test_a_step_result_keeps_its_old_positions() -> None:
    names = list(inspect.signature(StepResult).parameters)
    assert names[:5] == ["next_state", "actions", "reward_breakdown", "forecast", "target"]
    assert "messages" in names
    assert hasattr(StepResult, "confidence")


def test_a_trajectory_entry_keeps_its_old_fields() -> None:
    names = {field.name for field in dataclasses.fields(TrajectoryEntry)}
    assert {"round_idx", "state", "actions", "messages", "forecast", "target"} <= names
    state = ForecastState(0, 1.0, 0.0, 0.0)
    entry = TrajectoryEntry(0, state, (), (), {"team": -0.5}, 1.5, 1.0)
    assert entry.reward == -0.5


def test_a_records_rewards_are_read_only() -> None:
    entry = TrajectoryEntry(0, ForecastState(0, 1.0, 0.0, 0.0), (), (), {"team": -0.5}, 1.5, 1.0)
    with pytest.raises(TypeError):
        entry.reward_breakdown["team"] = 0.0  # type: ignore[index]


# ----------------------------------------------------------------------------------- frozen mapping


def test_a_frozen_mapping_refuses_items_with_a_type_error() -> None:
    frozen = frozen_mapping({"a": 1.0})
    with pytest.raises(TypeError):
        frozen["a"] = 2.0  # type: ignore[index]
    with pytest.raises(TypeError):
        frozen["b"] = 2.0  # type: ignore[index]
    assert dict(frozen) == {"a": 1.0}


def test_a_frozen_mapping_does_not_follow_its_origin() -> None:
    plain = {"a": 1.0}
    frozen = frozen_mapping(plain)
    plain["a"] = 2.0
    assert frozen["a"] == 1.0


def test_a_frozen_mapping_of_nothing_is_empty() -> None:
    assert dict(frozen_mapping()) == {}
    assert dict(frozen_mapping(None)) == {}


# --------------------------------------------------------------------------------------- transition


@pytest.mark.parametrize(
    ("value", "exogenous", "noise", "disturbance", "expected_value", "expected_exogenous"),
    [
        (10.0, 0.0, 0.0, 0.0, 10.4, 0.0),
        (10.0, 1.0, 0.0, 0.0, 10.8, 0.6),
        (10.0, -1.0, 0.5, 0.0, 10.5, -0.6),
        (10.0, 0.0, 0.0, 2.0, 12.4, 0.4),
        (-3.0, 0.5, -0.1, -1.0, -3.5, 0.1),
    ],
)
def test_the_transitions_numbers(
    value: float,
    exogenous: float,
    noise: float,
    disturbance: float,
    expected_value: float,
    expected_exogenous: float,
) -> None:
    state = ForecastState(5, value, exogenous, 0.7)
    after = evolve_state(state, base_trend=0.4, noise=noise, disturbance=disturbance)
    assert after.t == 6
    assert after.value == pytest.approx(expected_value, rel=1e-14)
    assert after.exogenous == pytest.approx(expected_exogenous, rel=1e-14, abs=1e-15)
    assert after.hidden_shift == disturbance


def test_the_transition_adds_macro_effects() -> None:
    state = ForecastState(0, 10.0, 0.0, 0.0, macro_context={"gdp": 2.0, "cpi": 1.0})
    after = evolve_state(
        state, base_trend=0.4, noise=0.0, disturbance=0.0, coeff_map={"gdp": 0.1, "cpi": -0.3}
    )
    assert after.value == pytest.approx(10.0 + 0.4 + 0.2 - 0.3, rel=1e-14)


def test_the_transition_keeps_segments_and_context() -> None:
    state = ForecastState(0, 10.0, 0.0, 0.0, "north", {"a": 10.0}, {"gdp": 2.0})
    after = evolve_state(state, base_trend=0.4, noise=0.0, disturbance=0.0)
    assert after.segment_id == "north"
    assert after.segment_values == {"a": 10.0}
    assert after.macro_context == {"gdp": 2.0}


def test_the_transition_leaves_its_argument_alone_and_repeats_itself() -> None:
    state = ForecastState(0, 10.0, 0.3, 0.0)
    first = evolve_state(state, base_trend=0.4, noise=0.1, disturbance=0.2)
    assert state == ForecastState(0, 10.0, 0.3, 0.0)
    assert evolve_state(state, base_trend=0.4, noise=0.1, disturbance=0.2) == first


def test_the_transition_takes_everything_but_the_state_by_keyword() -> None:
    parameters = inspect.signature(evolve_state).parameters
    kinds = {name: parameter.kind for name, parameter in parameters.items()}
    assert kinds.pop("state") is inspect.Parameter.POSITIONAL_OR_KEYWORD
    assert set(kinds) == {"base_trend", "noise", "disturbance", "coeff_map"}
    assert set(kinds.values()) == {inspect.Parameter.KEYWORD_ONLY}


def test_the_trend_and_the_pressure_add_up_over_rounds() -> None:
    state = ForecastState(0, 0.0, 1.0, 0.0)
    for _ in range(3):
        state = evolve_state(state, base_trend=0.4, noise=0.0, disturbance=0.0)
    # 3 x 0.4 and 0.4 x (1 + 0.6 + 0.36)
    assert state.value == pytest.approx(1.2 + 0.4 * 1.96, rel=1e-14)
    assert state.t == 3
    assert math.isclose(state.exogenous, 0.216)
