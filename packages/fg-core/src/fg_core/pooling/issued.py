"""Scales, weights and distributions as they were when a forecast was issued."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fg_core.components import Components
from fg_core.distributions import ShapeArrays

__all__ = ["as_issued"]

Array = NDArray[np.float64]


def as_issued(
    names: Sequence[str], parts: Components | None, now: Array, shapes: ShapeArrays | None
) -> tuple[Array, Array | None, ShapeArrays | None]:
    """Return scales, weights and distributions of a forecast when it was made.

    A forecast four steps ahead was made with what was known then; judging it by today's scales
    would let the weights learn from a scale that was never stated.

    Args:
        names: Names of the forecasters of the pool.
        parts: Components of the forecast, of some of these forecasters; None: unknown.
        now: Scales that are believed now, shape (forecaster,), for those that are not among them.
        shapes: Distributions that are believed now; None: all are normal.

    Returns:
        Scales, shape (forecaster,), in the unit of the series; weights, zero for the absent, or
        None where the forecast is of others; and distributions, or None where all are normal.

    >>> from fg_core.pooling import mixture_forecast
    >>> parts = mixture_forecast(np.ones(1), np.zeros(1), np.array([2.0]), ("b",)).components
    >>> scales, weights, _ = as_issued(("a", "b"), parts, np.array([1.0, 1.0]), None)
    >>> scales.tolist(), weights.tolist()
    ([1.0, 2.0], [0.0, 1.0])
    """
    if parts is None or not set(parts.labels) <= set(names):
        return now, None, shapes
    made, weights = now.copy(), np.zeros_like(now)
    at = np.array([names.index(label) for label in parts.labels], dtype=np.intp)
    made[at], weights[at] = parts.scales, parts.weights
    then = None if parts.shapes is None else parts.shapes.spread(at, len(names))
    return made, weights, then
