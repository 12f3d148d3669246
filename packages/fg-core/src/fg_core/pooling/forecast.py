"""A forecast from components that are in range by construction, made without checking them."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from fg_core.distributions import ShapeArrays
from fg_core.forecast import Components, ProbabilisticForecast
from fg_core.mixture import moments_of, shares

__all__ = ["mixture_forecast"]

Array = NDArray[np.float64]


def mixture_forecast(
    weights: Array,
    means: Array,
    scales: Array,
    labels: tuple[str, ...],
    shapes: ShapeArrays | None = None,
) -> ProbabilisticForecast:
    """Return `ProbabilisticForecast.from_components`, at a quarter of its cost.

    The game makes some ten forecasts a round, whose weights are shares and whose scales are above
    0 by construction. What may go wrong, numbers that are not finite, shows in the variance.

    Args:
        weights: Shape (component,), new arrays, which become read-only; so the other two.
        means: In the unit of the series.
        scales: Standard deviations in that unit.
        labels: Who each component comes from.
        shapes: Distributions of the components that are not normal; None: all are.

    Raises:
        DataError: The forecast is not finite.

    >>> one = mixture_forecast(np.ones(1), np.array([2.0]), np.array([3.0]), ("a",))
    >>> one.mean, one.variance
    (2.0, 9.0)
    """
    mean, variance = moments_of(shares(weights), means, scales)
    if not math.isfinite(variance):
        return ProbabilisticForecast.from_components(
            Components(weights, means, scales, labels, shapes)
        )
    parts = object.__new__(Components)
    for array in (weights, means, scales):
        array.setflags(write=False)
    parts.__dict__.update(
        weights=weights,
        means=means,
        scales=scales,
        labels=labels,
        shapes=None if shapes is None else shapes.frozen(),
    )
    forecast = object.__new__(ProbabilisticForecast)
    forecast.__dict__.update(mean=float(mean), variance=float(variance), components=parts)
    return forecast
