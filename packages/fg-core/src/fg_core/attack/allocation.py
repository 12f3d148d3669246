"""The most that a budget can buy when each round has a bound of its damage by size of hit."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fg_core.errors import ConfigError

__all__ = ["most_for_budget"]

Array = NDArray[np.float64]


def most_for_budget(sizes: ArrayLike, damages: ArrayLike, budgets: ArrayLike) -> Array:
    """Return an upper bound of the sum of damages that each budget can buy.

    The damage of a round is bounded by the polygon through its points. Its smallest concave
    majorant is bounded as well, and of concave functions the best share of a budget is known: the
    steepest segments first. The bound exceeds the best choice of points by less than one round's
    distance between majorant and polygon.

    Args:
        sizes: Sizes of hits, at least 0 and ascending along the last axis, 0 first, shape (round,
            point), in step scales.
        damages: Bounds of the damage of hits up to these sizes, shape (round, point), in the unit
            of the series.
        budgets: Units that may be spent, shape (budget,), in step scales.

    Returns:
        Shape (budget,), in the unit of the series.

    Raises:
        ConfigError: Arrays of other shapes.

    >>> most_for_budget([[0.0, 1.0, 2.0]] * 2, [[0.0, 1.0, 3.0], [0.0, 2.0, 2.5]], [1.0, 3.0])
    array([2., 5.])
    """
    x, y = np.asarray(sizes, dtype=np.float64), np.asarray(damages, dtype=np.float64)
    if x.ndim != 2 or x.shape != y.shape:
        raise ConfigError(f"sizes and damages must have one shape, got {x.shape} and {y.shape}")
    base, lengths, slopes = 0.0, [], []
    for xs, ys in zip(x, y, strict=True):
        hull = _concave_majorant(xs, ys)
        base += hull[0][1]
        for (x0, y0), (x1, y1) in pairwise(hull):
            if y1 > y0:
                lengths.append(x1 - x0)
                slopes.append((y1 - y0) / (x1 - x0))
    order = np.argsort(-np.array(slopes), kind="stable")
    room = np.array(lengths)[order] if lengths else np.zeros(0)
    steep = np.array(slopes)[order] if slopes else np.zeros(0)
    before = np.concatenate([[0.0], np.cumsum(room)])[:-1]
    spent = np.asarray(budgets, dtype=np.float64)[:, np.newaxis] - before
    return np.asarray(base + (np.clip(spent, 0.0, room) * steep).sum(axis=1))


def _concave_majorant(xs: Array, ys: Array) -> list[tuple[float, float]]:
    """Return the corners of the smallest concave function above points, up to its maximum."""
    corners: list[tuple[float, float]] = []
    for x, y in zip(xs.tolist(), ys.tolist(), strict=True):
        if corners and x <= corners[-1][0]:
            if y <= corners[-1][1]:
                continue
            corners.pop()
        while len(corners) > 1:
            (x0, y0), (x1, y1) = corners[-2:]
            if (y1 - y0) * (x - x0) > (y - y0) * (x1 - x0):
                break
            corners.pop()
        corners.append((x, y))
    return corners
