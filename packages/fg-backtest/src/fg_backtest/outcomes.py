"""Forecasts, one per row, beside the values that came.

A forecast here is a Gaussian mixture (that of one expert is a mixture of one), or what `Predictive`
makes of one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from fg_core.forecast import QUANTILE_LEVELS
from fg_core.mixture import mixture_quantile
from fg_core.scoring import crps_gaussian

from .predictive import Predictive

__all__ = ["LEVEL", "LEVELS", "Forecasts", "Outcomes"]

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
