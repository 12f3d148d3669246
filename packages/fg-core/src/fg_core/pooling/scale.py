r"""How wide a forecaster's errors really are, learned online.

A forecaster states a standard deviation $s$. Its past standardised errors $z = (y - m)/s$ say by
which factor that is wrong:

$$f^2 = \frac{a_0 + \sum_k d^k \min(z_k^2, c)}{a_0 + \sum_k d^k}$$

with discount $d$, prior weight $a_0$ and cap $c$ (one bad value must not blow it up), clipped to
a range. A discount variance in the sense of West & Harrison (1997), put outside the model.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fg_core.window import TrainingWindow

__all__ = ["ScaleRule", "change_scale", "discounted_add"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class ScaleRule:
    """The constants of the online scale.

    Args:
        discount: d in (0, 1].
        prior: a_0 > 0, in observations.
        cap: c > 0, on squared standardised errors.
        lowest: Smallest factor.
        highest: Largest factor.

    >>> rule = ScaleRule()
    >>> float(rule.factor(np.array(0.0), np.array(0.0)))
    1.0
    """

    discount: float = 0.95
    prior: float = 4.0
    cap: float = 9.0
    lowest: float = 0.4
    highest: float = 2.5

    def capped(self, z: Array) -> Array:
        """Return squared standardised errors, cut at the cap."""
        return np.asarray(np.minimum(z * z, self.cap), dtype=np.float64)

    def factor(self, total: Array | float, count: Array | float) -> Array:
        """Return f from the discounted sum of capped squares and the discounted count."""
        if type(total) is float and type(count) is float:  # of one game
            alone = math.sqrt((self.prior + total) / (self.prior + count))
            return np.asarray(min(max(alone, self.lowest), self.highest), dtype=np.float64)
        raw = np.sqrt((self.prior + total) / (self.prior + count))
        return np.asarray(np.minimum(np.maximum(raw, self.lowest), self.highest), dtype=np.float64)


def discounted_add(
    total: Array, count: Array, new: Array, discount: float | Array, complete: bool = False
) -> tuple[Array, Array]:
    """Return the discounted sum and count with one more observation; NaN adds nothing.

    The memory of an absent forecaster is not discounted either: it has seen nothing new.

    Args:
        total: Sum so far, shape (..., forecaster).
        count: Count so far, of that shape or shorter where all games have the same.
        new: Observations, shape (..., forecaster), in the unit of the sum; NaN: absent.
        discount: Share of the past that is kept, in (0, 1]; one number, or an array that
            broadcasts.
        complete: Whether the caller knows that there is no NaN.

    Returns:
        Discounted sum, shape (..., forecaster), in the unit of `new`, and discounted count, in
        observations, of that shape or shorter.

    >>> discounted_add(np.array([2.0]), np.array([1.0]), np.array([4.0]), 0.5)
    (array([5.]), array([1.5]))
    """
    if complete or not (unknown := np.isnan(new)).any():
        # The count keeps its shape: where all games have seen all of them, one serves them all.
        return discount * total + new, discount * count + 1.0
    known = ~unknown
    return (
        np.where(known, discount * total + np.where(known, new, 0.0), total),
        np.where(known, discount * count + 1.0, count),
    )


def change_scale(window: TrainingWindow, horizon: int) -> float:
    """Return the root mean square of changes over the horizon in the training window.

    A pool believes it of a forecaster that states no scale and has no past errors.

    Args:
        window: Training window.
        horizon: Number of steps ahead, at least 1.

    Returns:
        The scale, above 0, in the unit of the series; that of one-step changes where the window is
        too short for any change over the horizon.

    >>> change_scale(TrainingWindow([1.0, 2.0, 4.0]), 2)
    3.0
    """
    values = window.values
    if values.size <= horizon:
        return max(window.step_scale, 1e-300)
    changes = values[horizon:] - values[:-horizon]
    return max(float(np.sqrt(np.mean(changes * changes))), 1e-300)
