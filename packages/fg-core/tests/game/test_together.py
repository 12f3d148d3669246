"""Forecasters of one kind that are asked together: the same game, failures with names."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pytest

from fg_core import (
    AgentAction,
    AgentError,
    AgentRegistry,
    DefenderAgent,
    ForecastGame,
    ForecastUnavailable,
    PoolAggregator,
    RandomHits,
    RandomWalk,
    SimulationConfig,
)
from fg_core.batch import ActionArrays
from fg_core.distributions import NormalPart, StatedDistribution
from fg_core.game import GameGroup

BEGIN = 30


@dataclass(frozen=True)
class Reverting:
    """Goes a part of the way to 0; has no forecast of every third period where it is told so."""

    name: str
    speed: float
    tires: bool = False

    def act(self, state, horizon=1):
        if self.tires and state.t % 3 == 0:
            raise ForecastUnavailable(f"{self.name} is tired at period {state.t}")
        return AgentAction(self.name, -self.speed * state.value * horizon, scale=1.0 + self.speed)

    def sensitivity(self, state, horizon=1):
        return 1.0 - self.speed * horizon


class Together(Reverting):
    """As `Reverting`, and several can be asked at once."""

    calls: ClassVar[list] = []

    @classmethod
    def act_together(cls, games, states, horizon=1):
        cls.calls.append(tuple(tuple(agent.name for agent in agents) for agents in games))
        asked = [
            (agent, state) for agents, state in zip(games, states, strict=True) for agent in agents
        ]
        tired = [agent.tires and state.t % 3 == 0 for agent, state in asked]
        speeds = np.array([agent.speed for agent, _ in asked])
        values = np.array([state.value for _, state in asked])
        return ActionArrays(
            np.where(tired, np.nan, -speeds * values * horizon),
            np.where(tired, np.nan, 1.0 + speeds),
            [
                f"{agent.name} is tired at period {state.t}" if away else ""
                for (agent, state), away in zip(asked, tired, strict=True)
            ],
        )

    @classmethod
    def slopes_together(cls, games, states, horizon=1):
        assert len(games) == len(states)
        return np.array([1.0 - agent.speed * horizon for agents in games for agent in agents])


class Later(Together):
    """Says something else than the methods that it inherits would say for it."""

    def act(self, state, horizon=1):
        return replace(super().act(state, horizon), delta=0.5)


def played(kind, series, *, tires=False, others=()):
    """Return a game alone with three forecasters of a kind, under attack and defended."""
    agents = tuple(kind(f"r{i}", speed, tires) for i, speed in enumerate((0.1, 0.25, 0.4)))
    registry = AgentRegistry(
        (agents[0], RandomWalk(), *others, *agents[1:]),
        (RandomHits(size=3.0, probability=0.5),),
        (DefenderAgent(),),
        PoolAggregator(),
    )
    config = SimulationConfig(horizon=9, horizons=(1, 2))
    game = ForecastGame(config, seed=3, registry=registry)
    world = series(45)
    return game.run(world.initial_state(BEGIN), world=world)


@pytest.mark.parametrize("tires", [False, True])
def test_the_game_is_the_one_in_which_they_are_asked_one_by_one(series, tires):
    Together.calls.clear()
    together, alone = (played(kind, series, tires=tires) for kind in (Together, Reverting))
    assert together == alone
    assert set(Together.calls) == {(("r0", "r1", "r2"),)}
    assert dict(together.convergence["missing"]) == ({"r0": 6, "r1": 6, "r2": 6} if tires else {})


def test_a_class_that_acts_otherwise_is_not_asked_together(series):
    Together.calls.clear()
    actions = played(Later, series).steps[0].actions
    assert [one.delta for one in actions if one.actor in ("r0", "r1", "r2")] == [0.5] * 3
    assert not Together.calls


def test_distributions_of_others_stay_what_they_are(series):
    stated = Stating()
    together, alone = (played(kind, series, others=(stated,)) for kind in (Together, Reverting))
    assert together == alone


@dataclass(frozen=True)
class Stating:
    """States a normal as a distribution."""

    name: str = "stating"

    def act(self, state, horizon=1):
        shape = StatedDistribution(NormalPart(state.value, 2.0))
        return AgentAction.stating(self.name, state.value, shape)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (None, "act_together"),
        (ActionArrays(np.zeros(2), np.ones(2), ["", ""]), "act_together"),
        (ActionArrays(np.zeros(3), np.ones(3), ""), "act_together"),
        (ActionArrays(np.array([0.0, np.nan, 0.0]), np.ones(3), [""] * 3), "act_together"),
        (ActionArrays(np.zeros(3), np.ones(3), ["", "no idea", ""]), "act_together"),
        (ActionArrays(np.array([0.0, 1e200, 0.0]), np.ones(3), [""] * 3), "'r1'.*delta"),
        (ActionArrays(np.zeros(3), np.array([1.0, 1.0, -1.0]), [""] * 3), "'r2'.*scale"),
        (ZeroDivisionError("oh"), "'r0', 'r1', 'r2'.*ZeroDivisionError: oh"),
    ],
)
def test_what_is_no_answer_is_refused(series, said: Any, why):
    class Odd(Reverting):
        @classmethod
        def act_together(cls, games, states, horizon=1):
            if isinstance(said, Exception):
                raise said
            return said

    with pytest.raises(AgentError, match=why):
        played(Odd, series)


@pytest.mark.parametrize("said", [np.zeros(2), np.array([0.0, np.nan, 0.0]), 1.0])
def test_slopes_that_are_none_are_refused(series, said):
    class Odd(Together):
        @classmethod
        def slopes_together(cls, games, states, horizon=1):
            return said

    with pytest.raises(AgentError, match="slopes_together"):
        played(Odd, series)


class Fitted(Together):
    """Goes to 0 as fast as its series did, and slower with each value that it is shown."""

    def fit(self, window):
        return replace(self, speed=self.speed / (1.0 + abs(float(window.values[-1]))))

    def update(self, revealed):
        return replace(self, speed=self.speed * 0.99 + 1e-4 * revealed.state.value)


class FittedTogether(Fitted):
    """As `Fitted`, and several can be fitted at once."""

    fits: ClassVar[list] = []

    @classmethod
    def fit_together(cls, agents, windows):
        cls.fits.append(tuple(agent.name for agent in agents))
        return [agent.fit(window) for agent, window in zip(agents, windows, strict=True)]


class FittedAlone(Fitted):
    """As `Fitted`, and no two are asked at once: a class that acts otherwise."""

    def act(self, state, horizon=1):
        return super().act(state, horizon)

    def sensitivity(self, state, horizon=1):
        return super().sensitivity(state, horizon)


def on_several_series(kind, series, places, *, tires=False, refit_every=2, n_games=1):
    """Return games on some of the series, under attack and defended."""
    agents = tuple(kind(f"r{i}", speed, tires) for i, speed in enumerate((0.1, 0.25, 0.4)))
    registry = AgentRegistry(
        (agents[0], RandomWalk(), *agents[1:]),
        (RandomHits(size=3.0, probability=0.5),),
        (DefenderAgent(),),
        PoolAggregator(),
    )
    config = SimulationConfig(horizon=9, horizons=(1, 2), refit_every=refit_every)
    game = ForecastGame(config, seed=3, registry=registry)
    groups = []
    for place in places:
        world = series(45, place)
        groups.append(GameGroup(world.initial_state(BEGIN), world, game=5 * place, n_games=n_games))
    return game.run_groups(groups, keep=("components", "claims"))


@pytest.mark.parametrize("tires", [False, True])
@pytest.mark.parametrize("n_games", [1, 2])
def test_series_with_fits_of_their_own_are_the_same_together_and_alone(series, tires, n_games):
    Together.calls.clear()
    FittedTogether.fits.clear()
    options = {"tires": tires, "n_games": n_games}
    whole = on_several_series(FittedTogether, series, (0, 1, 2), **options)
    if n_games == 1:
        assert {len(games) for games in Together.calls} == {3}
        assert set(FittedTogether.fits) == {("r0", "r1", "r2") * 3}
    for kind in (FittedTogether, FittedAlone):
        for place in (0, 1, 2):
            own = on_several_series(kind, series, (place,), **options)
            here = slice(place * n_games, (place + 1) * n_games)
            for name in ("prints", "attacks", "p_bad", "prints_doubted"):
                assert np.array_equal(getattr(whole, name)[here], getattr(own, name))
            for h in (1, 2):
                for part in ("mean", "variance", "score", "weights", "means", "scales", "deltas"):
                    found, wanted = (getattr(out.horizons[h], part) for out in (whole, own))
                    assert np.array_equal(found[here], wanted, equal_nan=True), part


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (None, "NoneType from fit_together"),
        ([], "0 agents from fit_together"),
        ([None] * 3, "NoneType from fit_together"),
        (ZeroDivisionError("oh"), "'r0', 'r1', 'r2'.*fit_together.*ZeroDivisionError: oh"),
    ],
)
def test_fits_that_are_none_are_refused(series, said: Any, why):
    class Odd(FittedTogether):
        @classmethod
        def fit_together(cls, agents, windows):
            if isinstance(said, Exception):
                raise said
            return said

    with pytest.raises(AgentError, match=why):
        on_several_series(Odd, series, (0,))
