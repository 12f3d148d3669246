"""What agents are given cannot be changed by them, and the check that says so can fail."""

import contextlib
from dataclasses import dataclass, field

import numpy as np
import pytest

from fg_core import (
    AgentAction,
    AgentRegistry,
    AutoRegression,
    DefenderAgent,
    ForecastGame,
    ForecastState,
    ProbabilisticForecast,
    RandomHits,
    RandomWalk,
    ReplayWorld,
    SimulationConfig,
)
from fg_core.batch import ActionArrays
from fg_core.components import Components
from fg_core.frozen import construct_unchecked, frozen_array, frozen_mapping
from fg_core.testing import (
    ConformanceError,
    ConstantForecaster,
    PlainAggregator,
    SilentDefender,
    Vandal,
    check_read_only,
    example_dataset,
    example_states,
    vandalise,
)


@pytest.mark.slow
def test_no_vandal_in_any_method_moves_a_game_by_anything_that_it_is_given():
    check_read_only(batch=False)


@pytest.mark.slow
def test_no_vandal_moves_a_batch_by_what_its_games_share():
    check_read_only()


@dataclass(frozen=True)
class Turner:
    """A forecaster that turns arrays in place, as one does who wants a column."""

    turn: str
    name: str = "a turner"

    def act(self, state, horizon=1):
        return AgentAction(self.name, 0.0, scale=1.0)

    def act_array(self, state, horizon=1):
        arrays = (state.value, state.game, *state.path, *state.history, state.history[-1])
        for array in arrays if self.turn else ():
            for one in (array, array.base):
                with contextlib.suppress(AttributeError):
                    setattr(one, self.turn, (array.size, 1) if self.turn == "shape" else np.int8)
        return ActionArrays(0.0, 1.0)

    def sensitivity_array(self, state, horizon=1):
        self.act_array(state, horizon)
        return 1.0


@pytest.mark.filterwarnings("ignore:Setting the")
@pytest.mark.parametrize("turn", ["shape", "dtype"])
def test_arrays_that_are_turned_in_place_move_no_rival(turn):
    world = ReplayWorld(example_dataset(60).series("alpha"))
    config = SimulationConfig(horizon=4, lookback=6, disturbance_prob=0.0)
    means = []
    for one in ("", turn):
        rivals = (RandomWalk(), AutoRegression(2))
        agents = AgentRegistry((Turner(one), *rivals), (RandomHits(),), (DefenderAgent(),))
        game = ForecastGame(config, seed=3, registry=agents)
        out = game.run_batch(world.initial_state(40), 3, world=world)
        means.append(out.means)
        assert "a turner" not in out.slow_agents
    assert np.array_equal(*means)


class LeakyWorld(ReplayWorld):
    """Its states have a context that can be written."""

    def initial_state(self, t):
        return self._leaky(super().initial_state(t))

    def advance(self, state, **given):
        return self._leaky(super().advance(state, **given))

    def _leaky(self, state):
        return construct_unchecked(
            ForecastState, **{**vars(state), "macro_context": dict(state.macro_context)}
        )


def test_a_world_that_hands_out_a_dict_is_caught():
    world = LeakyWorld(example_dataset(60).series("alpha"))
    with pytest.raises(ConformanceError, match=r"can change .* ForecastState: \.macro_context"):
        check_read_only(
            world=world, initial=world.initial_state(40), targets=["ForecastState"], batch=False
        )


@dataclass(frozen=True)
class SharingPool(PlainAggregator):
    """Keeps the numbers of each forecast, in an array that it also gives away."""

    kept: np.ndarray = field(default_factory=lambda: np.array([0.5]), compare=False)

    def start(self, names, window, horizons):
        pool = super().start(names, window, horizons)
        return SharingPool(pool.name, pool.step_scale, pool.names, np.array([0.5]))

    def aggregate(self, state, actions, *, horizon=1, inflation=()):
        plain = super().aggregate(state, actions, horizon=horizon, inflation=inflation)
        moved = SharedForecast(plain.mean + float(self.kept.sum()), plain.variance)
        vars(moved)["shared"] = self.kept
        return moved


class SharedForecast(ProbabilisticForecast):
    shared: np.ndarray


def test_what_moves_though_nothing_that_was_given_seems_to_change_is_caught():
    registry = AgentRegistry((RandomWalk(),), aggregator=SharingPool())
    config = SimulationConfig(horizon=3, enable_refactor=False)
    check_read_only(registry, config=config, targets=["Components"], batch=False)
    with pytest.raises(ConformanceError, match=r"moved something else: .*game: steps"):
        check_read_only(registry, config=config, targets=["SharedForecast"], batch=False)


def test_a_vandal_does_what_the_other_does_and_has_its_methods():
    state = example_states()[0]
    inner = ConstantForecaster(0.5, 1.0)
    vandal = Vandal(inner)
    assert vandal.name == "constant"
    assert vandal.act(state, 3) == inner.act(state, 3)
    assert vandal.sensitivity(state) == 1.0
    assert not hasattr(vandal, "fit")
    assert not hasattr(vandal, "act_array")
    assert hasattr(Vandal(RandomWalk()), "act_array")


def test_a_successor_of_a_vandal_is_one_and_keeps_the_list():
    vandal = Vandal(RandomWalk())
    rows = [1.0, 2.0, 3.0]
    fitted = vandal.fit(Window(rows))
    assert isinstance(fitted, Vandal)
    assert fitted.inner.fitted is not None
    assert fitted.done is vandal.done
    assert any(entry.startswith("fit: Window: .rows") for entry in vandal.done)
    defender = Vandal(SilentDefender())
    assert defender.act(example_states()[0], ProbabilisticForecast(0.0, 1.0)).p_bad == 0.0


class Window:
    """A window that anybody can change."""

    def __init__(self, rows):
        self.rows = rows

    def __len__(self):
        return len(self.rows)

    @property
    def values(self):
        return np.array(self.rows)


@dataclass
class Loose:
    number: float = 1.0


def owner():
    array = np.ones(3)
    array.setflags(write=False)
    return array


@pytest.mark.parametrize(
    "thing",
    [
        {"a": 1.0},
        [1.0],
        {1.0},
        np.ones(2),
        owner(),
        owner()[1:],
        Loose(),
        (1.0, [2.0]),
        frozen_mapping({"a": [1.0]}),
    ],
    ids=repr,
)
def test_what_can_be_changed_is_changed_and_told(thing):
    assert vandalise(thing)


@pytest.mark.parametrize(
    "thing",
    [
        None,
        1.0,
        "text",
        (1.0, "a"),
        frozenset({1.0}),
        frozen_mapping({"a": 1.0, "b": (1.0, 2.0)}),
        frozen_mapping(),
        frozen_array([1.0]),
        Components([0.5, 0.5], [0.0, 1.0], [1.0, 1.0], ("a", "b")),
        ProbabilisticForecast(1.0, 2.0),
        *example_states()[:2],
    ],
    ids=repr,
)
def test_what_cannot_be_changed_is_as_it_was(thing):
    assert vandalise(thing) == ()


def test_a_vandal_leaves_alone_what_it_is_not_told_to_attack():
    rows = [1.0]
    assert vandalise(Window(rows), ["ForecastState"]) == ()
    assert rows == [1.0]
