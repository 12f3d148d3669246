"""The fakes that state a distribution, and what the checks say of one that does it wrongly."""

from dataclasses import dataclass

import numpy as np
import pytest

from fg_core import AgentAction, ForecastState, PoolAggregator, StateArrays
from fg_core.distributions import NormalPart, StatedDistribution
from fg_core.testing import (
    ConformanceError,
    IntermittentForecaster,
    PlainAggregator,
    QuantileForecaster,
    check_aggregator,
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
