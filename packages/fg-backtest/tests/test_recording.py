"""What a report has no place for is refused, not recorded as something else."""

from __future__ import annotations

import pytest

from fg_backtest.recording import origins_of
from fg_core import (
    AgentRegistry,
    DataError,
    ForecastGame,
    ForecastState,
    PoolAggregator,
    RandomWalk,
    ReplayWorld,
    SimulationConfig,
)
from fg_core.testing import IntermittentForecaster, example_dataset


def test_a_stated_distribution_is_refused_by_name() -> None:
    rows = list(example_dataset().series("alpha"))
    config = SimulationConfig(horizon=3, max_rounds=3)

    def recorded(forecaster: IntermittentForecaster | RandomWalk) -> int:
        registry = AgentRegistry((forecaster,), (), (), PoolAggregator())
        game = ForecastGame(config, seed=1, registry=registry)
        out = game.run(ForecastState(20, rows[20].value, 0.0, 0.0), world=ReplayWorld(rows))
        return len(origins_of(out, rows, 0, 0, (forecaster.name,)))

    assert recorded(RandomWalk()) == 3
    with pytest.raises(DataError, match="state a whole distribution \\(intermittent\\)"):
        recorded(IntermittentForecaster())
