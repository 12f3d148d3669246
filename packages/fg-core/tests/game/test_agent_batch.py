"""Agents that fail or return what they should not, in a game alone and in a batch."""

from dataclasses import dataclass, replace
from typing import Any

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
from fg_core.alternatives import Alternative
from fg_core.batch import ActionArrays
from fg_core.distributions import NormalPart, StatedDistribution
from fg_core.frozen import construct_unchecked
from fg_core.game import GameGroup
from fg_core.protocols import OutlierAssessment
from fg_core.testing import NoBias, PlainAggregator

BEGIN = 30
BOTH = pytest.mark.parametrize("batch", [False, True])


def play(registry, world, *, batch, horizon=8, **changes):
    """Play a game alone, or three as arrays."""
    config = SimulationConfig(horizon=horizon, disturbance_prob=0.5, **changes)
    game = ForecastGame(config, seed=3, registry=registry)
    initial = world.initial_state(BEGIN)
    if not batch:
        return game.run(initial, world=world)
    return game.run_groups((GameGroup(initial, world, n_games=3),))


def missing_of(out, *, batch):
    """How many forecasts of a forecaster are missing in a game, and why."""
    if not batch:
        counts = out.convergence
        return dict(counts["missing"]), {
            name: dict(why) for name, why in counts["missing_reasons"].items()
        }
    counts = {name: set(count.tolist()) for name, count in out.missing.items()}
    assert all(len(each) == 1 for each in counts.values())
    reasons = {
        name: {kind: count[0] for kind, count in why.items()}
        for name, why in out.missing_reasons.items()
    }
    return {name: each.pop() for name, each in counts.items()}, reasons


@dataclass(frozen=True)
class Says:
    """A forecaster or an adversary that returns what it is told to."""

    said: Any
    name: str = "odd"

    def act(self, state, other=None):
        return self.said


@dataclass(frozen=True)
class SaysArrays(Says):
    """The same with an array form."""

    arrays: Any = None

    def act_array(self, state, horizon=1):
        return self.arrays


@pytest.mark.parametrize("said", [None, 0.5, np.zeros(1), "up"], ids=repr)
@BOTH
def test_a_forecaster_returns_an_action(series, said, batch):
    registry = AgentRegistry((RandomWalk(), Says(said)))
    with pytest.raises(AgentError, match=rf"'odd' returned a {type(said).__name__}"):
        play(registry, series(), batch=batch)


@pytest.mark.parametrize(
    ("action", "message"),
    [
        (AgentAction("odd", 0.0, scale=1e200), "'odd' returned a scale of 1e[+]200"),
        (AgentAction("odd", 1e200), "'odd' returned a delta of 1e[+]200"),
        (AgentAction("odd", -1e200, scale=1.0), "'odd' returned a delta of -1e[+]200"),
    ],
)
@BOTH
def test_numbers_too_large_to_be_squared_are_refused(series, action, message, batch):
    with pytest.raises(AgentError, match=message):
        play(AgentRegistry((RandomWalk(), Says(action))), series(), batch=batch)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        (None, "'odd' returned no ActionArrays"),
        (0.5, "'odd' returned no ActionArrays"),
        (ActionArrays(np.zeros(2), 1.0), r"'odd' returned a delta of shape \(2,\) for 3 games"),
        (ActionArrays(0.0, np.ones((3, 1))), r"'odd' returned a scale of shape \(3, 1\)"),
        (ActionArrays(0.0, -1.0), "'odd' returned a scale of -1"),
        (ActionArrays(np.array([0.0, 1e200, 0.0]), 1.0), "'odd' returned a delta of 1e[+]200"),
        (ActionArrays(None, 1.0), "'odd' returned a delta of None: numbers are wanted"),
        (ActionArrays("up", 1.0), "'odd' returned a delta of 'up': numbers are wanted"),
        (ActionArrays(np.inf, 1.0), "'odd' returned a delta of inf"),
        (ActionArrays(0.0, np.inf), "'odd' returned a scale of inf"),
    ],
)
def test_an_array_form_returns_a_number_per_game(series, arrays, message):
    odd = SaysArrays(AgentAction("odd", 0.0), arrays=arrays)
    with pytest.raises(AgentError, match=message):
        play(AgentRegistry((RandomWalk(), odd)), series(), batch=True)


