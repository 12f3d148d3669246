r"""Scores of many forecasts at once: one array operation over all origins of many cells.

A forecast here is a Gaussian mixture; a single claim is a mixture of one. Rows are origins, and a
contender that has no forecast at an origin, or no predictive scale, has NaN in that row: it is
scored on what it has. A row's scores do not depend on the rows beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Self

import numpy as np
from numpy.typing import NDArray

from fg_core import QUANTILE_LEVELS
from fg_core.mixture import mixture_quantile
from fg_core.scoring import (
    crps_gaussian,
    crps_mixture,
    interval_score,
    log_score_mixture,
    pit_mixture,
)

__all__ = ["LEVEL", "LEVELS", "Forecasts", "Scores", "score"]

Array = NDArray[np.float64]

LEVEL = 0.8
"""Nominal probability of the intervals that coverage is counted of."""

LEVELS = (QUANTILE_LEVELS[0], QUANTILE_LEVELS[-1])
"""Levels of the quantiles that are the ends of those intervals."""


@dataclass(frozen=True)
class Forecasts:
    """Forecasts, one a row; weight 0 fills rows with fewer components than others.

    Args:
        means: Shape (row,), in the unit of the series; NaN: no forecast.
        variances: Shape (row,); NaN: no predictive distribution.
        weights: Shape (row, component).
        centres: Shape (row, component), means of the components.
        scales: Shape (row, component), standard deviations, above 0.
        issued: Ends of the central interval of probability `LEVEL` as they were issued, shape
            (row, 2), in the unit of the series; None, or NaN in a row: they are quantiles of the
            mixtures.
    """

    means: Array
    variances: Array
    weights: Array
    centres: Array
    scales: Array
    issued: Array | None = None


@dataclass(frozen=True)
class Scores:
    """Scores by row, shape (row,); NaN where there is none. Fields as in `Metrics`."""

    error: Array
    crps: Array
    crps_gaussian: Array
    covered: Array
    interval: Array
    log_score: Array
    pit: Array

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """Return the rows of all parts, in their order."""
        if len(parts) == 1:
            return parts[0]
        each = {f.name: [getattr(part, f.name) for part in parts] for f in fields(cls)}
        return cls(**{name: np.concatenate(arrays) for name, arrays in each.items()})

    def take(self, rows: NDArray[np.intp]) -> Self:
        """Return rows in another shape, that of `rows`; NaN where a number in it is -1."""
        none = rows < 0
        found = {}
        for item in fields(self):
            array = getattr(self, item.name)[rows]
            array[none] = np.nan
            found[item.name] = array
        return type(self)(**found)


def score(forecasts: Forecasts, targets: Array) -> Scores:
    """Score forecasts against what happened.

    Coverage and interval score are those of the interval that was issued: where an aggregator
    adapts its quantiles, they are not those of the mixture that every other score is taken of.

    Args:
        forecasts: One a row.
        targets: Shape (row,), in the unit of the series; NaN: not known, and not scored.
    """
    some = ~np.isnan(forecasts.variances) & ~np.isnan(targets)
    y, weights = targets[some], forecasts.weights[some]
    centres, scales = forecasts.centres[some], forecasts.scales[some]
    error = targets - forecasts.means
    if not y.size:
        none = np.full(targets.size, np.nan)
        return Scores(error, none, none, none, none, none, none)

    def spread(values: Array) -> Array:
        out = np.full(targets.size, np.nan)
        out[some] = values
        return out

    gaussian = crps_gaussian(forecasts.means[some], np.sqrt(forecasts.variances[some]), y)
    ends = np.full((y.size, 2), np.nan) if forecasts.issued is None else forecasts.issued[some]
    open_ends = np.isnan(ends).any(axis=1)
    if open_ends.any():
        parts = (array[open_ends] for array in (weights, centres, scales))
        ends = ends.copy()
        ends[open_ends] = mixture_quantile(LEVELS, *parts)
    low, high = ends[:, 0], ends[:, 1]
    return Scores(
        error,
        spread(_crps(gaussian, weights, centres, scales, y)),
        spread(gaussian),
        spread(((low <= y) & (y <= high)).astype(np.float64)),
        spread(interval_score(low, high, y, LEVEL)),
        spread(log_score_mixture(weights, centres, scales, y)),
        spread(pit_mixture(weights, centres, scales, y)),
    )


def _crps(gaussian: Array, weights: Array, centres: Array, scales: Array, y: Array) -> Array:
    """Return the CRPS of mixtures; where all weight is on one component, that of the normal."""
    found = gaussian.copy()
    mixed = np.count_nonzero(weights > 0.0, axis=1) > 1
    if mixed.any():
        parts = (array[mixed] for array in (weights, centres, scales, y))
        found[mixed] = crps_mixture(*parts)
    return found
