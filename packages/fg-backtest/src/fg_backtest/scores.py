r"""Scores of many forecasts at once: one array operation over all origins of many cells.

A forecast here is a Gaussian mixture (that of one expert is a mixture of one), or what `Predictive`
makes of one. Rows are origins, and
a contender that has no forecast at an origin, or no predictive scale, has NaN in that row: it is
scored on what it has. A row's scores do not depend on the rows beside it.

A score of an origin is a function of `Outcomes`, marked by what it needs (`point_score`,
`density_score`). Which of them are computed is for the table of metrics to say.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from fg_core.forecast import QUANTILE_LEVELS
from fg_core.mixture import mixture_quantile
from fg_core.scoring import (
    crps_gaussian,
    crps_mixture,
    interval_score,
    log_score_mixture,
    pit_mixture,
)

from .predictive import Predictive

__all__ = [
    "LEVEL",
    "LEVELS",
    "Forecasts",
    "OriginScore",
    "Outcomes",
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

LEVEL = 0.8
"""Nominal probability of the intervals that coverage is counted of."""

LEVELS = (QUANTILE_LEVELS[0], QUANTILE_LEVELS[-1])
"""Levels of the quantiles that are the ends of those intervals."""


@dataclass(frozen=True)
class Forecasts:
    """Forecasts, one per row; weight 0 fills rows with fewer components than others.

    Args:
        means: Means of shape (row,), in the unit of the series; NaN: no forecast.
        variances: Variances of shape (row,); NaN: no predictive distribution.
        weights: Weights of the components, shape (row, component).
        centres: Means of the components, shape (row, component).
        scales: Standard deviations of the components, above 0, shape (row, component).
        issued: Ends of the central interval of probability `LEVEL` as they were issued, shape
            (row, 2), in the unit of the series; None, or NaN in a row: they are quantiles of the
            mixtures.
        special: Distributions of the rows, where some are no mixture of normals in the unit of the
            series; None: all are.
    """

    means: Array
    variances: Array
    weights: Array
    centres: Array
    scales: Array
    issued: Array | None = None
    special: Predictive | None = None

    def take(self, rows: NDArray[np.bool_]) -> Self:
        """Return the rows that a mask of shape (row,) chooses.

        Returns:
            Forecasts of the chosen rows, in the same order.
        """
        if rows.all():
            return self
        return type(self)(
            self.means[rows],
            self.variances[rows],
            self.weights[rows],
            self.centres[rows],
            self.scales[rows],
            None if self.issued is None else self.issued[rows],
            None if self.special is None else self.special.take(rows),
        )


@dataclass(frozen=True, eq=False)
class Outcomes:
    """Forecasts and what happened: what the scores of origins are functions of.

    Args:
        forecasts: forecasts, one per row; a density score sees those with a predictive
            distribution alone.
        targets: values that came, shape (row,), in the unit of the series; none is NaN.
    """

    forecasts: Forecasts
    targets: Array

    @property
    def mixture(self) -> tuple[Array, Array, Array]:
        """Weights, means and scales of the components, shape (row, component) each."""
        return self.forecasts.weights, self.forecasts.centres, self.forecasts.scales

    @cached_property
    def ends(self) -> tuple[Array, Array]:
        """Ends of the central interval of probability `LEVEL`, shape (row,) each."""
        issued = self.forecasts.issued
        ends = np.full((self.targets.size, 2), np.nan) if issued is None else issued
        open_ends = np.asarray(np.isnan(ends).any(axis=1))
        if open_ends.any():
            ends = ends.copy()
            special = self.forecasts.special
            parts = (array[open_ends] for array in self.mixture)
            ends[open_ends] = (
                mixture_quantile(LEVELS, *parts)
                if special is None
                else special.take(open_ends).quantile(LEVELS)
            )
        return ends[:, 0], ends[:, 1]

    def with_special(self, found: Array, score: Callable[[Predictive, Array], Array]) -> Array:
        """Return scores, those of rows that are no mixture of normals from their distributions.

        Args:
            found: scores of mixtures of normals, shape (row,).
            score: score of the other rows.

        Returns:
            Scores of all rows, shape (row,).
        """
        special = self.forecasts.special
        if special is not None and (rows := special.special).any():
            found[rows] = score(special.take(rows), self.targets[rows])
        return found

    @cached_property
    def crps_of_moments(self) -> Array:
        """CRPS of the normal distribution with the forecast's mean and variance, shape (row,)."""
        scales = np.sqrt(self.forecasts.variances)
        return crps_gaussian(self.forecasts.means, scales, self.targets)


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