@dataclass(frozen=True)
class Breaks:
    """A forecaster whose fit or forecast raises an error at some times."""

    error: Any
    where: str = "act"
    name: str = "breaks"
    fitted_at: int = -1

    def fit(self, window):
        # The first refit of a game fails: it includes the period that the game begins in.
        if self.where == "fit" and window.end_t == BEGIN + 3:
            raise self.error
        return replace(self, fitted_at=window.end_t)

    def act(self, state, horizon=1):
        if self.where == "act" and state.t in (BEGIN + 2, BEGIN + 5):
            raise self.error
        return AgentAction(self.name, 0.1, scale=1.0)

    def sensitivity(self, state, horizon=1):
        return 1.0


NUMERICAL = (np.linalg.LinAlgError("Singular matrix"), OverflowError("too large"))


@pytest.mark.parametrize("error", NUMERICAL, ids=repr)
@pytest.mark.parametrize("horizons", [(1,), (1, 3)])
@BOTH
def test_arithmetic_that_fails_in_act_is_a_missing_forecast(series, error, horizons, batch):
    registry = AgentRegistry((RandomWalk(), Breaks(error)), defenders=(DefenderAgent(),))
    out = play(registry, series(), batch=batch, horizons=horizons)
    count, reasons = missing_of(out, batch=batch)
    assert count == {"breaks": 2 * len(horizons)}
    assert reasons == {
        "breaks": {f"forecaster 'breaks': act() failed numerically: {error}": 2 * len(horizons)}
    }


@pytest.mark.parametrize("error", NUMERICAL, ids=repr)
@BOTH
def test_a_forecaster_whose_fit_fails_comes_back_with_the_next_fit(series, error, batch):
    registry = AgentRegistry((RandomWalk(), Breaks(error, "fit")))
    out = play(registry, series(), batch=batch, refit_every=3, horizon=9)
    count, reasons = missing_of(out, batch=batch)
    # Fitted at periods 30, 33 and 36: without a fit from 33 to 35.
    assert count == {"breaks": 3}
    assert reasons == {"breaks": {f"forecaster 'breaks': fit() failed numerically: {error}": 3}}


@pytest.mark.parametrize("where", ["fit", "act"])
@BOTH
def test_an_error_of_the_program_stops_with_the_name_of_the_agent(series, where, batch):
    registry = AgentRegistry((RandomWalk(), Breaks(ZeroDivisionError("by zero"), where)))
    with pytest.raises(AgentError, match=rf"'breaks' failed in {where}\(\): ZeroDivisionError"):
        play(registry, series(), batch=batch, refit_every=3)


@dataclass(frozen=True)
class BreaksArrays(Breaks):
    """The same, asked once for all games."""

    def act_array(self, state, horizon=1):
        said = self.act(state, horizon)
        return ActionArrays(said.delta, said.scale)

    def sensitivity_array(self, state, horizon=1):
        if state.t == BEGIN + 4:
            raise self.error
        return 1.0


@pytest.mark.parametrize("error", NUMERICAL, ids=repr)
def test_arithmetic_that_fails_in_an_array_form_is_missing_in_all_games(series, error):
    registry = AgentRegistry((RandomWalk(), BreaksArrays(error)), defenders=(DefenderAgent(),))
    out = play(registry, series(), batch=True)
    assert missing_of(out, batch=True)[0] == {"breaks": 2}
    registry = AgentRegistry((RandomWalk(), BreaksArrays(ZeroDivisionError("by zero"))))
    with pytest.raises(AgentError, match="'breaks' failed in act_array"):
        play(registry, series(), batch=True)


@dataclass(frozen=True)
class OnlyLearns:
    """A forecaster that fails when it learns."""

    error: Any
    name: str = "learner"

    def update(self, revealed):
        raise self.error

    def act(self, state, horizon=1):
        return AgentAction(self.name, 0.0, scale=1.0)


