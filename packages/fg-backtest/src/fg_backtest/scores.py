r"""Scores of many forecasts at once: one array operation over all origins of many cells.

Rows are origins, and a contender that has no forecast at an origin, or no predictive scale, has NaN
in that row: it is scored on what it has. A row's scores do not depend on the rows beside it.

A score of an origin is a function of `Outcomes`, marked by what it needs (`point_score`,
`density_score`). Which of them are computed is for the table of metrics to say.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from fg_core.scoring import (
    crps_mixture,
    interval_score,
    log_score_mixture,
    pit_mixture,
)

from .outcomes import LEVEL, Forecasts, Outcomes
from .predictive import Predictive

__all__ = [
    "OriginScore",
    "Scores",
    "absolute_error",
    "covered",
    "crps",
    "crps_of_moments",
    "density_score",
    "interval",
    "log_score",
    "pit",
    "point_score",
    "score",
    "squared_error",
]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class OriginScore:
    """A score of each origin.

    Args:
        function: function that gives the scores of some outcomes, shape (row,).
        needs_density: whether it needs a predictive distribution; else a mean is enough.
    """

    function: Callable[[Outcomes], Array]
    needs_density: bool


def point_score(function: Callable[[Outcomes], Array]) -> OriginScore:
    """Return the score of each origin that has a mean.

    Args:
        function: function from outcomes to scores, shape (row,).

    Returns:
        The function as a score that needs no more than a mean.
    """
    return OriginScore(function, needs_density=False)


def density_score(function: Callable[[Outcomes], Array]) -> OriginScore:
    """Return the score of each origin that has a predictive distribution.

    Args:
        function: function from outcomes to scores, shape (row,).

    Returns:
        The function as a score that needs a predictive distribution.
    """
    return OriginScore(function, needs_density=True)


# -------------------------------------------------------------------------------- the scores


@point_score
def absolute_error(of: Outcomes) -> Array:
    """Return |target - mean|, in the unit of the series.

    Args:
        of: forecasts with a mean, and their outcomes.

    Returns:
        Array of shape (row,), in the unit of the series.
    """
    return np.abs(of.targets - of.forecasts.means)


@point_score
def squared_error(of: Outcomes) -> Array:
    """Return (target - mean)^2, in the unit of the series squared.

    Args:
        of: forecasts with a mean, and their outcomes.

    Returns:
        Array of shape (row,), in the unit of the series squared.
    """
    return np.square(of.targets - of.forecasts.means)


@density_score
def crps(of: Outcomes) -> Array:
    """Return the CRPS of mixtures; where all weight is on one component, that of the normal.

    Args:
        of: forecasts with a distribution, and their outcomes.

    Returns:
        Array of shape (row,), in the unit of the series; lower is better.
    """
    found = of.crps_of_moments.copy()
    weights = of.forecasts.weights
    mixed = np.count_nonzero(weights > 0.0, axis=1) > 1
    if mixed.any():
        parts = (array[mixed] for array in (*of.mixture, of.targets))
        found[mixed] = crps_mixture(*parts)
    return of.with_special(found, Predictive.crps)


@density_score
def crps_of_moments(of: Outcomes) -> Array:
    """Return the CRPS of the normal distribution with the forecast's mean and variance.

    Args:
        of: forecasts with a distribution, and their outcomes.

    Returns:
        Array of shape (row,), in the unit of the series; lower is better.
    """
    return of.crps_of_moments


@density_score
def covered(of: Outcomes) -> Array:
    """Return 1 where the target lies in the interval that was issued, its ends included; else 0.

    Where an aggregator adapts its quantiles, the interval is not that of the mixture, of which
    CRPS, log score and probability integral transform are taken.

    Args:
        of: forecasts with a distribution, and their outcomes.

    Returns:
        Array of shape (row,) of zeros and ones.
    """
    low, high = of.ends
    return ((low <= of.targets) & (of.targets <= high)).astype(np.float64)


@density_score
def interval(of: Outcomes) -> Array:
    """Return the interval score of that interval, in the unit of the series.

    Args:
        of: forecasts with a distribution, and their outcomes.

    Returns:
        Array of shape (row,), in the unit of the series; lower is better.
    """
    return interval_score(*of.ends, of.targets, LEVEL)


@density_score
def log_score(of: Outcomes) -> Array:
    """Return the negative log density of mixtures, in nats.

    Args:
        of: forecasts with a distribution, and their outcomes.

    Returns:
        Array of shape (row,), in nats; lower is better.
    """
    return of.with_special(log_score_mixture(*of.mixture, of.targets), Predictive.log_score)


@density_score
def pit(of: Outcomes) -> Array:
    """Return the probability integral transform of mixtures, in [0, 1].

    Args:
        of: forecasts with a distribution, and their outcomes.

    Returns:
        Array of shape (row,), without a unit.
    """
    return of.with_special(pit_mixture(*of.mixture, of.targets), Predictive.pit)


# ---------------------------------------------------------------------------------- all of them


@dataclass(frozen=True, eq=False)
class Scores:
    """Scores by row, or by (cell, origin) once they are taken into that shape.

    Args:
        has_mean: rows with a mean and a target, which point scores are there for.
        has_density: rows with a predictive distribution and a target.
        columns: scores by what they are, NaN where there is none; shape as `has_mean`.
    """

    has_mean: NDArray[np.bool_]
    has_density: NDArray[np.bool_]
    columns: Mapping[OriginScore, Array]

    def __getitem__(self, one: OriginScore) -> Array:
        return self.columns[one]

    def present(self, *, needs_density: bool) -> NDArray[np.bool_]:
        """Return the places of scores that need a density, or only a mean.

        Returns:
            Mask of the shape of the scores.
        """
        return self.has_density if needs_density else self.has_mean

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """Return the rows of all parts, in their order.

        Returns:
            Scores of shape (row,), the rows of the first part first.
        """
        if len(parts) == 1:
            return parts[0]
        return cls(
            np.concatenate([part.has_mean for part in parts]),
            np.concatenate([part.has_density for part in parts]),
            {one: np.concatenate([part[one] for part in parts]) for one in parts[0].columns},
        )

    def take(self, rows: NDArray[np.intp], only: Collection[OriginScore] | None = None) -> Self:
        """Return rows in another shape, that of `rows`; NaN where a number in it is -1.

        Args:
            rows: numbers of rows.
            only: scores that are returned; None: all.

        Returns:
            Scores of the shape of `rows`.
        """
        there = rows >= 0
        columns = {}
        for one in self.columns if only is None else only:
            array = self.columns[one][rows]
            array[~there] = np.nan
            columns[one] = array
        return type(self)(self.has_mean[rows] & there, self.has_density[rows] & there, columns)


def score(forecasts: Forecasts, targets: Array, wanted: Collection[OriginScore]) -> Scores:
    """Score forecasts against what happened.

    Args:
        forecasts: Forecasts, one per row.
        targets: Values that came, shape (row,), in the unit of the series; NaN: not known, and not
            scored.
        wanted: scores that are computed.

    Returns:
        The scores, shape (row,).
    """
    known = ~np.isnan(targets)
    has_mean, has_density = (
        known & ~np.isnan(numbers) for numbers in (forecasts.means, forecasts.variances)
    )
    masks = {False: has_mean, True: has_density}
    outcomes = {
        needs_density: Outcomes(forecasts.take(mask), targets[mask])
        for needs_density, mask in masks.items()
    }
    columns = {}
    for one in wanted:
        found = np.full(targets.size, np.nan)
        mask = masks[one.needs_density]
        if mask.any():
            found[mask] = one.function(outcomes[one.needs_density])
        columns[one] = found
    return Scores(has_mean, has_density, columns)
