"""An agent that works in place on what it is given in many games is told, and changes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import numpy as np
import pytest

from fg_core import (
    AgentAction,
    AgentError,
    AgentRegistry,
    DefenderAgent,
    ForecastGame,
    ForecastState,
    PoolAggregator,
    RandomHits,
    RandomWalk,
    SimulationConfig,
)
from fg_core.batch import ActionArrays
from fg_core.batch.sealing import read_only
from fg_core.protocols import OutlierAssessment

START = ForecastState(t=0, value=10.0, exogenous=0.3, hidden_shift=0.0)
CONFIG = SimulationConfig(
    horizon=6, horizons=(1, 2), reveal_lag=2, disturbance_prob=0.5, observe_exogenous=True
)


def add(array):
    array += 1.0


@dataclass(frozen=True)
class Careless:
    """An agent for any seat; it adds 1 to something that it is given, in place."""

    touch: Any
    name: str = "careless"

    def act(self, state, other=None):
        return AgentAction(self.name, 0.0, scale=1.0)

    def act_array(self, state, horizon=1):
        self.touch(state)
        return ActionArrays(0.0, 1.0)


class CarelessLearner(Careless):
    def update(self, revealed):
        return self

    def act_array(self, state, horizon=1):
        return ActionArrays(0.0, 1.0)

    def update_array(self, revealed):
        self.touch(revealed)
        return self


class CarelessAdversary(Careless):
    def delta(self, state, budget):
        self.touch((state, budget))
        return 0.0


class CarelessDefender(Careless):
    def act_array(self, state, predictive):
        self.touch((state, predictive))
        return OutlierAssessment(0.0, 0.0, 0.0)


class CarelessPool(PoolAggregator):
    touch = None

    def aggregate(self, *args, **given):
        return super().aggregate(*args, **given)

    def aggregate_array(self, panel, *, horizon=1, inflation=None):
        type(self).touch(panel)
        return super().aggregate_array(panel, horizon=horizon, inflation=inflation)


WALK = (RandomWalk(),)
SEATS = [
    *(
        AgentRegistry((*WALK, Careless(touch)))
        for touch in (
            lambda state: add(state.value),
            lambda state: add(state.exogenous),
            lambda state: add(state.hidden_shift),
            lambda state: add(state.history[-1]),
            lambda state: add(state.history[0]),
        )
    ),
    *(
        AgentRegistry((*WALK, CarelessLearner(touch)))
        for touch in (
            lambda revealed: add(revealed.state.value),
            lambda revealed: add(revealed.reported),
            lambda revealed: revealed.predictive is None or add(revealed.predictive.mean),
            lambda revealed: revealed.predictive is None or add(revealed.predictive.weights),
        )
    ),
    *(
        AgentRegistry(WALK, (CarelessAdversary(touch),))
        for touch in (
            lambda given: add(given[0].value),
            lambda given: add(given[0].exogenous),
            lambda given: add(given[0].history[-1]),
            lambda given: add(given[1].cap),
            lambda given: add(given[1].spent),
            lambda given: add(given[1].game),
        )
    ),
    *(
        AgentRegistry(WALK, (), (CarelessDefender(touch),))
        for touch in (
            lambda given: add(given[0].value),
            lambda given: add(given[1].means),
            lambda given: add(given[1].variance),
        )
    ),
]


@pytest.mark.parametrize("registry", SEATS)
def test_what_is_given_refuses_to_be_written_to(registry):
    game = ForecastGame(CONFIG, seed=3, registry=registry)
    with pytest.raises(AgentError, match=r"'careless' failed in .*: (ValueError|UFuncType|_UFunc)"):
        game.run_batch(START, 3)


@pytest.mark.parametrize("name", ["deltas", "stated_scales", "means"])
def test_an_aggregator_cannot_write_either(name):
    class Pool(CarelessPool):
        touch = staticmethod(lambda panel: add(getattr(panel, name)))

    agents = AgentRegistry(
        (*WALK, Careless(lambda state: None)),
        (RandomHits(),),
        (DefenderAgent(),),
        aggregator=Pool(),
    )
    with pytest.raises(AgentError, match="'pool' failed in aggregate_array"):
        ForecastGame(CONFIG, seed=3, registry=agents).run_batch(START, 3)


def writable(thing, path=""):
    """Yield the paths to arrays in a thing whose memory somebody could write to."""
    if isinstance(thing, np.ndarray):
        memory = thing
        while isinstance(memory, np.ndarray):
            memory = memory.base
        if not isinstance(memory, bytes):
            yield path
    elif isinstance(thing, Mapping):
        for key in thing:
            yield from writable(thing[key], f"{path}[{key!r}]")
    elif isinstance(thing, tuple | list):
        for i, part in enumerate(thing):
            yield from writable(part, f"{path}[{i}]")
    elif is_dataclass(thing):
        for field in fields(thing):
            yield from writable(getattr(thing, field.name), f"{path}.{field.name}")


def test_memory_of_what_is_given_is_nobodys_to_write():
    found = set()

    def look(*things):
        found.update(path for thing in things for path in writable(thing, type(thing).__name__))

    class Pool(CarelessPool):
        touch = staticmethod(look)

        def update_array(self, outcome):
            look(outcome)
            return super().update_array(outcome)

    agents = AgentRegistry(
        (*WALK, Careless(look), CarelessLearner(look, "learner")),
        (RandomHits(), CarelessAdversary(look, "adversary")),
        (DefenderAgent(), CarelessDefender(lambda given: look(*given), "watcher")),
        aggregator=Pool(),
    )
    ForecastGame(CONFIG, seed=3, registry=agents).run_batch(START, 3)
    assert sorted(found) == []
    assert set(writable({"a": (np.zeros(2),)})) == {"['a'][0]"}


def test_numbers_and_arrays_that_are_read_only_are_as_they_were():
    array = np.ones(2)
    sealed = read_only(array)
    assert not sealed.flags.writeable
    assert array.flags.writeable
    assert read_only(sealed) is sealed
    assert read_only(0.5) == 0.5
    assert read_only(None) is None
