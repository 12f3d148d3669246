"""What uncertainty about several of the latest values adds to a forecast."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fg_core import (
    AgentAction,
    AgentError,
    AutoRegression,
    Drift,
    ForecastState,
    ForecastUnavailable,
    RandomWalk,
    SeasonalNaive,
    TrainingWindow,
)
from fg_core.batch import ActionArrays, ForecastArrays, StateArrays
from fg_core.game.agent_batch import AgentBatch
from fg_core.game.inflation import Spread, inflation_along, moved, slope_along

WINDOW = TrainingWindow(np.cumsum(np.random.default_rng(0).normal(size=60)), season_length=4)
LINEAR = (
    RandomWalk(),
    Drift(),
    SeasonalNaive(),
    AutoRegression(0, name="ar0"),
    AutoRegression(1, name="ar1"),
    AutoRegression(3, name="ar3"),
)


@dataclass(frozen=True)
class Silent:
    """A forecaster that does not say how it depends on the latest values."""

    of: object
    name: str = "silent"

    def act(self, state, horizon=1):
        return self.of.act(state, horizon)

    def act_array(self, state, horizon=1):
        return self.of.act_array(state, horizon)


def states(n, length=6, seed=1):
    rng = np.random.default_rng(seed)
    return StateArrays(
        70,
        rng.normal(size=n),
        np.zeros(n),
        np.zeros(n),
        history=tuple(rng.normal(size=n) for _ in range(length)),
    )


def slope(agent, state, horizon, pattern, step=1.0):
    n = state.n_games
    batch = AgentBatch.of([agent], n, "act_array")
    steps = np.full(n, step)
    return slope_along(batch, state, horizon, steps, np.asarray(pattern), np.ones(n, dtype=bool))


@given(
    st.sampled_from(LINEAR),
    st.integers(1, 5),
    st.lists(st.floats(-2.0, 2.0), min_size=2, max_size=5),
    st.floats(0.1, 3.0),
)
@settings(max_examples=30)
def test_what_a_linear_forecaster_states_is_its_finite_difference(agent, horizon, shares, step):
    fitted = agent.fit(WINDOW)
    pattern = np.array(shares)[:, np.newaxis] * np.ones((1, 2))
    state = states(2)
    stated = slope(fitted, state, horizon, pattern)
    difference = slope(Silent(fitted), state, horizon, pattern, step)
    np.testing.assert_allclose(difference, stated, rtol=1e-9, atol=1e-9)
    for lane in range(2):
        one = np.array([lane])
        for each, many in ((fitted, stated), (Silent(fitted), difference)):
            alone = slope(each, state.take(one), horizon, pattern[:, one], step)
            assert alone[0] == many[lane]


@pytest.mark.parametrize("horizon", [1, 2, 5])
def test_stacked_forecasters_state_the_sensitivities_of_each(horizon):
    windows = [TrainingWindow(np.cumsum(np.random.default_rng(i).normal(size=50))) for i in (1, 2)]
    for agent in (AutoRegression(2), AutoRegression(max_order=4), RandomWalk()):
        fitted = [agent.fit(window) for window in windows]
        joint = type(agent).stack(fitted).sensitivities_array(states(2), horizon, 4)
        joint = np.broadcast_to(joint.reshape(4, -1), (4, 2))
        for lane, one in enumerate(fitted):
            assert joint[:, lane].tolist() == list(one.sensitivities(None, horizon, 4))


def test_the_responses_of_an_autoregression_are_those_of_its_path():
    ar = AutoRegression(3).fit(WINDOW)
    state = ForecastState(70, 0.3, 0.0, 0.0, history=(0.1, -0.4, 0.2, 0.9))
    for horizon in (1, 4):
        found = ar.sensitivities(state, horizon, 5)
        assert found[0] == ar.sensitivity(state, horizon)
        assert found[3:] == (0.0, 0.0)
    assert ar.sensitivities(state, 1, 3) == ar.fitted.phi


def test_values_move_in_the_state_alone_and_as_far_as_it_shows_them():
    state = states(2, length=2)
    there = moved(state, np.array([[1.0, 0.0], [0.5, 2.0], [0.0, 0.0], [9.0, 9.0]]))
    assert (there.value - state.value).tolist() == [1.0, 0.0]
    np.testing.assert_allclose(there.history[1] - state.history[1], [0.5, 2.0])
    assert there.history[0].tolist() == state.history[0].tolist()
    assert len(there.history) == 2
    for array in (there.value, *there.history):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0.0
    shown = there.each[1]
    assert (shown.value, shown.history) == (there.value[1], tuple(h[1] for h in there.history))


@dataclass(frozen=True)
class Nowhere:
    """Has no forecast away from 0."""

    name: str = "nowhere"

    def act(self, state, horizon=1):
        raise ForecastUnavailable("away")

    def act_array(self, state, horizon=1):
        return ActionArrays(np.nan, reason="away")


def test_who_cannot_say_moves_with_the_values():
    pattern = np.array([[0.5, 0.5], [2.0, 1.0]])
    assert slope(Nowhere(), states(2), 1, pattern).tolist() == [2.0, 1.0]
    assert slope(Nowhere(), states(1), 1, pattern[:, :1]).tolist() == [2.0]


@dataclass(frozen=True)
class Wrong:
    """States what it is told to."""

    stated: object
    name: str = "wrong"

    def act(self, state, horizon=1):
        return AgentAction(self.name, 0.0)

    def act_array(self, state, horizon=1):
        return ActionArrays(0.0)

    def sensitivities(self, state, horizon=1, n=1):
        return self.stated

    sensitivities_array = sensitivities


@pytest.mark.parametrize("games", [1, 2])
@pytest.mark.parametrize(
    ("stated", "message"),
    [
        ((1.0,), r"sensitivities of shape \(1,\).*2 of them were asked for"),
        ((1.0, np.inf), "sensitivities"),
        (("a", "b"), "numbers are wanted"),
        (None, "numbers are wanted"),
    ],
)
def test_wrong_sensitivities_name_the_agent(games, stated, message):
    with pytest.raises(AgentError, match=f"'wrong'.*{message}"):
        slope(Wrong(stated), states(games), 1, np.ones((2, games)))


@dataclass(frozen=True)
class OneOnly(Silent):
    """States its sensitivity to the newest value alone, which is not its finite difference."""

    def sensitivity(self, state, horizon=1):
        return 3.0

    def sensitivity_array(self, state, horizon=1):
        return 3.0


@pytest.mark.parametrize("games", [1, 2])
def test_a_doubt_about_the_newest_value_alone_asks_for_its_sensitivity(games):
    agent = OneOnly(RandomWalk().fit(WINDOW))
    batch = AgentBatch.of([agent], games, "act_array")
    state = states(games)
    forecast_arrays = ForecastArrays.of(state, [batch.ask(state, 1)], ("silent",))
    everyone, scale = np.ones(games, dtype=bool), np.full(games, 0.5)
    # In the last game the value before the newest moves as well.
    pattern = np.array([[1.0] * games, [0.0] * (games - 1) + [1.0]])
    found = inflation_along([batch], (), forecast_arrays, 1, [Spread(scale, pattern)], everyone)
    np.testing.assert_allclose(found[:, 0], [1.5, 0.5][-games:])
    twice = Spread(scale, np.array([[-2.0] * games, [0.0] * games]))
    near = inflation_along([batch], (), forecast_arrays, 1, [twice], everyone)
    assert near[:, 0].tolist() == [3.0] * games
