"""Forecasts of many cells below each other, in pieces of a size that arrays are quick at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fg_core.distributions import ShapeArrays
from fg_core.forecast import QUANTILE_LEVELS
from fg_core.mixture import mixture_quantile

from .predictive import Predictive
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
        is_log: rows whose expert forecasts and components are of logarithms, shape (row,).
        is_censored: rows whose distributions are censored at zero, shape (row,).
        shapes: stated distributions of the components; None: all are normal.
        stated_shapes: stated distributions of the expert forecasts; None: all are normal.
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
    is_log: NDArray[np.bool_]
    is_censored: NDArray[np.bool_]
    shapes: ShapeArrays | None
    stated_shapes: ShapeArrays | None

    def predictive(
        self, weights: Array, means: Array, scales: Array, shapes: ShapeArrays | None
    ) -> Predictive | None:
        """Return distributions of the rows; None where all are mixtures of normals.

        Args:
            weights: weights of the components, shape (row, component).
            means: their means, same shape.
            scales: their standard deviations, same shape.
            shapes: their stated distributions, leading axes (row, component); None: normals.

        Returns:
            Distributions as they are issued.
        """
        if shapes is None and not (self.is_log.any() or self.is_censored.any()):
            return None
        return Predictive(weights, means, scales, shapes, self.is_log, self.is_censored)


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
            np.concatenate([np.full(len(one), one.support.kind == "log") for one in some]),
            np.concatenate([one.support.censored(one.origins) for one in some]),
            _shapes([one.shapes for one in some], some, weights.shape[1]),
            _shapes([one.stated_shapes for one in some], some, some[0].expert_means.shape[1]),
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


def _shapes(
    stated: Sequence[ShapeArrays | None], cells: Sequence[SeriesForecasts], width: int
) -> ShapeArrays | None:
    """Return stated distributions below each other, leading axes (row, column); None: none is."""
    if all(one is None for one in stated):
        return None
    parts = []
    for one, cell in zip(stated, cells, strict=True):
        blank = ShapeArrays.nothing(len(cell), width)
        if one is not None:
            own = one.map(lambda array: array[:, :width])
            rest = ShapeArrays.nothing(len(cell), width - own.stated.shape[1])
            blank = ShapeArrays.joined([own, rest], axis=1)
        parts.append(blank)
    return ShapeArrays.joined(parts, axis=0)


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
        parts = some.weights, some.component_means, some.component_scales
        special = some.predictive(*parts, some.shapes)
        quantiles = (
            mixture_quantile(QUANTILE_LEVELS, *parts)
            if special is None
            else special.quantile(QUANTILE_LEVELS)
        )
        quantiles[certain] = some.means[certain, np.newaxis]
        found.append(quantiles)
    of_all = np.concatenate(found) if found else np.empty((0, len(QUANTILE_LEVELS)))
    ends = np.cumsum([len(one) for one in cells])
    return [
        np.where(np.isnan(one.quantiles), solved, one.quantiles)
        for one, solved in zip(cells, np.split(of_all, ends[:-1]), strict=True)
    ]
