from datetime import UTC, datetime

import numpy as np
import pytest

from fg_agents import macro_pool
from fg_agents.linear import DataPanel, fit_rows, forecast_paths, univariate_forecasters
from fg_agents.pooled_paths import pool_paths
from fg_core import (
    AgentRegistry,
    DataError,
    ForecastGame,
    Observation,
    ReplayWorld,
    SimulationConfig,
    TrainingWindow,
)

HORIZONS = (1, 3)
FIRST, ROUNDS = 40, 30


@pytest.fixture(scope="module")
def values():
    rng = np.random.default_rng(5)
    return np.cumsum(rng.normal(0.1, 1.0, 80)) + 50.0


def paths_of(values):
    panel = DataPanel.of(TrainingWindow(values))
    origins = range(FIRST - 1, FIRST + ROUNDS)
    fits = (FIRST - 1, *fit_rows(ROUNDS, FIRST, refit_every=4))
    return forecast_paths(panel, univariate_forecasters(), list(origins), fits, HORIZONS)


def test_it_equals_the_game(values):
    rows = tuple(
        Observation(
            datetime(1950 + i // 12, i % 12 + 1, 1, tzinfo=UTC),
            float(v),
            {},
            datetime(1950 + i // 12, i % 12 + 1, 28, tzinfo=UTC),
            "s",
            "test",
        )
        for i, v in enumerate(values)
    )
    config = SimulationConfig(
        horizon=ROUNDS,
        max_rounds=ROUNDS,
        horizons=HORIZONS,
        refit_every=4,
        enable_refactor=False,
        lookback=16,
    )
    world = ReplayWorld(rows)
    registry = AgentRegistry(univariate_forecasters(), aggregator=macro_pool())
    game = ForecastGame(config, seed=1, registry=registry)
    out = game.run(world.initial_state(FIRST), world=world, disturbed=False)
    found = pool_paths(macro_pool(), paths_of(values), values)
    for i, step in enumerate(out.steps):
        for j, issued in enumerate(step.issued):
            assert found.means[i + 1, j] == pytest.approx(issued.forecast.mean, rel=1e-7)
            assert found.variances[i + 1, j] == pytest.approx(issued.forecast.variance, rel=1e-5)
    weights = out.weights[1]
    assert dict(found.aggregator.weights(1)) == pytest.approx(dict(weights), abs=1e-6)
    assert sum(found.aggregator.weights(1).values()) == pytest.approx(1.0)


def test_late_values_change_no_earlier_forecast_by_one_bit(values):
    cut = FIRST + 12
    other = values.copy()
    other[cut + 1 :] = 3.0 * other[cut + 1 :] - 20.0
    one = pool_paths(macro_pool(), paths_of(values), values)
    two = pool_paths(macro_pool(), paths_of(other), other)
    same = cut - FIRST + 2
    assert (one.means[:same] == two.means[:same]).all()
    assert (one.variances[:same] == two.variances[:same]).all()
    assert (one.means[same:] != two.means[same:]).any()


def test_origins_must_be_rows_in_a_row(values):
    panel = DataPanel.of(TrainingWindow(values))
    gappy = forecast_paths(panel, univariate_forecasters(), [40, 42], [40, 40], HORIZONS)
    with pytest.raises(DataError, match="consecutive rows"):
        pool_paths(macro_pool(), gappy, values)
    late = forecast_paths(panel, univariate_forecasters(), [79], [79], HORIZONS)
    with pytest.raises(DataError, match="a series of 60"):
        pool_paths(macro_pool(), late, values[:60])
