r"""The resolution of a series, and hits that its prints cannot betray by their digits.

Recorded values have few decimals. The sum of such a value and any hit has many, so that an agent
that counts decimals finds every hit. A false print is therefore rounded to the number of decimals
of the series, towards the truth:

$$\text{reported} = \max\{k\, 10^{-d} : k\, 10^{-d} \le y + a,\ k \in \mathbb{Z}\} \quad (a > 0)$$

with value $y$, hit $a$ and $d$ decimals (the minimum of those at least $y + a$ for $a < 0$), and
the value itself where that would not lie on the hit's side of it. The hit that counts is the
difference that is left. Only the number of decimals is hidden: values on a coarser grid (rates in
quarters of a percent) still differ from prints that are not on it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .errors import DataError

__all__ = ["MAX_DECIMALS", "decimals_of", "nearest_decimal", "round_hit"]

MAX_DECIMALS = 10
"""Numbers that need more decimals have no resolution: they were computed, not recorded."""

_MOST_DIGITS = 15
"""Decimal numbers with up to so many significant digits survive as floats; computed floats seldom
have so few."""

_ALMOST_ALL = 0.9
"""Share of the rows that must fit a resolution. At the right one, about a tenth end in a zero;
fewer than that may be odd ones, such as rows recorded with a digit more."""

_POWERS = np.array([float(10**k) for k in range(MAX_DECIMALS + 1)])
_INTEGERS = 2.0**53
"""From here on, floats are so far apart that each is the nearest to some decimal of the grid."""


def decimals_of(values: Iterable[float]) -> int | None:
    """Return the number of decimals that a series is recorded with.

    It is the smallest number that nine in ten of the values do with, counted in their shortest
    decimal form that gives the same float. Left aside are values with more than `MAX_DECIMALS`
    decimals or 15 significant digits, such as 7.199999999999999, the trace of an earlier
    computation. Where they are more than half, the series has no resolution.

    Args:
        values: Recorded values, in the unit of the series; those that are not finite are ignored.

    Returns:
        At least 0; None for values without a common resolution, or no values.

    >>> decimals_of([2.5, 3.0, 2.75]), decimals_of([120.0, 140.0])
    (2, 0)
    >>> decimals_of([1 / 3, 2 / 3, 0.5]) is None
    True
    """
    recorded = [float(x) for x in values if math.isfinite(x)]
    known: list[int] = []
    for n_seen, number in enumerate(recorded):
        if 2 * (n_seen - len(known)) > len(recorded):
            return None
        n = _decimals(number)
        if n is not None:
            known.append(n)
    if 2 * len(known) < len(recorded) or not known:
        return None
    known.sort()
    return known[math.ceil(_ALMOST_ALL * len(known)) - 1]


def _decimals(value: float) -> int | None:
    """Return how many decimals one number has; None where it has too many digits."""
    text = repr(abs(value))
    if len(text) > _MOST_DIGITS + 1 and text[0] != "0" and text[-1] != "0" and "e" not in text:
        return None  # every digit counts, and there are too many
    mantissa, _, exponent = text.partition("e")
    whole, _, fraction = mantissa.partition(".")
    fraction = fraction.rstrip("0")
    digits = (whole + fraction).strip("0")
    n = max(0, len(fraction) - int(exponent or 0)) if digits else 0
    return None if n > MAX_DECIMALS or len(digits) > _MOST_DIGITS else n


def round_hit(
    value: ArrayLike, hit: ArrayLike, decimals: ArrayLike | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what is reported for a value that is hit, and the hit that counts.

    Pure and elementwise; shapes broadcast.

    Args:
        value: True value, in the unit of the series.
        hit: Hit that is to be added to it, in that unit.
        decimals: Resolution of the series, 0 to `MAX_DECIMALS`; None or -1: not rounded.

    Returns:
        `(reported, effective)`. `reported` is the float nearest to a number with that many
        decimals; or the value, bit for bit, where the hit is 0 or less than the way to the next
        such number. `effective` has the sign of `hit` and is never larger in size, and 0 where
        the value is reported. `value + effective == reported` wherever the report has the value's
        sign and is between half and twice its size, and to within the rounding of the sum
        elsewhere (there may be no float for which it is equal): what is published is `reported`.
        NaN gives NaN; a sum that overflows is infinite.

    Raises:
        DataError: `decimals` is not a whole number in its range.

    >>> reported, effective = round_hit(2.37, 0.518, 2)
    >>> float(reported), round(float(effective), 12)
    (2.88, 0.51)
    >>> [float(x) for x in round_hit(2.37, -0.004, 2)]
    [2.37, 0.0]
    """
    true, asked = np.asarray(value, dtype=np.float64), np.asarray(hit, dtype=np.float64)
    n = _checked(-1 if decimals is None else decimals)
    shape = np.broadcast_shapes(true.shape, asked.shape, n.shape)
    if not asked.any():
        return np.broadcast_to(true, shape).copy(), np.zeros(shape)
    sign = np.where(asked < 0.0, -1.0, 1.0)
    start, size = sign * true, np.abs(asked)  # as if all hits went up
    with np.errstate(over="ignore", invalid="ignore"):
        wanted = start + size
        power = _POWERS[np.maximum(n, 0)]
        steps = np.floor(wanted * power)
        # The product is rounded, so that the floor may be one off.
        steps -= steps / power > wanted
        steps += (steps + 1.0) / power <= wanted
        on_grid = (n >= 0) & (np.abs(steps) < _INTEGERS)
        rounded = np.where(on_grid, steps / power, wanted)
        moved = (rounded > start) | np.isnan(wanted)
        # Rounding of the difference must not charge more than was asked for.
        left = np.where(n < 0, size, np.minimum(rounded - start, size))
    # Adding 0 makes 0 of -0, which no record holds.
    return np.where(moved, sign * rounded + 0.0, true), np.where(moved, sign * left, 0.0)


def nearest_decimal(number: ArrayLike, decimals: ArrayLike) -> NDArray[np.float64]:
    """Return the float nearest to the nearest number with so many decimals, elementwise.

    Args:
        number: Numbers, any shape, in the unit of the series.
        decimals: Resolution of the series in decimals, 0 to `MAX_DECIMALS`; -1: not rounded. One
            number, or a shape that broadcasts.

    Returns:
        Rounded numbers, of the shape to which both broadcast, in the unit of the series.

    Raises:
        DataError: `decimals` is not a whole number in its range.

    >>> nearest_decimal([2.8800000000000003, 1 / 3], [2, -1]).tolist()
    [2.88, 0.3333333333333333]
    """
    plain, n = np.asarray(number, dtype=np.float64), _checked(decimals)
    power = _POWERS[np.maximum(n, 0)]
    with np.errstate(over="ignore", invalid="ignore"):
        steps = np.rint(plain * power)
        on_grid = (n >= 0) & (np.abs(steps) < _INTEGERS)
        return np.where(on_grid, steps / power, plain)


def _checked(decimals: ArrayLike) -> NDArray[np.intp]:
    given: Any = np.asarray(decimals)
    if given.dtype.kind not in "iu" or ((given < -1) | (given > MAX_DECIMALS)).any():
        raise DataError(
            f"decimals must be whole numbers from -1 (not rounded) to {MAX_DECIMALS}, "
            f"got {decimals!r}"
        )
    return np.asarray(given, dtype=np.intp)
