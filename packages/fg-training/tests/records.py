"""Recorded worlds of the tests of this package."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np

from fg_core import Observation, ReplayWorld


def world_of(values: np.ndarray, decimals: int = 6) -> ReplayWorld:
    """Return the record of a series, one value per day."""
    first = datetime(1990, 1, 1, tzinfo=UTC)
    days = (first + timedelta(days=i) for i in range(len(values)))
    return ReplayWorld(
        tuple(
            Observation(day, round(float(value), decimals), {}, day, "s", "x")
            for day, value in zip(days, values, strict=True)
        )
    )


def random_walk(seed: int = 4, n: int = 60, drift: float = 0.1, decimals: int = 6) -> ReplayWorld:
    """Return the record of a random walk with changes of standard deviation 1."""
    changes = np.random.default_rng(seed).normal(drift, 1.0, n)
    return world_of(np.cumsum(changes) + 30.0, decimals)
