"""How far back forecasters must see, against games that are played."""

from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fg_core import (
    AgentAction,
    AgentError,
    AgentRegistry,
    AutoRegression,
    ConfigError,
    Drift,
    EqualWeightPool,
    ForecastGame,
    RandomWalk,
    ReplayWorld,
    SeasonalNaive,
    SimulationConfig,
    TrainingWindow,
)
from fg_core.game import plan
from fg_core.lookback import check_lookback, longest_since_fit, required_history
from fg_core.testing import (
    ConformanceError,
    check_forecaster,
    example_dataset,
    example_states,
    example_window,
)

ROWS = example_dataset(60).series("alpha")
START = 30


@dataclass(frozen=True)
class Filter:
    """Goes on where its training window ended, as a state-space model does."""

    name: str = "filter"
    end_t: int | None = None

    def fit(self, window):
        return replace(self, end_t=window.end_t)

    def act(self, state, horizon=1):
        missing = state.t - self.end_t - 1
        if missing > len(state.history):
            raise AgentError(f"{self.name} lacks {missing - len(state.history)} values")
        return AgentAction(self.name, 0.0, scale=1.0)

    def required_history(self, horizon=1, *, since_fit=1, since_reveal=1, refits=False):
        return max(0, since_fit - 1)


def play(config, rounds, *forecasters):
    world = ReplayWorld(ROWS)
    registry = AgentRegistry(forecasters or (Filter(),))
    with pytest.MonkeyPatch.context() as patch:
        # What the game refuses is played here all the same, to see whether it fails.
        patch.setattr(plan, "check_lookback", lambda *_: None)
        return ForecastGame(config, registry=registry).run(
            world.initial_state(START), rounds, world=world
        )


def test_a_game_that_shows_too_little_is_refused_before_its_first_round():
    world, game = ReplayWorld(ROWS), ForecastGame(SimulationConfig(lookback=2, season_length=4))
    with pytest.raises(ConfigError, match=r"lookback = 2 is too short: .*ar4"):
        game.run(world.initial_state(START), 5, world=world)


def plays(config, rounds, *forecasters):
    try:
        play(config, rounds, *forecasters)
    except AgentError:
        return False
    return True


def accepted(config, rounds, *forecasters):
    try:
        check_lookback(forecasters or (Filter(),), config, rounds)
    except ConfigError:
        return False
    return True


@settings(max_examples=25)
@given(st.integers(1, 8), st.integers(1, 3), st.integers(0, 2), st.integers(1, 9))
def test_without_refits_it_refuses_just_what_cannot_be_played(rounds, lag, gap, lookback):
    config = SimulationConfig(
        reveal_lag=lag, fit_gap=gap, lookback=lookback, horizons=(1, 2), enable_refactor=False
    )
    assert accepted(config, rounds) == plays(config, rounds)


@settings(max_examples=40)
@given(
    st.integers(1, 12),
    st.integers(1, 3),
    st.integers(0, 2),
    st.integers(1, 7),
    st.integers(1, 5),
)
def test_with_refits_what_it_accepts_can_be_played(rounds, lag, gap, lookback, every):
    config = SimulationConfig(
        reveal_lag=lag, fit_gap=gap, lookback=lookback, refit_every=every, enable_refactor=False
    )
    if accepted(config, rounds):
        play(config, rounds)
    elif lookback + 1 >= longest_since_fit(config, rounds):
        # Refused by a little: the bound is one too high at most.
        assert accepted(replace(config, lookback=lookback + 1), rounds)


def test_the_message_says_who_needs_what_and_what_to_do():
    config = SimulationConfig(lookback=10, horizon=100)
    with pytest.raises(ConfigError) as caught:
        check_lookback([RandomWalk(), Filter()], config, 100)
    assert str(caught.value) == (
        "lookback = 10 is too short: filter needs 99 earlier values; set lookback to 99 or more, "
        "or refit every 11 rounds or more often (refit_every)"
    )
    check_lookback([Filter()], replace(config, lookback=99), 100)
    check_lookback([Filter()], replace(config, refit_every=11), 100)
    with pytest.raises(ConfigError, match="filter needs 11"):
        check_lookback([Filter()], replace(config, refit_every=12), 100)


