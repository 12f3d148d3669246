"""Worlds that fail or return what they should not, in a game alone and in a batch."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from fg_core import (
    AgentError,
    DataError,
    ForecastGame,
    ForecastGameError,
    ForecastState,
    SimulationConfig,
)
from fg_core.batch import StateArrays
from fg_core.game import GameGroup
from fg_core.game.world_batch import WorldBatch, states_of
from fg_core.testing import LineWorld

CONFIG = SimulationConfig(horizon=4, step_scale=1.0, disturbance_prob=0.0)


class Odd(LineWorld):
    """A line that goes wrong in its second round."""

    def wrong(self, after):
        raise NotImplementedError

    def advance(self, state, **given):
        after = super().advance(state, **given)
        return self.wrong(after) if state.t == self.start_t + 1 else after


class Nothing(Odd):
    def wrong(self, after):
        return None


class Number(Odd):
    def wrong(self, after):
        return after.value


class Skips(Odd):
    def wrong(self, after):
        return replace(after, t=after.t + 1)


class Stays(Odd):
    def wrong(self, after):
        return replace(after, t=after.t - 1)


class Halves(Odd):
    def wrong(self, after):
        vars(after)["t"] = after.t + 0.5
        return after


class FloatPeriod(Odd):
    def wrong(self, after):
        vars(after)["t"] = float(after.t)
        return after


class Untaught(LineWorld):
    def training(self, initial):
        raise ZeroDivisionError("by zero")


class NoNumber(Odd):
    def wrong(self, after):
        vars(after)["value"] = np.nan
        return after


class TextValue(Odd):
    def wrong(self, after):
        vars(after)["value"] = "a"
        return after


class Fails(Odd):
    def wrong(self, after):
        raise ZeroDivisionError("by zero")


def kind_of(base):
    """A world that starts where lines start, whatever period that is."""

    class Kind(base):
        start_t = 0

    Kind.__name__ = base.__name__
    return Kind


@pytest.mark.parametrize(
    ("kind", "error", "message"),
    [
        (Nothing, AgentError, "world Nothing returned a NoneType: a ForecastState is wanted"),
        (Number, AgentError, "world Number returned a float"),
        (Skips, AgentError, "world Skips went from period .* the next one is wanted"),
        (Stays, AgentError, "world Stays went from period"),
        (Halves, AgentError, "world Halves went from period"),
        (FloatPeriod, AgentError, "world FloatPeriod went from period"),
        (Untaught, AgentError, r"world Untaught failed in training\(\): ZeroDivisionError"),
        (NoNumber, DataError, "left the range of numbers"),
        (TextValue, ForecastGameError, "TextValue"),
        (Fails, AgentError, r"world Fails failed in advance\(\): ZeroDivisionError: by zero"),
    ],
)
@pytest.mark.parametrize("batch", [False, True])
def test_a_world_returns_the_next_state(kind, error, message, batch):
    world = kind_of(kind)(1.0, 0.3, 12)
    initial = world.initial_state()
    type(world).start_t = initial.t
    game = ForecastGame(CONFIG, seed=3)
    group = GameGroup(initial, world, n_games=2)
    play = partial(game.run_groups, (group,)) if batch else partial(game.run, initial, world=world)
    with pytest.raises(error, match=message):
        play()


class ArrayLine(LineWorld):
    """A line with an array form that returns what it is told to."""

    returned = None

    def advance_array(self, state, *, noise, disturbance, persistence=1.0):
        return self.returned(state)


@pytest.mark.parametrize(
    ("returned", "error", "message"),
    [
        (lambda state: None, AgentError, "returned no StateArrays of 2 games"),
        (lambda state: state.take(np.array([0])), AgentError, "returned no StateArrays of 2 games"),
        (lambda state: state, AgentError, "went from period .* the next one is wanted"),
        (
            lambda state: StateArrays(
                state.t + 1, np.full(2, np.inf), state.exogenous, state.hidden_shift
            ),
            DataError,
            "left the range of numbers",
        ),
    ],
)
def test_an_array_form_returns_the_next_states(returned, error, message):
    world = ArrayLine(1.0, 0.3, 12)
    type(world).returned = staticmethod(returned)
    game = ForecastGame(CONFIG, seed=3)
    group = GameGroup(world.initial_state(), world, n_games=2)
    with pytest.raises(error, match=message):
        game.run_groups((group,))


def test_states_of_single_games_become_arrays_and_stay_themselves():
    states = (
        ForecastState(3, 1.0, 0.1, 0.2, "a", {"x": 1.0}, {"m": 1.0}, displacement=0.5),
        ForecastState(3, 2.0, 0.3, 0.4, "b", {}, {"m": 2.0}),
    )
    found = states_of(states)
    assert found.each == states
    assert (found.value.tolist(), found.displacement.tolist()) == ([1.0, 2.0], [0.5, 0.0])
    assert found.segment_id == ("a", "b")
    assert found.macro_context["m"].tolist() == [1.0, 2.0]


def test_worlds_of_several_series_move_each_its_own(series):
    worlds = tuple(series(20, seed, columns=("m",)) for seed in (1, 2))
    together = WorldBatch(worlds, 2, lambda _t: 1)
    state = states_of([one.initial_state(5) for one in worlds])
    zeros = np.zeros(2)
    after = together.advance(state, noise=zeros, disturbance=zeros, persistence=1.0)
    assert after.each == tuple(
        one.advance(one.initial_state(5), noise=0.0, disturbance=0.0) for one in worlds
    )
    assert together.slow == ""
    # A disturbance of 1 is one usual change of each series.
    assert together.unit(np.array([0.5, 2.0])).tolist() == [0.5, 2.0]


@pytest.mark.parametrize("name", ["value", "exogenous"])
@pytest.mark.parametrize("number", ["a", None, np.nan])
def test_a_game_begins_with_numbers(name, number):
    initial = replace(LineWorld(1.0, 0.3, 12).initial_state(), **{name: number})
    with pytest.raises(DataError, match=f"the first {name} of a game must be a finite number"):
        GameGroup(initial)
