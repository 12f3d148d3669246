r"""Scores of many forecasts at once: one array operation over all origins of a cell.

A forecast here is a Gaussian mixture; a single claim is a mixture of one. Rows are origins, and a
contender that has no forecast at an origin, or no predictive scale, has NaN in that row: it is
scored on what it has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fg_core.mixture import mixture_moments, mixture_quantile
from fg_core.scoring import (
    crps_gaussian,
    crps_mixture,
    interval_score,
    log_score_mixture,
    pit_mixture,
    skill_score,
)

from .records import Metrics

__all__ = ["LEVEL", "LEVELS", "Forecasts", "Part", "Scores", "forecasts_of", "measure", "score"]

Array = NDArray[np.float64]

LEVEL = 0.8
"""Nominal probability of the intervals that coverage is counted of."""

LEVELS = (0.1, 0.9)
"""Levels of the quantiles that are the ends of those intervals."""

_PIT_BINS = 10

Part = tuple[float, float, float]
"""Weight, mean and scale of a component."""


@dataclass(frozen=True)
class Forecasts:
    """One contender's forecasts; weight 0 fills rows with fewer components than others.

    Args:
        means: Shape (origin,), in the unit of the series; NaN: no forecast.
        variances: Shape (origin,); NaN: no predictive distribution.
        weights: Shape (origin, component).
        centres: Shape (origin, component), means of the components.
        scales: Shape (origin, component), standard deviations, above 0.
        issued: Ends of the central interval of probability `LEVEL` as they were issued, shape
            (origin, 2), in the unit of the series; None: they are quantiles of the mixtures.
    """

    means: Array
    variances: Array
    weights: Array
    centres: Array
    scales: Array
    issued: Array | None = None


def forecasts_of(
    rows: Sequence[tuple[Sequence[Part], float | None, float | None]],
    issued: Sequence[tuple[float, float]] | None = None,
) -> Forecasts:
    """Return forecasts as arrays.

    Args:
        rows: Per origin its components (none: no predictive distribution), mean (None: no
            forecast, or that of the components) and variance (None: that of the components).
        issued: Per origin the ends of the interval that was issued; None: none were issued.
    """
    n, k = len(rows), max((len(parts) for parts, _, _ in rows), default=0) or 1
    means, variances = np.full(n, np.nan), np.full(n, np.nan)
    weights, centres, scales = np.zeros((n, k)), np.zeros((n, k)), np.ones((n, k))
    weights[:, 0] = 1.0
    for i, (parts, mean, variance) in enumerate(rows):
        if parts:
            used = slice(0, len(parts))
            weights[i, used], centres[i, used], scales[i, used] = zip(*parts, strict=True)
            if mean is None or variance is None:
                found = mixture_moments(weights[i, used], centres[i, used], scales[i, used])
                means[i], variances[i] = (float(number) for number in found)
            if variance is not None:
                variances[i] = variance
        if mean is not None:
            means[i] = mean
    ends = None if issued is None else np.array(issued, dtype=np.float64).reshape(n, 2)
    return Forecasts(means, variances, weights, centres, scales, ends)


@dataclass(frozen=True)
class Scores:
    """Scores by origin, shape (origin,); NaN where there is none. Fields as in `Metrics`."""

    error: Array
    crps: Array
    crps_gaussian: Array
    covered: Array
    interval: Array
    log_score: Array
    pit: Array


def score(forecasts: Forecasts, targets: Array) -> Scores:
    """Score forecasts against what happened.

    Coverage and interval score are those of the interval that was issued: where an aggregator
    adapts its quantiles, they are not those of the mixture that every other score is taken of.

    Args:
        forecasts: Of one contender.
        targets: Shape (origin,), in the unit of the series.
    """
    n = targets.size
    some = ~np.isnan(forecasts.variances)
    y = targets[some]
    weights, centres = forecasts.weights[some], forecasts.centres[some]
    scales = forecasts.scales[some]

    def spread(values: Array) -> Array:
        out = np.full(n, np.nan)
        out[some] = values
        return out

    if not some.any():
        none = np.full(n, np.nan)
        return Scores(targets - forecasts.means, none, none, none, none, none, none)
    gaussian = crps_gaussian(forecasts.means[some], np.sqrt(forecasts.variances[some]), y)
    single = weights.shape[-1] == 1
    if forecasts.issued is not None:
        ends = forecasts.issued[some]
    else:
        ends = mixture_quantile(LEVELS, weights, centres, scales)
    low, high = ends[:, 0], ends[:, 1]
    return Scores(
        targets - forecasts.means,
        spread(gaussian if single else crps_mixture(weights, centres, scales, y)),
        spread(gaussian),
        spread(((low <= y) & (y <= high)).astype(np.float64)),
        spread(interval_score(low, high, y, LEVEL)),
        spread(log_score_mixture(weights, centres, scales, y)),
        spread(pit_mixture(weights, centres, scales, y)),
    )


def measure(scores: Scores, benchmark: Scores, rows: slice) -> Metrics:
    """Return the metrics of some origins.

    Args:
        scores: Of the contender.
        benchmark: Of the contender that skill is measured against, over the same origins.
        rows: The origins.
    """
    error = scores.error[rows]
    error = error[~np.isnan(error)]
    crps = scores.crps[rows]
    some = ~np.isnan(crps)
    theirs = benchmark.crps[rows]
    both = some & ~np.isnan(theirs)
    pit = scores.pit[rows][some]
    bins = np.minimum((pit * _PIT_BINS).astype(np.intp), _PIT_BINS - 1)
    return Metrics(
        n=int(error.size),
        n_density=int(np.count_nonzero(some)),
        mae=_mean(np.abs(error)),
        rmse=None if error.size == 0 else float(np.sqrt(np.mean(np.square(error)))),
        crps=_mean(crps[some]),
        crps_gaussian=_mean(scores.crps_gaussian[rows][some]),
        coverage_80=_mean(scores.covered[rows][some]),
        interval_score_80=_mean(scores.interval[rows][some]),
        log_score=_mean(scores.log_score[rows][some]),
        skill=_skill(crps[both], theirs[both]),
        pit_counts=tuple(np.bincount(bins, minlength=_PIT_BINS).tolist()),
    )


def _mean(values: Array) -> float | None:
    """Return the mean; None where there are no values, or it leaves the range of floats."""
    if values.size == 0:
        return None
    mean = float(np.mean(values))
    return mean if np.isfinite(mean) else None


def _skill(ours: Array, theirs: Array) -> float | None:
    if ours.size == 0 or not float(np.mean(theirs)) > 0.0:
        return None
    return float(skill_score(np.mean(ours), np.mean(theirs)))
