"""The state of the game."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from dataclasses import replace

import pytest
from hypothesis import given, settings

from fg_core.frozen import FrozenMapping
from fg_core.state import ForecastState
from fg_core.testing.strategies import states
from fg_core.transition import evolve_state

quiet = settings(derandomize=True, database=None, deadline=None)


@quiet
@given(states())
def test_states_are_values(state: ForecastState) -> None:
    assert copy.deepcopy(state) == state
    assert pickle.loads(pickle.dumps(state)) == state
    assert hash(replace(state)) == hash(state)
    assert replace(state, t=state.t + 1) != state


@quiet
@given(states())
def test_path_is_history_and_value(state: ForecastState) -> None:
    assert state.path == (*state.history, state.value)
    assert state.path[:-1] == state.history


@quiet
@given(states())
def test_segments_of_the_examples_add_up(state: ForecastState) -> None:
    assert not state.segment_values or state.value == sum(state.segment_values.values())


def test_nothing_can_be_set() -> None:
    state = ForecastState(0, 1.0, 0.0, 0.0)
    for field in dataclasses.fields(state):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(state, field.name, 1)


def test_mappings_are_read_only_and_do_not_follow_their_origin() -> None:
    segments, context = {"a": 1.0}, {"unemp": 5.8}
    state = ForecastState(0, 1.0, 0.0, 0.0, "", segments, context)
    segments["a"], context["unemp"] = 2.0, 9.9
    assert state.segment_values == {"a": 1.0}
    assert state.macro_context == {"unemp": 5.8}
    for mapping in (state.segment_values, state.macro_context):
        assert isinstance(mapping, FrozenMapping)
        with pytest.raises(TypeError):
            mapping["a"] = 0.0  # type: ignore[index]


def test_a_history_is_a_tuple_whatever_it_was() -> None:
    history = [1.0, 2.0]
    state = ForecastState(2, 3.0, 0.0, 0.0, history=history)  # type: ignore[arg-type]
    history.append(9.0)
    assert state.history == (1.0, 2.0)
    assert ForecastState(0, 1.0, 0.0, 0.0, history=iter([4.0])).history == (4.0,)  # type: ignore[arg-type]


def test_defaults_are_empty_and_shared_by_nobody_who_could_change_them() -> None:
    state = ForecastState(0, 1.0, 0.0, 0.0)
    assert (state.segment_id, state.history, state.n_unrevealed, state.displacement) == (
        "",
        (),
        0,
        0.0,
    )
    assert state.segment_values == {} == state.macro_context


def test_what_is_known_ahead_is_frozen_and_ends_with_what_is_known() -> None:
    sale = {"sale": 1.0}
    state = ForecastState(0, 1.0, 0.0, 0.0, known_ahead=[{}, sale, {}])  # type: ignore[arg-type]
    sale["sale"] = 9.0
    assert state.known_ahead == ({}, {"sale": 1.0})
    with pytest.raises(TypeError):
        state.known_ahead[1]["sale"] = 2.0  # type: ignore[index]
    after = evolve_state(state, base_trend=0.0, noise=0.0, disturbance=0.0)
    last = evolve_state(after, base_trend=0.0, noise=0.0, disturbance=0.0)
    assert (after.known_ahead, dict(after.macro_context)) == (({"sale": 1.0},), {})
    assert (last.known_ahead, dict(last.macro_context)) == ((), {"sale": 1.0})
    assert state != replace(state, known_ahead=())


def test_new_fields_are_by_keyword_only() -> None:
    with pytest.raises(TypeError):
        ForecastState(0, 1.0, 0.0, 0.0, "", {}, {}, (), 1)  # type: ignore[misc]
    assert ForecastState(0, 1.0, 0.0, 0.0, n_unrevealed=2).n_unrevealed == 2


@quiet
@given(states())
def test_a_state_keeps_the_number_of_its_game(state: ForecastState) -> None:
    after = evolve_state(state, base_trend=0.1, noise=0.0, disturbance=0.0)
    assert after.game == state.game
    assert replace(state, game=state.game + 1) != state
