from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_core.baselines._scale import SMALLEST_SCALE, binary_unit, floored, root_mean_square

numbers = st.lists(st.floats(-1e300, 1e300), min_size=1, max_size=8).map(np.array)


@given(numbers)
def test_the_unit_is_the_power_of_two_above(values: np.ndarray) -> None:
    unit = binary_unit(values)
    assert math.frexp(unit)[0] == 0.5
    largest = float(np.max(np.abs(values)))
    assert largest < unit
    assert largest == 0.0 or largest >= unit / 2


@given(numbers)
def test_root_mean_square_neither_overflows_nor_vanishes(values: np.ndarray) -> None:
    largest = float(np.max(np.abs(values)))
    rms = root_mean_square(values)
    assert largest / math.sqrt(values.size) * (1 - 1e-12) <= rms <= largest * (1 + 1e-12)


@pytest.mark.parametrize(
    ("values", "floor"),
    [([0.0, 0.0], SMALLEST_SCALE), ([1.0, -8.0], 2.0**-49), ([2.0**30], 2.0**-22)],
)
def test_floor(values: list[float], floor: float) -> None:
    assert floored(0.0, np.array(values)) == floor
    assert floored(3.0, np.array(values)) == 3.0
    assert floor * floor > 0.0
