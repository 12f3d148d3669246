from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_core.errors import ConfigError, DataError
from fg_core.scoring import block_bootstrap


def test_blocks_see_that_neighbours_are_alike() -> None:
    """The interval of a mean of an AR(1) holds the truth; that of single periods is too narrow."""
    rng = np.random.default_rng(1)
    inside = {1: 0, 10: 0}
    for seed in range(60):
        noise = rng.standard_normal(300)
        values = np.empty(300)
        last = 0.0
        for t, shock in enumerate(noise.tolist()):
            last = values[t] = 0.7 * last + shock
        for block in inside:
            found = block_bootstrap(values, block=block, draws=300, seed=seed)
            inside[block] += found.low <= 0.0 <= found.high
    assert inside[10] / 60 >= 0.85
    assert inside[1] / 60 <= 0.75


def test_series_of_a_period_stay_together() -> None:
    values = np.random.default_rng(2).standard_normal(80)
    one, copies = (block_bootstrap(np.stack([values] * k, axis=1)) for k in (1, 5))
    assert copies.n == 5 * one.n
    assert (copies.low, copies.high) == pytest.approx((one.low, one.high))


def test_a_hole_is_left_out_and_an_empty_period_is_none() -> None:
    values = np.arange(40.0).reshape(20, 2)
    holed = np.concatenate([values, np.full((3, 2), np.nan)])
    assert block_bootstrap(holed) == block_bootstrap(values)
    holed[0, 1] = np.nan
    found = block_bootstrap(holed)
    assert (found.n, found.mean) == (39, pytest.approx(np.nanmean(holed)))


@given(
    values=st.lists(st.floats(-1e6, 1e6), min_size=8, max_size=40),
    shift=st.integers(-8, 8),
    scale=st.sampled_from([-4.0, 0.5, 2.0]),
)
def test_it_goes_with_unit_and_level(values: list[float], shift: int, scale: float) -> None:
    found = block_bootstrap(values, draws=100)
    moved = block_bootstrap(np.array(values) * scale + shift, draws=100)
    ends = sorted((found.low * scale + shift, found.high * scale + shift))
    size = max(map(abs, values)) + 10.0
    assert (moved.low, moved.high) == pytest.approx(ends, abs=1e-9 * size)
    assert found == block_bootstrap(values, draws=100)
    assert found.low <= found.high


def test_too_few_periods_have_no_interval() -> None:
    found = block_bootstrap([1.0, 2.0, 3.0], block=2)
    assert (found.n, found.mean) == (3, 2.0)
    assert np.isnan([found.low, found.high]).all()
    nothing = block_bootstrap([np.nan])
    assert nothing.n == 0
    assert np.isnan(nothing.mean)


def test_wrong_arguments_are_refused() -> None:
    for wrong in ({"draws": 10}, {"level": 1.0}, {"block": 0}, {"seed": -1}):
        with pytest.raises(ConfigError):
            block_bootstrap([1.0] * 9, **wrong)  # type: ignore[arg-type]
    for bad in ([np.inf] * 9, np.ones((2, 2, 2))):
        with pytest.raises(DataError):
            block_bootstrap(bad)
