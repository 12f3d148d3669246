"""Predictive scales that are never zero and follow the unit of the series exactly."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

__all__ = ["SMALLEST_SCALE", "binary_unit", "floored", "root_mean_square"]

SMALLEST_SCALE = 2.0**-200
"""Floor for a series of zeros; small against any data, and its square is still a normal float."""


def binary_unit(values: NDArray[np.float64]) -> float:
    """Return the smallest power of two above every |value|; 1 for zeros or no values.

    Dividing by it is exact, so that arithmetic on `values / unit` has the same bits for a series
    and for the same series in a unit that is a power of two larger or smaller.

    Raises:
        OverflowError: That power is beyond the range of numbers.

    >>> binary_unit(np.array([0.75, -5.0]))
    8.0
    """
    largest = float(np.max(np.abs(values), initial=0.0))
    if not math.isfinite(largest):
        raise OverflowError(f"no power of two is above {largest}")
    return math.ldexp(1.0, math.frexp(largest)[1]) if largest > 0.0 else 1.0


def root_mean_square(values: NDArray[np.float64], *, lost: int = 0) -> float:
    r"""Return $\sqrt{\sum_i x_i^2 / (n - l)}$, with $l$ = `lost` degrees of freedom.

    Raises:
        OverflowError: A number is as large as the largest power of two, or not finite.

    >>> root_mean_square(np.array([3.0, 4.0]), lost=1)
    5.0
    """
    unit = binary_unit(values)
    scaled = values / unit
    return unit * math.sqrt(float(np.sum(scaled * scaled)) / (values.size - lost))


def floored(scale: float, values: NDArray[np.float64]) -> float:
    r"""Return `scale`, but at least what rounding alone does to a series of this size.

    The floor is $\varepsilon \max_t |y_t|$ with $\varepsilon = 2^{-52}$, the spacing of floats at
    1, and `SMALLEST_SCALE` for a series of zeros. A constant series has no spread of its own, but
    a mixture needs scales above 0; a floor relative to the level keeps forecasts exactly
    proportional to the unit of the series.

    >>> floored(0.0, np.array([-4.0, 2.0])) == 4.0 * 2.0**-52
    True
    """
    largest = float(np.max(np.abs(values), initial=0.0))
    return max(scale, float(np.finfo(np.float64).eps) * largest, SMALLEST_SCALE)
