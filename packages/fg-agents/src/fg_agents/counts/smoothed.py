r"""Croston's method and its relatives: sizes of demand and how often it comes, smoothed apart.

Sizes $z$ and intervals $q$ between periods with demand are smoothed exponentially, each at periods
with demand alone, and the expected demand of a period is

$$\hat y = \pi \hat z, \qquad \pi = 1 / \hat q \ \text{(Croston)}, \quad
\pi = (1 - \alpha / 2) / \hat q \ \text{(SBA)},$$

or, with the probability of demand smoothed in *every* period (TSB),
$\pi \leftarrow \pi + \beta (1\{y > 0\} - \pi)$, so that it falls while nothing is sold: the one of
the three for what is discontinued.

The distribution that is stated has a mass of $1 - \pi$ at zero; sizes have the weights that
smoothing gives them, so that their mean is $\hat z$ and no law is assumed. What smoothing gives to
the first size is left to it, as in other implementations.

No library of the lock file has these: statsforecast does, with numba and 200 MB around it.

References: Croston (1972), Operational Research Quarterly 23, doi:10.1057/jors.1972.50; Syntetos &
Boylan (2005), International Journal of Forecasting 21, doi:10.1016/j.ijforecast.2004.10.001 (SBA);
Teunter, Syntetos & Babai (2011), European Journal of Operational Research 214,
doi:10.1016/j.ejor.2011.05.018 (TSB).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from fg_core import ConfigError
from fg_core.distributions import ShapeArrays, stated_arrays

from .demand import DemandFit, gathered, with_place

__all__ = ["SmoothedFit", "SmoothedMethod"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SmoothedFit(DemandFit):
    """Fit of `SmoothedMethod`.

    Args:
        interval: smoothed interval between periods with demand, in periods, shape (lane,).
        since: periods since the last one with demand, that of the next value included.
        probability: smoothed probability of demand.
    """

    interval: Array
    since: Array
    probability: Array


@dataclass(frozen=True)
class SmoothedMethod:
    """Smoothing of sizes and of intervals or probabilities.

    Args:
        variant: "croston", "sba" or "tsb".
        alpha: weight of the newest size and interval, in (0, 1).
        beta: weight of the newest period in the probability of demand (TSB), in (0, 1).

    Raises:
        ConfigError: A constant outside its range.
    """

    variant: Literal["croston", "sba", "tsb"] = "croston"
    alpha: float = 0.1
    beta: float = 0.1

    def __post_init__(self) -> None:
        for name in ("alpha", "beta"):
            if not 0.0 < getattr(self, name) < 1.0:
                raise ConfigError(f"{name} must be in (0, 1), got {getattr(self, name)!r}")
        if self.variant not in ("croston", "sba", "tsb"):
            raise ConfigError(f"variant must be croston, sba or tsb, got {self.variant!r}")

    def fit(self, values: Array) -> SmoothedFit:
        """Return the fit of one series.

        Args:
            values: values of the window, oldest first, shape (row,), some above zero.

        Returns:
            Fit with one lane.
        """
        at = np.flatnonzero(values > 0.0)
        intervals = np.diff(at, prepend=-1).astype(np.float64)
        places, masses = gathered(values[at], _weights(at.size, self.alpha))
        demand = (values > 0.0).astype(np.float64)
        return SmoothedFit(
            places,
            masses,
            np.array([intervals @ _weights(at.size, self.alpha)]),
            np.array([float(values.size - at[-1])]),
            np.array([demand @ _weights(demand.size, self.beta)]),
        )

    def following(self, fit: SmoothedFit, value: Array) -> SmoothedFit:
        """Return the fit after one more value.

        Args:
            fit: fit up to the value before.
            value: the new value, shape (lane,).

        Returns:
            Fit with as many lanes as there are values.
        """
        comes = value > 0.0
        places, masses = with_place(fit, value, np.where(comes, self.alpha, 0.0))
        interval = fit.interval + self.alpha * (fit.since - fit.interval)
        return SmoothedFit(
            places,
            masses,
            np.where(comes, interval, fit.interval),
            np.where(comes, 1.0, fit.since + 1.0),
            fit.probability + self.beta * (comes - fit.probability),
        )

    def distribution(self, fit: SmoothedFit) -> ShapeArrays:
        """Return the distribution of the value of a later period, leading axis (lane,).

        Args:
            fit: fit up to the last value.

        Returns:
            Masses at zero and at the sizes.
        """
        share = fit.probability
        if self.variant != "tsb":
            debias = 1.0 - 0.5 * self.alpha if self.variant == "sba" else 1.0
            share = debias / np.maximum(fit.interval, 1.0)
        share = np.clip(share, 0.0, 1.0)  # sums of weights are 1 but for rounding
        zero = np.zeros((share.size, 1))
        return stated_arrays(
            places=np.concatenate([zero, fit.places], axis=1),
            probabilities=np.concatenate(
                [1.0 - share[:, np.newaxis], share[:, np.newaxis] * fit.masses], axis=1
            ),
        )


def _weights(n: int, alpha: float) -> Array:
    """Return the weights of n values in exponential smoothing that begins with the first."""
    ages = np.arange(n - 1, -1, -1, dtype=np.float64)
    weights = alpha * (1.0 - alpha) ** ages
    weights[0] /= alpha
    return weights
