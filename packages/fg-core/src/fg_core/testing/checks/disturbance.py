"""Conformance of disturbances."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from fg_core.config import SimulationConfig
from fg_core.protocols import Disturbance
from fg_core.state import ForecastState
from fg_core.testing._play import Promises

from ._elementwise import N_GAMES, over_games, require_equal, spread, uniform_rows

__all__ = ["check_disturbance"]


def check_disturbance(disturbance: Disturbance) -> None:
    """Check a disturbance: pure, finite, elementwise, and nothing happens at probability 0.

    A state of a batch is a `ForecastState` whose `value`, `exogenous`, `hidden_shift` and
    `displacement` have shape (game,); `t` is one number, for games of a batch go in step.

    Args:
        disturbance: Disturbance that is checked.

    Raises:
        ConformanceError: A promise is broken.

    >>> from fg_core.testing.fakes import StepDisturbance
    >>> check_disturbance(StepDisturbance(0.5))
    """
    promises = Promises("Disturbance", disturbance)
    promises.members("n_uniforms", "n_normals", "sample")
    promises.named()
    for name in ("n_uniforms", "n_normals"):
        count = getattr(disturbance, name)
        promises.require(
            type(count) is int and count >= 0, f"{name} is a whole number >= 0", f"got {count!r}"
        )
    uniforms = uniform_rows("uniforms", disturbance.n_uniforms)
    normals = 4.0 * uniform_rows("normals", disturbance.n_normals) - 2.0
    columns: dict[str, Any] = {
        "value": spread("value", -5.0, 5.0),
        "exogenous": spread("exogenous", -1.0, 1.0),
        "hidden_shift": spread("hidden_shift", -1.0, 1.0),
        "displacement": spread("displacement", -1.0, 1.0),
    }
    often = SimulationConfig(disturbance_prob=0.6, disturbance_scale=1.7)
    configs = (
        often,
        replace(often, disturbance_prob=1.0, adversarial_intensity=0.5),
        replace(often, disturbance_prob=0.0),
        replace(often, adversarial_intensity=0.0),
    )
    for config in configs:
        for t in (0, 1, 12, 25):
            batch: Any = ForecastState(t, **columns)  # arrays of games
            found = promises.pure("sample", disturbance.sample, batch, uniforms, normals, config)
            sizes = over_games(promises, "sample", found)
            alone = [
                promises.call(
                    "sample",
                    disturbance.sample,
                    _one_game(t, columns, g),
                    uniforms[:, g],
                    normals[:, g],
                    config,
                )
                for g in range(N_GAMES)
            ]
            require_equal(promises, "sample", sizes, alone)
            for name in ("disturbance_prob", "adversarial_intensity"):
                promises.require(
                    getattr(config, name) > 0.0 or not sizes.any(),
                    f"nothing happens where {name} is 0",
                    f"at t = {t} it returned {sizes[np.flatnonzero(sizes)][:1]}",
                )


def _one_game(t: int, columns: dict[str, Any], g: int) -> ForecastState:
    return ForecastState(
        t,
        float(columns["value"][g]),
        float(columns["exogenous"][g]),
        float(columns["hidden_shift"][g]),
        displacement=float(columns["displacement"][g]),
    )
