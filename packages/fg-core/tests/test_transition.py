"""The law of motion: pure, and the formula."""

from __future__ import annotations

import copy
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from fg_core.state import ForecastState
from fg_core.testing.strategies import states, values
from fg_core.transition import evolve_state

quiet = settings(derandomize=True, database=None, deadline=None)


def random_states(n: int) -> list[tuple[ForecastState, dict[str, float], dict[str, float]]]:
    """Return states with arguments and coefficients, drawn once and for all."""
    rng = np.random.Generator(np.random.Philox(20))
    found = []
    for _ in range(n):
        context = {f"m{k}": float(rng.normal()) for k in range(rng.integers(0, 4))}
        coefficients = {f"m{k}": float(rng.normal()) for k in range(rng.integers(0, 5))}
        state = ForecastState(
            int(rng.integers(0, 1000)),
            float(rng.normal(0.0, 100.0)),
            float(rng.normal()),
            float(rng.normal()),
            "north",
            {"a": 1.0},
            context,
            tuple(float(x) for x in rng.normal(size=rng.integers(0, 6))),
            n_unrevealed=int(rng.integers(0, 3)),
            displacement=float(rng.normal()),
        )
        arguments = {
            "base_trend": float(rng.normal()),
            "noise": float(rng.normal()),
            "disturbance": float(rng.normal()),
        }
        found.append((state, arguments, coefficients))
    return found


def test_it_is_pure_over_a_thousand_random_states() -> None:
    for state, arguments, coefficients in random_states(1000):
        before = copy.deepcopy((state, arguments, coefficients))
        first = evolve_state(state, **arguments, coeff_map=coefficients)
        second = evolve_state(state, **arguments, coeff_map=coefficients)
        assert first == second
        assert first.value.hex() == second.value.hex()
        assert first is not state
        assert (state, arguments, coefficients) == before


def test_the_formula_over_a_thousand_random_states() -> None:
    for state, arguments, coefficients in random_states(1000):
        after = evolve_state(state, **arguments, coeff_map=coefficients)
        value = state.value + arguments["base_trend"] + 0.4 * state.exogenous
        value += arguments["noise"] + arguments["disturbance"]
        value += sum(
            c * state.macro_context[k] for k, c in coefficients.items() if k in state.macro_context
        )
        assert after.value == pytest.approx(value, rel=1e-12, abs=1e-12)
        assert after.exogenous == pytest.approx(
            0.6 * state.exogenous + 0.2 * arguments["disturbance"], rel=1e-12, abs=1e-15
        )
        assert after.hidden_shift == arguments["disturbance"]
        assert after.t == state.t + 1


def test_by_hand() -> None:
    state = ForecastState(4, 10.0, 0.5, 9.0, macro_context={"unemp": 2.0, "infl": -1.0})
    after = evolve_state(
        state,
        base_trend=0.4,
        noise=0.25,
        disturbance=-2.0,
        coeff_map={"unemp": -0.5, "infl": 0.25, "not_published": 100.0},
    )
    # 10 + 0.4 + 0.4 x 0.5 + 0.25 - 2 - 0.5 x 2 + 0.25 x (-1)
    assert after.value == pytest.approx(7.6, rel=1e-15)
    assert after.exogenous == pytest.approx(0.6 * 0.5 - 0.2 * 2.0, rel=1e-15)
    assert after.hidden_shift == -2.0
    assert after.t == 5


@quiet
@given(states(), values(10.0))
def test_what_the_formula_does_not_name_stays(state: ForecastState, disturbance: float) -> None:
    after = evolve_state(state, base_trend=0.4, noise=0.1, disturbance=disturbance)
    assert after.segment_id == state.segment_id
    assert after.segment_values == state.segment_values
    known = dict(state.known_ahead[0]) if state.known_ahead else {}
    assert after.macro_context == {**state.macro_context, **known}
    assert after.n_unrevealed == state.n_unrevealed
    assert after.displacement == state.displacement


@quiet
@given(states())
def test_a_history_keeps_its_length_and_ends_with_the_old_value(state: ForecastState) -> None:
    after = evolve_state(state, base_trend=0.0, noise=0.0, disturbance=0.0)
    assert len(after.history) == len(state.history)
    if state.history:
        assert after.history == (*state.history[1:], state.value)


@quiet
@given(states())
def test_the_hidden_shift_of_before_does_not_matter(state: ForecastState) -> None:
    move = {"base_trend": 0.4, "noise": 0.1, "disturbance": 0.2}
    other = replace(state, hidden_shift=state.hidden_shift + 1.0)
    assert evolve_state(state, **move) == evolve_state(other, **move)


@pytest.mark.parametrize("coefficients", [None, {}, {"other": 3.0}])
def test_without_published_columns_there_is_no_macro_effect(
    coefficients: dict[str, float] | None,
) -> None:
    state = ForecastState(0, 1.0, 0.0, 0.0, macro_context={"unemp": 5.0})
    after = evolve_state(state, base_trend=0.0, noise=0.0, disturbance=0.0, coeff_map=coefficients)
    assert after.value == 1.0


def test_without_any_push_the_exogenous_pressure_dies_out() -> None:
    state = ForecastState(0, 0.0, 1.0, 0.0)
    for _ in range(200):
        state = evolve_state(state, base_trend=0.0, noise=0.0, disturbance=0.0)
    assert abs(state.exogenous) < 1e-40
    # The push adds up to 0.4 (1 + 0.6 + 0.36 + ...) = 0.4 / (1 - 0.6).
    assert state.value == pytest.approx(1.0, rel=1e-12)


def test_everything_but_the_state_is_by_keyword() -> None:
    with pytest.raises(TypeError):
        evolve_state(ForecastState(0, 1.0, 0.0, 0.0), 0.4, 0.0, 0.0)  # type: ignore[misc]
