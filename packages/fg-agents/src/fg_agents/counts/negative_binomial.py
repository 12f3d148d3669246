r"""Negative-binomial counts: more spread than Poisson's, by the moments of past values.

With mean $m$ and variance $v > m$ the number of demands has the probability

$$p_k = \frac{\Gamma(k + r)}{k!\,\Gamma(r)} p^r (1 - p)^k, \qquad p = m / v, \quad
r = m^2 / (v - m);$$

with $v \le m$ it is Poisson's. Every whole number has its mass, up to the one that leaves less than
a millionth to all that are larger.

Reference: Johnson, Kemp & Kotz (2005), Univariate Discrete Distributions, 3rd ed., chapter 5;
Snyder, Ord & Beaumont (2012), International Journal of Forecasting 28,
doi:10.1016/j.ijforecast.2011.03.009 (for slow-moving stock).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fg_core import ForecastUnavailable
from fg_core._numeric import ordered_sum
from fg_core.distributions import ShapeArrays, stated_arrays
from fg_core.transcendental import exp, log

from .fading import FadingWeights

__all__ = ["MOST_COUNTS", "CountFit", "NegativeBinomialMethod", "negative_binomial_masses"]

Array = NDArray[np.float64]

MOST_COUNTS = 512
"""Largest number of counts that have a mass; demand in larger numbers is left to others."""

_REACH = 12.0
_LEAST_EXCESS = 1e-6
_LEAST_TAIL = 1e-6
"""Probability of all counts that get no mass, which is shared out among the others."""


@dataclass(frozen=True, eq=False)
class CountFit:
    """Fit of `NegativeBinomialMethod`; shape (lane,) each.

    Args:
        mean: weighted mean of the values.
        square: weighted mean of their squares.
        total: sum of the weights, the newest value with weight 1.
    """

    mean: Array
    square: Array
    total: Array


@dataclass(frozen=True)
class NegativeBinomialMethod(FadingWeights):
    """Counts of a negative-binomial law, or Poisson's where they spread no more than that.

    Args:
        half_life: periods after which a value counts half; None: all count alike.

    Raises:
        ConfigError: A half-life that is not above 0.
    """

    def fit(self, values: Array) -> CountFit:
        """Return the fit of one series.

        Args:
            values: values of the window, oldest first, shape (row,).

        Returns:
            Fit with one lane.

        Raises:
            ForecastUnavailable: Values are not whole numbers, or too large to count.
        """
        if not (values == np.floor(values)).all():
            raise ForecastUnavailable("values of its window are not whole numbers")
        if values.max() >= MOST_COUNTS // 2:
            raise ForecastUnavailable(
                f"a value of its window is {values.max():g}, and counts end at {MOST_COUNTS // 2}"
            )
        weights = self.of_values(values.size)
        total = weights.sum()
        mean, square = (weights @ values / total, weights @ (values * values) / total)
        return CountFit(*(np.array([n]) for n in (mean, square, total)))

    def following(self, fit: CountFit, value: Array) -> CountFit:
        """Return the fit after one more value.

        Args:
            fit: fit up to the value before.
            value: the new value, shape (lane,).

        Returns:
            Fit with as many lanes as there are values.
        """
        total = self.kept * fit.total + 1.0
        return CountFit(
            fit.mean + (value - fit.mean) / total,
            fit.square + (value * value - fit.square) / total,
            np.broadcast_to(total, value.shape),
        )

    def distribution(self, fit: CountFit) -> ShapeArrays:
        """Return the distribution of the value of a later period, leading axis (lane,).

        Args:
            fit: fit up to the last value.

        Returns:
            Masses at the whole numbers.
        """
        spread = np.maximum(fit.square - fit.mean * fit.mean, 0.0)
        # As many values as weights that are equal would be.
        effective = _effective(fit.total, self.kept)
        variance = spread * effective / np.maximum(effective - 1.0, 1.0)
        masses = negative_binomial_masses(fit.mean, variance)
        return stated_arrays(
            places=np.arange(masses.shape[1], dtype=np.float64), probabilities=masses
        )


def negative_binomial_masses(mean: Array, variance: Array) -> Array:
    """Return the probabilities of 0, 1, 2, ... of negative-binomial laws.

    Args:
        mean: their means, shape (lane,), at least 0.
        variance: their variances, same shape; at most the mean: Poisson's law.

    Returns:
        Shape (lane, count), sum 1.

    >>> negative_binomial_masses(np.array([1.0]), np.array([2.0]))[0, :3].round(6).tolist()
    [0.5, 0.25, 0.125]
    """
    m = np.maximum(mean, 1e-12)
    over = variance > m * (1.0 + _LEAST_EXCESS)
    p = np.where(over, m / np.where(over, variance, 1.0), 1.0)
    r = np.where(over, m * p / np.where(over, 1.0 - p, 1.0), 1.0)
    spread = np.sqrt(np.maximum(variance, m))
    tail = np.where(over, spread * spread / m, 1.0)
    top = np.ceil(m + _REACH * (spread + tail)).max()
    k = np.arange(1, min(int(top), MOST_COUNTS), dtype=np.float64)
    ratio = np.where(
        over[:, np.newaxis],
        (1.0 - p)[:, np.newaxis] * ((k - 1.0) + r[:, np.newaxis]) / k,
        m[:, np.newaxis] / k,
    )
    first = np.where(over, r * log(p), -m)
    logs = np.concatenate(
        [first[:, np.newaxis], first[:, np.newaxis] + np.cumsum(log(ratio), axis=1)], axis=1
    )
    masses: Array = exp(logs)
    beyond = 1.0 - np.cumsum(masses, axis=1)
    # From the longest lane on, so that what is left there is too little for any.
    masses = masses[:, : int((beyond > _LEAST_TAIL).any(axis=0).sum()) + 2]
    counted = np.cumsum(masses, axis=1)
    last = np.minimum((1.0 - counted > _LEAST_TAIL).sum(axis=1) + 1, masses.shape[1] - 1)
    # A lane ends where it would alone, whatever the others need.
    masses = np.where(np.arange(masses.shape[1]) > last[:, np.newaxis], 0.0, masses)
    return masses / ordered_sum(masses)[:, np.newaxis]


def _effective(total: Array, kept: float) -> Array:
    """Return how many equal weights spread as these geometric ones do: (sum w)^2 / sum w^2."""
    if kept == 1.0:
        return total
    # total = (1 - kept^n) / (1 - kept), so kept^n and with it the sum of squares.
    last = 1.0 - total * (1.0 - kept)
    squares = (1.0 - last * last) / (1.0 - kept * kept)
    found: Array = total * total / squares
    return found
