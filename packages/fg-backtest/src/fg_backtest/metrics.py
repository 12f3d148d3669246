"""From the scores of each origin to the figures of many cells: means over their origins, as arrays.

A cell's figure has the bits that it has alone: its mean is `np.mean` over those of its origins that
have a score, whatever the cells beside it have.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from .records import Metrics
from .scores import Scores

__all__ = ["measure"]

Array = NDArray[np.float64]

_PIT_BINS = 10


@dataclass(frozen=True)
class _Patterns:
    """Which origins count, grouped: cells where the same ones do.

    Args:
        groups: Numbers of cells, and of the origins that count in each of them.
        counts: How many origins count, shape (cell,).
    """

    groups: Sequence[tuple[NDArray[np.intp], NDArray[np.intp]]]
    counts: NDArray[np.intp]

    @classmethod
    def of(cls, some: NDArray[np.bool_]) -> Self:
        """Group the cells of a mask, shape (cell, origin)."""
        counts = np.count_nonzero(some, axis=1)
        _, first, group = np.unique(
            np.packbits(some, axis=1), axis=0, return_index=True, return_inverse=True
        )
        groups = [
            (np.flatnonzero(group.reshape(-1) == number), np.flatnonzero(some[at]))
            for number, at in enumerate(first)
        ]
        return cls(groups, counts)

    def means(self, *values: Array) -> list[Array]:
        """Return means over the origins that count, shape (cell,), of each array.

        NaN where none counts, or the mean leaves the range of floats.

        Args:
            values: Arrays of shape (cell, origin).
        """
        found = [np.full(self.counts.size, np.nan) for _ in values]
        for cells, origins in self.groups:
            if origins.size == 0:
                continue
            for array, into in zip(values, found, strict=True):
                # `take` leaves the origins of a cell side by side in memory, so that numpy adds
                # them in the order in which it adds those of one cell alone.
                chosen = array if cells.size == array.shape[0] else array.take(cells, axis=0)
                if origins.size < array.shape[1]:
                    chosen = chosen.take(origins, axis=1)
                into[cells] = np.mean(np.ascontiguousarray(chosen), axis=1)
        for into in found:
            into[~np.isfinite(into)] = np.nan
        return found


def measure(scores: Scores, benchmark: Scores) -> list[Metrics]:
    """Return the metrics of many cells.

    Args:
        scores: Arrays of shape (cell, origin).
        benchmark: The same of the contender that skill is measured against.

    Returns:
        One a cell.
    """
    has_error, some = ~np.isnan(scores.error), ~np.isnan(scores.crps)
    forecasts, densities = _Patterns.of(has_error), _Patterns.of(some)
    mae, mse = forecasts.means(np.abs(scores.error), np.square(scores.error))
    crps, gaussian, coverage, interval, log_score = densities.means(
        scores.crps, scores.crps_gaussian, scores.covered, scores.interval, scores.log_score
    )
    return list(
        map(
            Metrics,
            forecasts.counts.tolist(),
            densities.counts.tolist(),
            _or_none(mae),
            _or_none(np.sqrt(mse)),
            _or_none(crps),
            _or_none(gaussian),
            _or_none(coverage),
            _or_none(interval),
            _or_none(log_score),
            _or_none(_skill(scores.crps, benchmark.crps)),
            map(tuple, _pit_counts(scores.pit, some).tolist()),
        )
    )


def _or_none(values: Array) -> list[float | None]:
    return [None if value != value else value for value in values.tolist()]


def _skill(ours: Array, theirs: Array) -> Array:
    """Return 1 - mean CRPS / mean CRPS of the benchmark, over the origins that both have.

    NaN where there are none, or the benchmark's mean is not above 0.
    """
    both = _Patterns.of(~np.isnan(ours) & ~np.isnan(theirs))
    mine, its = both.means(ours, theirs)
    found = np.full(its.shape, np.nan)
    known = its > 0.0
    found[known] = 1.0 - mine[known] / its[known]
    return found


def _pit_counts(pit: Array, some: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return how many probability integral transforms are in each bin, shape (cell, bin)."""
    cells, origins = np.nonzero(some)
    bins = np.minimum((pit[cells, origins] * _PIT_BINS).astype(np.intp), _PIT_BINS - 1)
    n_cells = pit.shape[0]
    counts = np.bincount(cells * _PIT_BINS + bins, minlength=n_cells * _PIT_BINS)
    return counts.reshape(n_cells, _PIT_BINS)
