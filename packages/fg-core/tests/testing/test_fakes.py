"""The fakes that draw random numbers: by key, and alike as numbers and as arrays."""

from __future__ import annotations

import numpy as np
import pytest

from fg_core.batch import StateArrays
from fg_core.forecast import ProbabilisticForecast
from fg_core.rng import AgentDraws, DrawArrays, Stream, StreamArrays
from fg_core.state import ForecastState
from fg_core.testing import check_array_form
from fg_core.testing.fakes import DrawingDefender, DrawingForecaster

SEED, FIRST, N = 11, 3, 5
STATES = StateArrays(
    66, np.linspace(-1.0, 2.0, N), np.zeros(N), np.zeros(N), game=FIRST + np.arange(N)
)
EXPECTED = ProbabilisticForecast(0.5, 2.0)


def one(stream: str, name: str, state: ForecastState) -> AgentDraws:
    return AgentDraws(Stream(SEED, stream, name, state.game), state.t)


def all_of_them(stream: str, name: str) -> DrawArrays:
    return DrawArrays(StreamArrays(SEED, stream, name, FIRST, N), STATES.t)


def test_the_states_of_a_batch_number_their_games() -> None:
    assert [state.game for state in STATES.each] == [3, 4, 5, 6, 7]
    alike = StateArrays(0, np.zeros(2), np.zeros(2), np.zeros(2))
    assert [state.game for state in alike.each] == [0, 0]


@pytest.mark.parametrize("horizon", [1, 4])
def test_a_drawing_forecaster_says_the_same_alone_and_in_a_batch(horizon: int) -> None:
    agent = DrawingForecaster(0.7, 0.4)
    whole = agent.with_draws(all_of_them("forecaster", agent.name)).act_array(STATES, horizon)
    alone = [
        agent.with_draws(one("forecaster", agent.name, state)).act(state, horizon)
        for state in STATES.each
    ]
    assert np.broadcast_to(whole.delta, N).tolist() == [said.delta for said in alone]
    assert len({said.delta for said in alone}) == N
    assert {said.scale for said in alone} == {whole.scale}


def test_a_drawing_defender_says_the_same_alone_and_in_a_batch() -> None:
    agent = DrawingDefender(0.5)
    whole = agent.with_draws(all_of_them("defender", agent.name)).act_array(STATES, EXPECTED)
    alone = [
        agent.with_draws(one("defender", agent.name, state)).act(state, EXPECTED)
        for state in STATES.each
    ]
    assert whole.delta.tolist() == [said.delta for said in alone]
    assert whole.p_bad.tolist() == [said.p_bad for said in alone]
    assert whole.scale.tolist() == [said.scale for said in alone]
    assert 0 < np.count_nonzero(whole.p_bad) < N


def test_without_draws_there_is_no_chance() -> None:
    state = STATES.each[0]
    assert DrawingForecaster(0.7).act(state, 3).delta == 0.0
    assert DrawingDefender(1.0).act(state, EXPECTED).p_bad == 0.0


def test_their_array_forms_keep_their_promise() -> None:
    check_array_form(DrawingForecaster(0.5), "forecaster")
    check_array_form(DrawingDefender(), "defender")