@pytest.mark.parametrize("error", [ZeroDivisionError("by zero"), KeyError("a")], ids=repr)
@BOTH
def test_who_fails_to_learn_is_named(series, error, batch):
    with pytest.raises(AgentError, match=r"'learner' failed in update\(\)"):
        play(AgentRegistry((RandomWalk(), OnlyLearns(error))), series(), batch=batch)


@dataclass(frozen=True)
class Defends(Says):
    """A defender that returns what it is told to."""

    name: str = "odd"


@pytest.mark.parametrize("said", [None, 0.5, OutlierAssessment(0.0, 0.0, 0.0)], ids=repr)
@BOTH
def test_a_defender_returns_an_action(series, said, batch):
    registry = AgentRegistry((RandomWalk(),), defenders=(Defends(said),))
    with pytest.raises(AgentError, match=rf"'odd' returned a {type(said).__name__}"):
        play(registry, series(), batch=batch)


@pytest.mark.parametrize(
    ("doubt", "message"),
    [
        (None, "'odd' returned a NoneType, which must be an OutlierAssessment"),
        (
            OutlierAssessment(np.zeros(2), 0.5, 1.0),
            r"'odd' returned a delta of shape \(2,\) for 3 games",
        ),
        (OutlierAssessment(np.nan, 0.5, 1.0), "'odd' returned a delta that is not finite"),
        (OutlierAssessment(0.0, np.array([0.5, np.nan, 0.5]), 1.0), "a p_bad that is not finite"),
        (OutlierAssessment(0.0, 0.5, np.inf), "'odd' returned a scale that is not finite"),
        (OutlierAssessment(0.0, 1.5, 1.0), "'odd' returned a p_bad"),
        (OutlierAssessment(0.0, 0.5, -1.0), "'odd' returned a scale"),
    ],
)
def test_an_array_form_of_a_defender_returns_a_number_per_game(series, doubt, message):
    odd = SaysArrays(AgentAction("odd", 0.0), arrays=doubt)
    with pytest.raises(AgentError, match=message):
        play(AgentRegistry((RandomWalk(),), defenders=(odd,)), series(), batch=True)


@pytest.mark.parametrize("said", [None, 0.5, np.nan], ids=repr)
@BOTH
def test_an_adversary_returns_an_action(series, said, batch):
    registry = AgentRegistry((RandomWalk(),), (Says(said),))
    with pytest.raises(AgentError, match=rf"'odd' returned a {type(said).__name__}"):
        play(registry, series(), batch=batch)


ALTERNATIVES = AgentAction.doubting("odd", (Alternative(0.5, 1.0, (1.0,)),))
COLUMNS = AgentAction("odd", 0.0, context={"a": 1.0})
SHAPE = AgentAction.stating("odd", 0.0, StatedDistribution(NormalPart(1.0, 2.0)))


@pytest.mark.parametrize(
    ("seat", "said", "message"),
    [
        ("forecasters", ALTERNATIVES, "forecaster 'odd' returned an action with alternatives"),
        ("forecasters", COLUMNS, "forecaster 'odd' returned an action with a context"),
        ("adversaries", ALTERNATIVES, "adversary 'odd' returned an action with alternatives"),
        ("adversaries", SHAPE, "adversary 'odd' returned an action with a shape"),
        ("defenders", COLUMNS, "defender 'odd' returned an action with a context"),
        ("defenders", SHAPE, "defender 'odd' returned an action with a shape"),
    ],
)
@BOTH
def test_what_a_seat_has_no_use_for_is_refused(series, seat, said, message, batch):
    agent = Defends(said) if seat == "defenders" else Says(said)
    agents = (RandomWalk(), agent) if seat == "forecasters" else (agent,)
    registry = replace(AgentRegistry((RandomWalk(),)), **{seat: agents})
    with pytest.raises(AgentError, match=message):
        play(registry, series(), batch=batch)


@dataclass(frozen=True)
class HitsArrays(Says):
    arrays: Any = None

    def delta(self, state, budget):
        return self.arrays


@pytest.mark.parametrize(
    ("hits", "message"),
    [
        (np.zeros(2), r"'odd' returned a delta of shape \(2,\) for 3 games"),
        (np.nan, "'odd' returned a delta that is not finite"),
        (None, "'odd' returned"),
        ("far", "'odd' returned"),
    ],
)
def test_an_array_form_of_an_adversary_returns_a_number_per_game(series, hits, message):
    odd = HitsArrays(AgentAction("odd", 0.0), arrays=hits)
    with pytest.raises(AgentError, match=message):
        play(AgentRegistry((RandomWalk(),), (odd,)), series(), batch=True)


