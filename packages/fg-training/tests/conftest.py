"""A random walk as a record, and the game that trained agents are held to on it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from fg_core import (
    AgentRegistry,
    AutoRegression,
    Drift,
    ForecastGame,
    Observation,
    PoolAggregator,
    RandomWalk,
    ReplayWorld,
    SimulationConfig,
)


@pytest.fixture(scope="session")
def random_walk() -> Callable[..., ReplayWorld]:
    def walk(seed: int = 4, n: int = 60, drift: float = 0.1, decimals: int = 6) -> ReplayWorld:
        values = np.cumsum(np.random.default_rng(seed).normal(drift, 1.0, n)) + 30.0
        first = datetime(1990, 1, 1, tzinfo=UTC)
        days = (first + timedelta(days=i) for i in range(n))
        return ReplayWorld(
            tuple(
                Observation(day, round(float(value), decimals), {}, day, "s", "x")
                for day, value in zip(days, values, strict=True)
            )
        )

    return walk


@pytest.fixture(scope="session")
def a_game() -> Callable[..., ForecastGame]:
    def game(rounds: int, **settings: Any) -> ForecastGame:
        config = SimulationConfig(
            horizon=rounds,
            max_rounds=rounds,
            disturbance_prob=0.0,
            enable_refactor=False,
            attack_cap=np.inf,
            attack_total=np.inf,
            **settings,
        )
        registry = AgentRegistry(
            (RandomWalk(), Drift(), AutoRegression(2)), (), (), PoolAggregator("bayesian")
        )
        return ForecastGame(config, seed=1, registry=registry)

    return game
