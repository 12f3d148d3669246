r"""The series that a model is fitted on: centred, and in a unit that is a power of two.

$z_t = (y_t - c) / u$ with $u$ the power of two next above the root mean square one-step change.
Optimisers then meet errors of size 1 whatever the unit of the series, and dividing by a power of
two is exact: a series that is $2^k$ times larger gives the very same $z$, hence the same
parameters to the last bit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["FloatArray", "Reduction", "floored", "is_still", "root_mean_square"]

FloatArray = NDArray[np.float64]

_SMALLEST_SCALE = 2.0**-200
_EPS = float(np.finfo(np.float64).eps)


def _binary_unit(size: float) -> float:
    if not math.isfinite(size):
        raise OverflowError(f"no power of two is above {size}")
    return math.ldexp(1.0, math.frexp(size)[1]) if size > 0.0 else 1.0


def root_mean_square(values: FloatArray, *, lost: int = 0) -> float:
    r"""Return $\sqrt{\sum_i x_i^2 / (n - l)}$, with $l$ = `lost` degrees of freedom.

    Raises:
        OverflowError: A number is as large as the largest power of two, or not finite.

    >>> root_mean_square(np.array([3.0, 4.0]), lost=1)
    5.0
    """
    unit = _binary_unit(float(np.max(np.abs(values), initial=0.0)))
    scaled = values / unit
    return unit * math.sqrt(float(np.sum(scaled * scaled)) / (values.size - lost))


def is_still(values: FloatArray) -> bool:
    """Say whether a series does not move, or by less than any model's smallest scale.

    Raises:
        OverflowError: A change is beyond the range of floats.

    >>> is_still(np.array([2.0, 2.0, 2.0])), is_still(np.array([0.0, 1e-200]))
    (True, True)
    """
    return values.size < 2 or root_mean_square(np.diff(values)) <= _SMALLEST_SCALE


def floored(scale: float, values: FloatArray) -> float:
    """Return `scale`, but at least what rounding alone does to a series of this size.

    >>> floored(0.0, np.array([-4.0, 2.0])) == 4.0 * 2.0**-52
    True
    """
    return max(scale, _EPS * float(np.max(np.abs(values), initial=0.0)), _SMALLEST_SCALE)


@dataclass(frozen=True)
class Reduction:
    """How a series is reduced; see the module.

    Args:
        center: In the unit of the series.
        unit: A power of two, in the unit of the series.

    >>> Reduction.of(np.array([10.0, 13.0, 7.0]))
    Reduction(center=10.0, unit=8.0)
    """

    center: float
    unit: float

    @classmethod
    def of(cls, values: FloatArray, *, centred: bool = True) -> Reduction:
        """Return the reduction of a training window.

        Args:
            values: Shape (time,), at least two.
            centred: Whether the first value becomes 0; else 0 stays 0, for models of ratios.

        Raises:
            OverflowError: A change is beyond the range of floats.
        """
        unit = _binary_unit(root_mean_square(np.diff(values)))
        return cls(float(values[0]) if centred else 0.0, unit)

    def reduce(self, values: FloatArray) -> FloatArray:
        """Return the reduced series."""
        reduced: FloatArray = (values - self.center) / self.unit
        return reduced
