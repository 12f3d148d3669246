r"""Units that are powers of two, and predictive scales that are never zero.

Dividing by a power of two is exact: arithmetic on `values / unit` has the same bits for a series
and for the same series in a unit that is $2^k$ times larger or smaller, and its sums of squares
neither overflow nor vanish.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "SMALLEST_SCALE",
    "binary_unit",
    "binary_units",
    "floored",
    "power_of_two_above",
    "root_mean_square",
]

Array = NDArray[np.float64]

SMALLEST_SCALE = 2.0**-200
"""Floor for a series of zeros; small against any data, and its square is still a normal float."""

_EPS = float(np.finfo(np.float64).eps)
_LARGEST_EXPONENT = 1023


def power_of_two_above(size: float) -> float:
    """Return the smallest power of two above a size.

    Args:
        size: Number, at least 0, of any unit.

    Returns:
        The power, in that unit; 1 for a size of 0.

    Raises:
        OverflowError: That power is beyond the range of floats.

    >>> power_of_two_above(5.0), power_of_two_above(8.0), power_of_two_above(0.0)
    (8.0, 16.0, 1.0)
    """
    if not math.isfinite(size):
        raise OverflowError(f"no power of two is above {size}")
    return math.ldexp(1.0, math.frexp(size)[1]) if size > 0.0 else 1.0


def binary_unit(values: Array) -> float:
    """Return the smallest power of two above every |value|.

    Args:
        values: Values of any shape, in the unit of the series.

    Returns:
        The power, in that unit; 1 for zeros or no values.

    Raises:
        OverflowError: That power is beyond the range of floats.

    >>> binary_unit(np.array([0.75, -5.0]))
    8.0
    """
    return power_of_two_above(float(np.max(np.abs(values), initial=0.0)))


def binary_units(values: Array) -> Array:
    """Return `binary_unit` of each column, for columns in units of their own.

    Args:
        values: Values of shape (time, ...); NaN counts for nothing.

    Returns:
        Shape (...), each in the unit of its column; 1 for a column of zeros or NaN. Where the power
        is beyond the range of floats, the largest that is not.

    >>> binary_units(np.array([[0.75, 0.0], [-5.0, np.nan]])).tolist()
    [8.0, 1.0]
    """
    sizes = np.abs(values)
    largest = np.maximum.reduce(sizes, axis=0, initial=0.0, where=~np.isnan(sizes))
    _, exponents = np.frexp(np.where(largest > 0.0, largest, 0.5))
    return np.asarray(np.ldexp(1.0, np.minimum(exponents, _LARGEST_EXPONENT)), dtype=np.float64)


def root_mean_square(values: Array, *, lost: int = 0) -> float:
    r"""Return $\sqrt{\sum_i x_i^2 / (n - l)}$, with $l$ = `lost` degrees of freedom.

    Args:
        values: Values of shape (n,), in the unit of the series.
        lost: Number of parameters that were estimated from the values, below n.

    Returns:
        The root, in the unit of the series.

    Raises:
        OverflowError: A number is as large as the largest power of two, or not finite.

    >>> root_mean_square(np.array([3.0, 4.0]), lost=1)
    5.0
    """
    unit = binary_unit(values)
    scaled = values / unit
    return unit * math.sqrt(float(np.sum(scaled * scaled)) / (values.size - lost))


def floored(scale: float, values: Array) -> float:
    r"""Return `scale`, but at least what rounding alone does to a series of this size.

    The floor is $\varepsilon \max_t |y_t|$ with $\varepsilon = 2^{-52}$, the spacing of floats at
    1, and `SMALLEST_SCALE` for a series of zeros. A constant series has no spread of its own, but
    a mixture needs scales above 0; a floor relative to the level keeps forecasts exactly
    proportional to the unit of the series.

    Args:
        scale: Standard deviation that was estimated, at least 0, in the unit of the series.
        values: Series that it was estimated from, any shape, in that unit.

    Returns:
        A scale above 0, in that unit.

    >>> floored(0.0, np.array([-4.0, 2.0])) == 4.0 * 2.0**-52
    True
    """
    return max(scale, _EPS * float(np.max(np.abs(values), initial=0.0)), SMALLEST_SCALE)
