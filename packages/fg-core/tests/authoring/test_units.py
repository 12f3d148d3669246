from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_core.authoring import (
    SMALLEST_SCALE,
    binary_unit,
    binary_units,
    floored,
    power_of_two_above,
    root_mean_square,
)

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


@given(
    st.lists(numbers, min_size=1, max_size=4).filter(lambda rows: len({len(r) for r in rows}) == 1)
)
def test_units_of_columns_are_the_units_of_each(columns: list[np.ndarray]) -> None:
    table = np.column_stack(columns)
    holes = np.vstack([table, np.full(len(columns), np.nan)])
    expected = [binary_unit(column) for column in columns]
    assert binary_units(table).tolist() == binary_units(holes).tolist() == expected


@given(numbers, st.integers(-20, 20))
def test_another_unit_of_the_series_changes_no_digit(values: np.ndarray, power: int) -> None:
    values = values / binary_unit(values)
    factor = 2.0**power
    assert root_mean_square(values * factor) == root_mean_square(values) * factor
    assert (
        np.any(values) is np.False_
        or floored(0.0, values * factor) == floored(0.0, values) * factor
    )


@pytest.mark.parametrize("size", [math.inf, math.nan, 2.0**1023])
def test_there_is_no_power_of_two_above_the_largest(size: float) -> None:
    with pytest.raises(OverflowError):
        power_of_two_above(size)
