"""Statistics of scenarios: what independent samples say, at a level that no seed meets by chance.

Every scenario says what it says at `P_VALUE`. Two kinds of assertion follow. Of a law that must
hold, the contrary must not be *clear*: a right program fails it once in ten thousand seeds. Of an
effect that must be there, the effect must be clear; such scenarios play so many games that the
effect is at least twice as large as what is clear.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from fg_core.transcendental import log, stdtrit

__all__ = ["P_VALUE", "clearly_above", "clearly_below", "is_off", "t_statistic", "uniform_limit"]

P_VALUE = 1e-4
"""Probability of an assertion that fails by chance, one-sided for means."""


def t_statistic(sample: ArrayLike, expected: float = 0.0) -> float:
    """Return by how many standard errors the mean of a sample lies above what is expected.

    Args:
        sample: Independent values, at least two.
        expected: Mean that is expected.

    Returns:
        Student's t; infinite where the values do not vary and their mean is another.

    >>> t_statistic([1.0, 3.0], 1.0)
    1.0
    """
    values = np.asarray(sample, dtype=np.float64).ravel()
    gap = float(values.mean()) - expected
    error = float(values.std(ddof=1)) / math.sqrt(len(values))
    if error > 0.0:
        return gap / error
    return math.copysign(math.inf, gap) if gap else 0.0


def clearly_above(sample: ArrayLike, bound: float = 0.0) -> bool:
    """Return whether the mean of independent values is above a bound, by a one-sided t test.

    Args:
        sample: Independent values, at least two.
        bound: Bound, in their unit.

    Returns:
        Whether a mean at the bound would look like this with a probability below `P_VALUE`.

    >>> clearly_above([1.0, 1.1, 0.9, 1.0, 1.05, 0.95], 0.5), clearly_above([1.0, -1.0, 0.5])
    (True, False)
    """
    return t_statistic(sample, bound) > float(stdtrit(np.size(sample) - 1, 1.0 - P_VALUE))


def clearly_below(sample: ArrayLike, bound: float = 0.0) -> bool:
    """Return whether the mean of independent values is below a bound; see `clearly_above`.

    Args:
        sample: Independent values, at least two.
        bound: Bound, in their unit.

    Returns:
        Whether a mean at the bound would look like this with a probability below `P_VALUE`.

    >>> clearly_below([1.0, 1.1, 0.9, 1.0, 1.05, 0.95], 1.5)
    True
    """
    return clearly_above(-np.asarray(sample, dtype=np.float64), -bound)


def is_off(sample: ArrayLike, expected: float) -> bool:
    """Return whether the mean of independent values is clearly not what is expected.

    Args:
        sample: Independent values, at least two.
        expected: Mean that is expected, in their unit.

    Returns:
        Whether it is clearly above or below, each at `P_VALUE`.

    >>> is_off([0.0, 1.0, 0.0, 1.0], 0.5)
    False
    """
    return clearly_above(sample, expected) or clearly_below(sample, expected)


def uniform_limit(n: int) -> float:
    """Return how far the distribution of n uniform numbers may be from uniform.

    The inequality of Dvoretzky, Kiefer and Wolfowitz with Massart's constant (1990, Annals of
    Probability 18, doi:10.1214/aop/1176990746): P(D > e) <= 2 exp(-2 n e^2), for every n.

    Args:
        n: Number of independent values.

    Returns:
        Largest distance of distribution functions (Kolmogorov and Smirnov's D) that has a
        probability of `P_VALUE` or more.

    >>> round(uniform_limit(10_000), 4)
    0.0223
    """
    return math.sqrt(float(log(2.0 / P_VALUE)) / (2.0 * n))
