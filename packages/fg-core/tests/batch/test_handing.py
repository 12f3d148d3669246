"""What agents are handed holds the same numbers in arrays of their own."""

import pickle
from dataclasses import replace

import numpy as np
import pytest

from fg_core import (
    AgentRegistry,
    DefenderAgent,
    ForecastGame,
    ForecastState,
    InnovationGate,
    PoolAggregator,
    RandomWalk,
    SimulationConfig,
)
from fg_core.batch import MixtureArrays, StateArrays
from fg_core.batch.handing import handed, handed_to, leaves_arrays_alone
from fg_core.batch.sealing import read_only
from fg_core.frozen import replace_unchecked
from fg_core.pooling.rules import EqualWeights

BLOCK = read_only(np.arange(12.0).reshape(3, 4))


@pytest.mark.parametrize(
    "array",
    [
        read_only(np.arange(3.0)),
        read_only(np.arange(3)),
        read_only(np.array([True, False])),
        BLOCK,
        BLOCK.T,
        BLOCK[1],
        BLOCK[1:, ::2],
        BLOCK[2][::-1],
        read_only(np.zeros((0, 2))),
        np.arange(3.0),
    ],
)
def test_arrays_have_the_same_numbers_and_another_shape_of_one_is_none_of_the_other(array):
    once = handed(array)
    for found in (once, handed(once)):
        assert found is not array
        assert (found.shape, found.dtype) == (array.shape, array.dtype)
        assert np.array_equal(found, array)
        assert not found.flags.writeable
        assert found.base is not array
        assert isinstance(found.base.base, bytes)
    assert np.shares_memory(once, array) == (not array.flags.writeable and array.size > 0)


def test_a_history_gives_new_arrays_at_every_access():
    past = tuple(read_only(np.full(2, float(i))) for i in range(3))
    state = StateArrays(3, np.ones(2), np.zeros(2), np.zeros(2), history=past)
    found = handed(state).history
    assert [one.tolist() for one in found] == [one.tolist() for one in past]
    assert [one.tolist() for one in found[1:]] == [one.tolist() for one in past[1:]]
    more: tuple = (np.zeros(2),)
    assert len(found + more) == 4
    given = [*found, *found[:], *(found + more), *reversed(found), found[0], *handed(state).path]
    assert not {id(one) for one in given} & {id(one) for one in (*past, state.value)}


def test_what_is_computed_once_for_all_agents_stays_so():
    one = MixtureArrays(np.ones((2, 1)), np.zeros((2, 1)), np.ones((2, 1)))
    first, second = handed(one), handed(one)
    assert first.mean.tolist() == [0.0, 0.0]
    assert "_moments" in one.__dict__
    assert first.mean is not second.mean is not one.mean
    assert second.variance.tolist() == [1.0, 1.0]


def test_a_copy_with_other_fields_and_a_pickle_are_as_of_what_is_ours():
    one = MixtureArrays(np.ones((2, 1)), np.zeros((2, 1)), np.ones((2, 1)))
    for change in (replace, replace_unchecked):
        moved = change(handed(one), means=np.full((2, 1), 3.0))
        assert moved.mean.tolist() == [3.0, 3.0]
        assert moved.scales.tolist() == one.scales.tolist()
    found = pickle.loads(pickle.dumps(handed(one)))
    assert type(found) is MixtureArrays
    assert found.mean.tolist() == [0.0, 0.0]
    with pytest.raises(AttributeError):
        handed(one).means = np.zeros((2, 1))


def test_a_class_that_leaves_arrays_alone_is_shown_what_all_share() -> None:
    class Bold(RandomWalk):
        """A subclass may do as it likes, so it does not inherit the promise."""

    shared = read_only(np.zeros(3))
    assert handed_to(RandomWalk(), shared) is shared
    own = handed_to(Bold(), shared)
    assert own is not shared
    assert np.shares_memory(own, shared)


def test_an_agent_with_a_part_of_its_own_is_trusted_as_far_as_the_part() -> None:
    class Gate(InnovationGate):
        """A defense of somebody's own."""

    class Weights(EqualWeights):
        """A rule of somebody's own."""

    for agent in (DefenderAgent(), PoolAggregator(), PoolAggregator(EqualWeights())):
        assert leaves_arrays_alone(agent)
    for agent in (DefenderAgent(Gate()), PoolAggregator(Weights()), Gate(), Weights()):
        assert not leaves_arrays_alone(agent)


def test_memory_is_sealed_once_when_an_agent_looks_at_it():
    means = np.arange(4.0).reshape(2, 2)
    one = MixtureArrays.unsealed(np.full((2, 2), 0.5), means, np.ones((2, 2)), ("a", "b"))
    assert one.means is means
    first, second = handed(one), handed(one)
    assert np.shares_memory(first.means, second.means)
    assert not np.shares_memory(first.means, means)
    assert isinstance(first.means.base.base, bytes)
    assert first.means.tolist() == means.tolist()
    assert not handed(one).mean.flags.writeable


def test_what_an_aggregator_keeps_of_its_forecasts_moves_none_of_them():
    start = ForecastState(0, 10.0, 0.0, 0.0)
    config = SimulationConfig(horizon=4)

    class Pool(PoolAggregator):
        """A pool whose forecasts of the round before are written to."""

        spoil = False
        kept: list[np.ndarray] = []  # noqa: RUF012

        def aggregate_array(self, forecast_arrays, *, horizon=1, inflation=None):
            for array in self.kept:
                if type(self).spoil:
                    array[:] = 99.0
            found = super().aggregate_array(forecast_arrays, horizon=horizon, inflation=inflation)
            own = [np.array(getattr(found, name)) for name in ("weights", "means", "scales")]
            self.kept[:] = own
            return MixtureArrays.unsealed(*own, found.labels)

    results = []
    for spoil in (False, True):
        Pool.spoil, Pool.kept = spoil, []
        agents = AgentRegistry((RandomWalk(),), (), (DefenderAgent(),), aggregator=Pool())
        out = ForecastGame(config, seed=3, registry=agents).run_batch(start, 3, reward="crps")
        results.append(out)
    plain, spoiled = results
    assert np.array_equal(plain.horizons[1].mean, spoiled.horizons[1].mean)
    assert np.array_equal(plain.horizons[1].score, spoiled.horizons[1].score, equal_nan=True)
