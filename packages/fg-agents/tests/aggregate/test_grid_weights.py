"""The arithmetic of a grid is that of pools replaced by one component per forecaster."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_agents.aggregate.grid_weights import GridWeights
from fg_core.pooling import moment_match

SETS, SCALES, TEMPERATURES, K = 2, 3, 2, 4


@given(seed=st.integers(0, 2**31), recalibrate=st.sampled_from([(True,), (False,), (False, True)]))
def test_a_grid_is_its_pools_by_forecaster(seed, recalibrate):
    rng = np.random.default_rng(seed)
    shape = (SETS, SCALES, TEMPERATURES)
    weights = rng.dirichlet(np.ones(K), shape)
    pools = rng.dirichlet(np.ones(np.prod(shape) * len(recalibrate))).reshape(
        *shape, len(recalibrate)
    )
    spread = rng.uniform(0.6, 1.6, shape)
    means, scales = rng.normal(0.0, 3.0, K), rng.uniform(0.5, 2.0, (SCALES, K))
    grid = GridWeights(weights, np.ones(SETS, dtype=bool), pools, spread, recalibrate)
    found = grid.mixture(means, weights @ means, scales)
    every = (*shape, len(recalibrate), K)
    expected = moment_match(
        pools,
        np.broadcast_to(weights[..., np.newaxis, :], every),
        means,
        np.broadcast_to(scales[:, np.newaxis, np.newaxis, :], every),
        np.where(recalibrate, spread[..., np.newaxis], 1.0),
    )
    for one, other in zip(found, expected, strict=True):
        assert one == pytest.approx(other, rel=1e-12, abs=1e-12)