def test_no_refit_helps_a_model_with_many_lags():
    with pytest.raises(ConfigError, match=r"ar needs 8 earlier values; set lookback to 8 or more$"):
        check_lookback([AutoRegression(9)], SimulationConfig(lookback=7), 10)


@pytest.mark.parametrize(
    ("agent", "needs"),
    [
        (RandomWalk(), 0),
        (Drift(), 0),
        (AutoRegression(0), 0),
        (AutoRegression(1), 0),
        (AutoRegression(4), 3),
        (SeasonalNaive(4), 3),
        (EqualWeightPool((Drift(), AutoRegression(3), SeasonalNaive(4))), 3),
    ],
    ids=lambda value: getattr(value, "name", value),
)
def test_baselines_need_what_they_say_and_no_less(agent, needs):
    fitted = agent.fit(example_window())
    assert required_history(fitted) == needs
    config = SimulationConfig(lookback=max(1, needs), enable_refactor=False)
    assert accepted(config, 5, fitted)
    assert plays(config, 5, agent)
    if needs > 1:
        config = replace(config, lookback=needs - 1)
        assert not accepted(config, 5, fitted)
        assert not plays(config, 5, agent)


def test_a_season_is_reached_over_by_longer_horizons():
    fitted = SeasonalNaive(4).fit(TrainingWindow([1.0, 2.0, 3.0, 5.0, 4.0, 6.0]))
    assert [fitted.required_history(h) for h in (1, 2, 3, 4, 5, 8)] == [3, 2, 1, 0, 3, 0]


def test_an_order_that_is_yet_to_be_chosen_may_be_the_highest():
    agent = AutoRegression(max_order=6)
    fitted = agent.fit(example_window())
    order = fitted.fitted.order
    assert agent.required_history() == 5
    assert fitted.required_history() == max(0, order - 1)
    assert fitted.required_history(refits=True) == 5
    assert AutoRegression(2, max_order=6).required_history(refits=True) == 1


@dataclass(frozen=True)
class Learner(Filter):
    """Remembers what is revealed to it, and fills the gap from there."""

    name: str = "learner"

    def update(self, revealed):
        missing = revealed.t - self.end_t - 1
        if missing > len(revealed.state.history):
            raise AgentError(f"{self.name} lacks {missing} values")
        return replace(self, end_t=max(self.end_t, revealed.t))

    def required_history(self, horizon=1, *, since_fit=1, since_reveal=1, refits=False):
        return max(0, since_reveal - 1)


@settings(max_examples=25)
@given(st.integers(1, 8), st.integers(1, 3), st.integers(0, 2), st.integers(1, 5))
def test_who_learns_needs_what_its_fit_left_out(rounds, lag, gap, lookback):
    config = SimulationConfig(reveal_lag=lag, fit_gap=gap, lookback=lookback, enable_refactor=False)
    assert accepted(config, rounds, Learner(end_t=0)) == plays(config, rounds, Learner())


@dataclass(frozen=True)
class Boastful(Filter):
    """Says that it needs nothing."""

    def required_history(self, horizon=1, *, since_fit=1, since_reveal=1, refits=False):
        return 0


@dataclass(frozen=True)
class Vague(Filter):
    """Answers with half a value."""

    def required_history(self, horizon=1, *, since_fit=1, since_reveal=1, refits=False):
        return since_fit - 0.5


@dataclass(frozen=True)
class Forgetful(Filter):
    """Needs less after a refit than without one."""

    def required_history(self, horizon=1, *, since_fit=1, since_reveal=1, refits=False):
        return 0 if refits else max(0, since_fit - 1)


def test_conformance_tries_what_a_forecaster_says():
    check_forecaster(Filter(), states=histories())
    for liar, promise in (
        (Boastful(), "as many earlier values as required_history says are enough"),
        (Vague(), "whole number of values"),
        (Forgetful(), "with refits is at least"),
    ):
        with pytest.raises(ConformanceError, match=promise):
            check_forecaster(liar, states=histories())


def histories():
    return [state for state in example_states() if state.history]
