"""Paths of a simulated world, many at once: the outcomes of games, without agents."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from fg_core.config import SimulationConfig
from fg_core.errors import DataError
from fg_core.frozen import frozen_mapping
from fg_core.game.world_batch import states_of
from fg_core.protocols import Disturbance
from fg_core.rng import StreamArrays
from fg_core.state import ForecastState
from fg_core.worlds import SimulatedWorld

__all__ = ["outcome_paths"]

Array = NDArray[np.float64]


def outcome_paths(
    world: SimulatedWorld,
    initial: ForecastState,
    n_paths: int,
    horizon: int,
    *,
    seed: int = 7,
    first_path: int = 0,
    disturbance: Disturbance | None = None,
    config: SimulationConfig | None = None,
) -> Array:
    """Return values that a simulated world goes through.

    Path g has the noise, and the disturbances, of game g of that seed: it is what the targets of
    `ForecastGame(config, seed=seed, game=g).run(initial, world=world)` are, bit for bit.

    Args:
        world: World in which the series moves.
        initial: State that all paths begin in; its segments are left out.
        n_paths: Number of paths, at least 1.
        horizon: Number of steps, at least 1.
        seed: Seed of noise and disturbances.
        first_path: Number of the first path.
        disturbance: Rule of nature; None: nothing disturbs.
        config: Settings of the disturbances; None: those by default.

    Returns:
        Shape (step, path), in the unit of the series; the first step is the period after
        `initial`.

    Raises:
        DataError: A value left the range of numbers.
    """
    config = SimulationConfig() if config is None else config
    start = replace(initial, segment_values=frozen_mapping(), history=())
    one = states_of((start,))
    state = replace(one.take(np.zeros(n_paths, dtype=np.intp)), history=())
    noise = StreamArrays(seed, "noise", "", first_path, n_paths)
    zeros = np.zeros(n_paths)
    found = np.empty((horizon, n_paths))
    if disturbance is not None:
        nature = StreamArrays(seed, "disturbance", disturbance.name, first_path, n_paths)
    for step in range(horizon):
        push = zeros
        if disturbance is not None:
            n = disturbance.n_uniforms
            uniforms = [nature.uniform(state.t, i) for i in range(n)]
            normals = [nature.normal(state.t, n + i) for i in range(disturbance.n_normals)]
            sizes = np.asarray(disturbance.sample(state, uniforms, normals, config))
            push = np.broadcast_to(sizes, (n_paths,)).astype(np.float64)
        with np.errstate(over="ignore", invalid="ignore"):  # what is too large is said below
            state = world.advance_array(state, noise=noise.normal(state.t), disturbance=push)
        if not np.isfinite(state.value).all():
            raise DataError(f"the series left the range of numbers in period {state.t}")
        found[step] = state.value
    return found
