"""The fakes that state a distribution, and what the checks say of one that does it wrongly."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from fg_core import AgentAction, ForecastState, PoolAggregator
from fg_core.batch import ActionArrays, StateArrays
from fg_core.distributions import NormalPart, StatedDistribution
from fg_core.testing import (
    ConformanceError,
    IntermittentForecaster,
    PlainAggregator,
    QuantileForecaster,
    check_aggregator,
    check_array_form,
    check_forecaster,
)

FAKES = [
    QuantileForecaster(),
    QuantileForecaster(levels=(0.0, 0.2, 1.0), changes=(-2.0, 0.0, 0.0)),
    IntermittentForecaster(),
]


@pytest.mark.parametrize("fake", FAKES)
def test_they_conform(fake):
    check_forecaster(fake)


@pytest.mark.slow
@pytest.mark.parametrize("fake", FAKES)
def test_many_games_with_them_are_those_games(fake):
    check_array_form(fake, "forecaster")


@dataclass(frozen=True)
class Forgetful(QuantileForecaster):
    """States other quantiles of the same mean and scale where it is asked for many games."""

    changes: tuple[float, ...] = (-2.0, -1.0, 0.5)

    def act_array(self, state, horizon=1):
        mirrored = replace(self, changes=tuple(-x for x in self.changes[::-1]))
        found = super(Forgetful, mirrored).act_array(state, horizon)
        own = super().act_array(state, horizon)
        shape = found.shape.shifted(own.shape.moments()[0] - found.shape.moments()[0])
        return ActionArrays(own.delta, own.scale, "", shape)


def test_another_distribution_of_the_same_moments_is_found():
    with pytest.raises(ConformanceError, match="gives the bits of the scalar form"):
        check_array_form(Forgetful(), "forecaster")


@pytest.mark.parametrize("fake", FAKES)
def test_their_array_form_has_the_bits_of_the_scalar_one(fake):
    values = np.array([-3.0, 0.0, 0.1, 1e6])
    state = StateArrays(0, values, np.zeros(4), np.zeros(4))
    for horizon in (1, 3):
        many = fake.act_array(state, horizon)
        shapes = many.shape if many.shape.stated.ndim else many.shape.broadcast(4)
        for i, one in enumerate(state.each):
            alone = fake.act(one, horizon)
            assert alone.delta == many.delta[i]
            assert alone.scale == np.broadcast_to(many.scale, 4)[i]
            assert shapes.row(i) == alone.shape.arrays


def test_pools_conform_with_them():
    check_aggregator(PlainAggregator())
    check_aggregator(PoolAggregator())


@dataclass(frozen=True)
class Careless:
    """States a distribution of another mean than its forecast."""

    name: str = "careless"

    def act(self, state: ForecastState, horizon: int = 1) -> AgentAction:
        shape = StatedDistribution(NormalPart(state.value + 1.0, 2.0))
        return AgentAction(self.name, 0.0, shape=shape)


def test_another_mean_is_found():
    with pytest.raises(ConformanceError, match="delta is the mean of the stated distribution"):
        check_forecaster(Careless())
