r"""Percentiles and probabilities of simulated paths, with their Monte Carlo errors.

A percentile is interpolated between the two order statistics around $1 + (n - 1) p$, as numpy
does by default (definition 7 of Hyndman & Fan 1996, Am. Stat. 50, doi:10.2307/2684934).

Its standard error needs no density: the number of paths below the true quantile is binomial, so
the quantiles at $p \pm 2 \sqrt{p (1 - p) / n}$ are about four standard errors apart (Woodruff
1952, JASA 47, doi:10.1080/01621459.1952.10483443).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from fg_core.errors import ConfigError

__all__ = ["EventProbability", "checked_percentiles", "percentile_errors", "percentiles_of_sorted"]

Array = NDArray[np.float64]

_WIDTH = 2.0
"""Standard deviations to each side between which a percentile's error is measured."""


@dataclass(frozen=True, eq=False)
class EventProbability:
    """Probability of an event, by step and over all steps, with Monte Carlo standard errors.

    Args:
        by_step: Probability at each step, shape (step,).
        by_step_errors: Standard errors of those, shape (step,).
        ever: Probability that it happens at one step at least.
        ever_error: Standard error of that.
    """

    by_step: Array
    by_step_errors: Array
    ever: float
    ever_error: float

    @classmethod
    def of(cls, happened: NDArray[np.bool_]) -> EventProbability:
        """Return the probabilities of an event that happens in some of the paths.

        The standard error takes one path more of each kind, $(k + 1) / (n + 2)$, so that an event
        that never happened is not certain not to.

        Args:
            happened: Whether it does, shape (step, path).

        Returns:
            Probabilities in [0, 1].

        >>> EventProbability.of(np.array([[True, False], [True, True]])).by_step.tolist()
        [0.5, 1.0]
        """
        n = happened.shape[1]
        by_step = np.count_nonzero(happened, axis=1)
        ever = int(np.count_nonzero(happened.any(axis=0)))
        return cls(by_step / n, _error(by_step, n), ever / n, float(_error(np.array(ever), n)))


def _error(count: NDArray[np.intp], n: int) -> Array:
    p = (count + 1.0) / (n + 2.0)
    found: Array = np.sqrt(p * (1.0 - p) / n)
    return found


def checked_percentiles(percentiles: Sequence[float]) -> tuple[float, ...]:
    """Return percentiles if they are above 0, below 100 and increasing.

    Args:
        percentiles: Percentiles, such as 10 for the first decile.

    Returns:
        The same as floats.

    Raises:
        ConfigError: There are none, or they are not as they should be.

    >>> checked_percentiles((10, 90))
    (10.0, 90.0)
    """
    try:
        found = tuple(float(p) for p in percentiles)
    except (TypeError, ValueError):
        found = ()
    increasing = all(a < b for a, b in pairwise(found))
    if not found or not increasing or not all(0.0 < p < 100.0 for p in found):
        raise ConfigError(
            f"percentiles must increase and be above 0 and below 100, got {percentiles!r}"
        )
    return found


def percentiles_of_sorted(paths: Array, percentiles: Sequence[float]) -> Array:
    """Return percentiles of paths at each step, which never cross.

    Args:
        paths: Values by size, smallest first, shape (step, path).
        percentiles: Percentiles above 0 and below 100, increasing.

    Returns:
        Shape (step, percentile), in the unit of the paths.

    Raises:
        ConfigError: Percentiles out of range or order.

    >>> percentiles_of_sorted(np.array([[1.0, 2.0, 3.0]]), (25, 50)).tolist()
    [[1.5, 2.0]]
    """
    levels = np.array(checked_percentiles(percentiles)) / 100.0
    # Interpolation rounds; what is monotone in numbers is made so in bits.
    found: Array = np.maximum.accumulate(_quantiles(paths, levels), axis=1)
    return found


def percentile_errors(paths: Array, percentiles: Sequence[float]) -> Array:
    """Return Monte Carlo standard errors of percentiles.

    Args:
        paths: As for `percentiles_of_sorted`.
        percentiles: As for `percentiles_of_sorted`.

    Returns:
        Shape (step, percentile), in the unit of the paths; NaN for a single path.

    Raises:
        ConfigError: As for `percentiles_of_sorted`.
    """
    levels = np.array(checked_percentiles(percentiles)) / 100.0
    n = paths.shape[1]
    if n < 2:
        return np.full((paths.shape[0], levels.size), np.nan)
    spread = np.sqrt(levels * (1.0 - levels) / n)
    low = np.maximum(levels - _WIDTH * spread, 0.0)
    high = np.minimum(levels + _WIDTH * spread, 1.0)
    found: Array = (_quantiles(paths, high) - _quantiles(paths, low)) * (spread / (high - low))
    return found


def _quantiles(paths: Array, levels: Array) -> Array:
    """Return quantiles of sorted paths, shape (step, level)."""
    position = (paths.shape[1] - 1) * levels
    below = np.floor(position).astype(np.intp)
    above = np.minimum(below + 1, paths.shape[1] - 1)
    low, high = paths[:, below], paths[:, above]
    found: Array = low + (position - below) * (high - low)
    return np.minimum(found, high)
