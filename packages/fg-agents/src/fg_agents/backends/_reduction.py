r"""The series that a model is fitted on: centred, and in a unit that is a power of two.

$z_t = (y_t - c) / u$ with $u$ the power of two next above the root mean square one-step change.
Optimisers then meet errors of size 1 whatever the unit of the series, and dividing by a power of
two is exact: a series that is $2^k$ times larger gives the very same $z$, hence the same
parameters to the last bit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fg_core.authoring import SMALLEST_SCALE, power_of_two_above, root_mean_square

__all__ = ["FloatArray", "Reduction", "is_still"]

FloatArray = NDArray[np.float64]


def is_still(values: FloatArray) -> bool:
    """Say whether a series does not move, or by less than any model's smallest scale.

    Raises:
        OverflowError: A change is beyond the range of floats.

    >>> is_still(np.array([2.0, 2.0, 2.0])), is_still(np.array([0.0, 1e-200]))
    (True, True)
    """
    return values.size < 2 or root_mean_square(np.diff(values)) <= SMALLEST_SCALE


@dataclass(frozen=True)
class Reduction:
    """Center and unit by which a series is reduced; see the module.

    Args:
        center: Center in the unit of the series.
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
            values: Values of the series, at least two, shape (time,).
            centred: Whether the first value becomes 0; else 0 stays 0, for models of ratios.

        Raises:
            OverflowError: A change is beyond the range of floats.
        """
        unit = power_of_two_above(root_mean_square(np.diff(values)))
        return cls(float(values[0]) if centred else 0.0, unit)

    def reduce(self, values: FloatArray) -> FloatArray:
        """Return the reduced series."""
        reduced: FloatArray = (values - self.center) / self.unit
        return reduced