@dataclass(frozen=True)
class OddPool(PlainAggregator):
    said: Any = None

    def aggregate(self, state, actions, *, horizon=1, inflation=()):
        return self.said

    def start(self, names, window, horizons):
        return self


@pytest.mark.parametrize("said", [None, 0.5, np.zeros(3)], ids=repr)
@BOTH
def test_an_aggregator_returns_a_forecast(series, said, batch):
    registry = AgentRegistry((RandomWalk(),), aggregator=OddPool(said=said))
    with pytest.raises(AgentError, match=rf"'plain' returned a {type(said).__name__}"):
        play(registry, series(), batch=batch)


class NoArrays(PoolAggregator):
    def aggregate_array(self, panel, *, horizon=1, inflation=None):
        return None

    def aggregate(self, state, actions, *, horizon=1, inflation=()):
        return super().aggregate(state, actions, horizon=horizon, inflation=inflation)


def test_an_array_form_of_an_aggregator_returns_mixtures(series):
    registry = AgentRegistry((RandomWalk(),), aggregator=NoArrays())
    with pytest.raises(AgentError, match="returned no MixtureArrays for 3 games"):
        play(registry, series(), batch=True)


@pytest.mark.parametrize("number", [np.nan, np.inf])
@BOTH
def test_an_action_that_got_round_its_checks_is_found(series, number, batch):
    """NaN is what a batch takes for no forecast; a forecaster says so by an error alone."""
    action = construct_unchecked(AgentAction, actor="odd", delta=number, scale=1.0, p_bad=None)
    with pytest.raises(AgentError, match="'odd'"):
        play(AgentRegistry((RandomWalk(), Says(action))), series(), batch=batch)


@dataclass(frozen=True)
class OddBias:
    said: Any
    name: str = "bias"

    def bias(self, horizon=1):
        return self.said

    def update(self, outcome):
        return self


@pytest.mark.parametrize("said", [None, "low", np.nan], ids=repr)
@BOTH
def test_a_refactorer_returns_a_number(series, said, batch):
    registry = AgentRegistry((RandomWalk(),), refactorer=OddBias(said))
    with pytest.raises(AgentError, match="'bias'"):
        play(registry, series(), batch=batch)


@BOTH
def test_nobody_left_to_forecast_is_said_with_the_period(series, batch):
    registry = AgentRegistry((Breaks(OverflowError("too large")),))
    with pytest.raises(AgentError, match="no forecaster has a forecast at t = 32, horizon 1"):
        play(registry, series(), batch=batch)


@dataclass(frozen=True)
class Plain:
    """An agent for any seat that says nothing of note."""

    name: str = "odd"

    def act(self, state, other=None):
        return AgentAction(self.name, 0.0)


class NoFit(Plain):
    def fit(self, window):
        return None


class NoUpdate(Plain):
    def update(self, revealed):
        return 0.5


class NoDraws(Plain):
    def with_draws(self, draws):
        return None


class NoStart(PlainAggregator):
    def start(self, names, window, horizons):
        return None


class NoLearning(PlainAggregator):
    def update(self, outcome):
        return None


class NoNewBias(NoBias):
    def update(self, outcome):
        return None


WALK = (RandomWalk(),)


