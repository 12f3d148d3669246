"""Forecasts of many cells below each other, in pieces of a size that arrays are quick at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fg_core.forecast import QUANTILE_LEVELS
from fg_core.mixture import mixture_quantile

from .series_forecasts import SeriesForecasts

__all__ = ["Stacked", "solved_quantiles", "stacked"]

Array = NDArray[np.float64]

_ROWS = 4096
"""Rows in a piece, about: temporary arrays of a mixture's quantiles stay near the processor."""


@dataclass(frozen=True, eq=False)
class Stacked:
    """Origins of several cells, one per row; fields as in `SeriesForecasts`.

    Where the forecast issued is no mixture, its components are the one normal distribution of its
    mean and variance, or where that is 0 any at all.

    Args:
        is_mixture: whether the forecast issued is a mixture, shape (row,).
    """

    targets: Array
    expert_means: Array
    stated_scales: Array
    means: Array
    variances: Array
    weights: Array
    component_means: Array
    component_scales: Array
    quantiles: Array
    is_mixture: NDArray[np.bool_]


def stacked(cells: Sequence[SeriesForecasts]) -> Iterator[Stacked]:
    """Return the origins of all cells below each other, in pieces.

    Args:
        cells: cells of the same forecasters.

    Returns:
        Iterator over pieces, in the order of the cells.
    """
    for some in _pieces(cells):
        is_mixture = np.concatenate([one.present.any(axis=1) for one in some])
        means, variances = (
            np.concatenate([getattr(one, name) for one in some]) for name in ("means", "variances")
        )
        weights, centres, scales = (
            _components(some, name, fill)
            for name, fill in (
                ("weights", 0.0),
                ("component_means", 0.0),
                ("component_scales", 1.0),
            )
        )
        normal = ~is_mixture
        weights[normal, 0] = 1.0
        centres[normal, 0] = means[normal]
        scales[normal & (variances > 0.0), 0] = np.sqrt(variances[normal & (variances > 0.0)])
        yield Stacked(
            np.concatenate([one.targets for one in some]),
            np.concatenate([one.expert_means for one in some]),
            np.concatenate([one.stated_scales for one in some]),
            means,
            variances,
            weights,
            centres,
            scales,
            np.concatenate([one.quantiles for one in some]),
            is_mixture,
        )


def _pieces(cells: Sequence[SeriesForecasts]) -> Iterator[list[SeriesForecasts]]:
    """Return runs of cells of about `_ROWS` origins; a cell is never cut."""
    some: list[SeriesForecasts] = []
    rows = 0
    for one in cells:
        some.append(one)
        rows += len(one)
        if rows >= _ROWS:
            yield some
            some, rows = [], 0
    if some:
        yield some


def _components(cells: Sequence[SeriesForecasts], name: str, fill: float) -> Array:
    """Return a field of components; columns that hold no weight in any cell are left out."""
    width = max([1, *(_width(one) for one in cells)])
    found = np.full((sum(len(one) for one in cells), width), fill)
    begin = 0
    for one in cells:
        some = getattr(one, name)[:, :width]
        found[begin : begin + len(one), : some.shape[1]] = some
        begin += len(one)
    return found


def _width(cell: SeriesForecasts) -> int:
    """Return the number of first components that hold all that are present."""
    used = np.flatnonzero(cell.present.any(axis=0))
    return int(used[-1]) + 1 if used.size else 0


def solved_quantiles(cells: Sequence[SeriesForecasts]) -> list[Array]:
    """Return the quantiles of the forecasts issued, at `fg_core.forecast.QUANTILE_LEVELS`.

    Args:
        cells: cells whose quantiles may be NaN: those of the mixture, then, are solved for all
            cells at once.

    Returns:
        Per cell, shape (origin, level).
    """
    found = []
    for some in stacked(cells):
        certain = ~some.is_mixture & (some.variances == 0.0)
        quantiles = mixture_quantile(
            QUANTILE_LEVELS, some.weights, some.component_means, some.component_scales
        )
        quantiles[certain] = some.means[certain, np.newaxis]
        found.append(quantiles)
    of_all = np.concatenate(found) if found else np.empty((0, len(QUANTILE_LEVELS)))
    ends = np.cumsum([len(one) for one in cells])
    return [
        np.where(np.isnan(one.quantiles), solved, one.quantiles)
        for one, solved in zip(cells, np.split(of_all, ends[:-1]), strict=True)
    ]