@pytest.mark.parametrize(
    ("registry", "message"),
    [
        (AgentRegistry((*WALK, NoFit())), r"'odd' returned a NoneType from fit\(\)"),
        (AgentRegistry((*WALK, NoUpdate())), r"'odd' returned a float from update\(\)"),
        (AgentRegistry((*WALK, NoDraws())), r"'odd' returned a NoneType from with_draws\(\)"),
        (AgentRegistry(WALK, (NoFit(),)), r"'odd' returned a NoneType from fit\(\)"),
        (AgentRegistry(WALK, (NoUpdate(),)), r"'odd' returned a float from update\(\)"),
        (AgentRegistry(WALK, (), (NoFit(),)), r"'odd' returned a NoneType from fit\(\)"),
        (AgentRegistry(WALK, (), (NoUpdate(),)), r"'odd' returned a float from update\(\)"),
        (AgentRegistry(WALK, (), (NoDraws(),)), r"'odd' returned a NoneType from with_draws\(\)"),
        (AgentRegistry(WALK, aggregator=NoStart()), r"'plain' returned a NoneType from start"),
        (AgentRegistry(WALK, aggregator=NoLearning()), r"'plain' returned a NoneType from upd"),
        (AgentRegistry(WALK, refactorer=NoNewBias()), r"'no_bias' returned a NoneType from upd"),
    ],
)
@BOTH
def test_what_returns_an_agent_returns_one(series, registry, message, batch):
    with pytest.raises(AgentError, match=message):
        play(registry, series(), batch=batch)


@dataclass(frozen=True)
class Slope:
    said: Any
    name: str = "odd"

    def act(self, state, horizon=1):
        return AgentAction(self.name, 0.0, scale=1.0)

    def sensitivity(self, state, horizon=1):
        return self.said


class SlopeArrays(Slope):
    def act_array(self, state, horizon=1):
        return ActionArrays(0.0, 1.0)

    def sensitivity_array(self, state, horizon=1):
        return self.said


@pytest.mark.parametrize("said", [None, "steep", np.nan, np.inf], ids=repr)
@pytest.mark.parametrize("kind", [Slope, SlopeArrays])
@BOTH
def test_a_sensitivity_is_a_number(series, kind, said, batch):
    registry = AgentRegistry((*WALK, kind(said)), defenders=(DefenderAgent(),))
    with pytest.raises(AgentError, match="'odd' returned a sensitivity"):
        play(registry, series(), batch=batch)


@pytest.mark.parametrize("told", [None, {}, {"somebody": 1.0}], ids=repr)
@BOTH
def test_weights_are_a_number_per_forecaster(series, told, batch):
    class Weighing(PlainAggregator):
        def weights(self, horizon=1):
            return told

    registry = AgentRegistry(WALK, aggregator=Weighing())
    with pytest.raises(AgentError, match=r"'plain' returned .* from weights\(\)"):
        play(registry, series(), batch=batch)


@dataclass(frozen=True)
class Moody:
    """A forecaster that learns in arrays, and whose fit fails after some values."""

    name: str = "moody"
    known: Any = 0.0

    def fit(self, window):
        if window.values[-1] % 1.0 < 0.5:
            raise ForecastUnavailable("not after such a value")
        return replace(self, known=float(window.values[-1]))

    def update(self, revealed):
        return replace(self, known=0.5 * self.known + 0.5 * revealed.state.value)

    update_array = update

    def take(self, lanes):
        if np.ndim(self.known) == 0:
            return self
        return replace(self, known=self.known[lanes] if lanes.size > 1 else self.known[lanes][0])

    def act(self, state, horizon=1):
        return AgentAction(self.name, float(self.known - state.value), scale=1.0)

    def act_array(self, state, horizon=1):
        return ActionArrays(self.known - state.value, 1.0)


@pytest.mark.parametrize("disturbance", [0.0, 0.5])
@pytest.mark.parametrize("gap", [0, 1])
def test_who_learned_in_arrays_is_fitted_and_parted_game_by_game(series, disturbance, gap):
    """Fits may fail in some of the games alone, and games that saw the same go different ways."""
    world = series(60, 3)
    config = SimulationConfig(
        horizon=8, disturbance_prob=disturbance, refit_every=2, fit_gap=gap, attack_cap=3.0
    )
    adversary = RandomHits(size=2.0, probability=0.5)
    registry = AgentRegistry((Moody(), RandomWalk()), (adversary,), (), PlainAggregator())
    group = GameGroup(world.initial_state(BEGIN), world, n_games=5)
    out = ForecastGame(config, registry=registry).run_groups((group,))
    missing = out.missing["moody"]
    assert 0 < missing.min() <= missing.max() < 8
    for game in range(5):
        alone = ForecastGame(config, registry=registry, game=game).run(group.initial, world=world)
        assert out.means[game].tolist() == [step.forecast for step in alone.steps]
