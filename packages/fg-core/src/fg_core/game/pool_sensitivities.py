r"""Sensitivities of the pool's forecast to each of the latest values.

For the $k$-th newest value, $\partial \bar f / \partial y_{-k}$ is the central difference of the
aggregator's mean with that value moved and each forecaster's level moved by its own derivative (see
`inflation`). For a pool that is linear in what forecasters say it is $\sum_i w_i \partial f_i /
\partial y_{-k}$ up to rounding; if they are autoregressions, the pooled coefficients of the level.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fg_core import distributions
from fg_core.batch import ForecastArrays

from .inflation import moved, slope_along, slope_of_newest
from .team import ExpertForecasts, Experts

__all__ = ["pool_sensitivities"]

Array = NDArray[np.float64]


def pool_sensitivities(experts: Experts, forecast: ExpertForecasts, n: int) -> Array:
    """Return the derivatives of a forecast's mean with respect to the latest values.

    Args:
        experts: Experts that made the forecast.
        forecast: Expert forecasts with the state that they were made from.
        n: Number of values.

    Returns:
        Shape (value, lane), newest first; 0 for values that the state does not show.
    """
    forecast_arrays, horizon, state = forecast.forecast_arrays, forecast.horizon, forecast.state
    found = np.zeros((n, experts.n))
    scale = forecast.forecast.scale
    # A pool that is linear has the same derivative for any step; one of its own size rounds least.
    step = np.where(scale > 0.0, scale, np.maximum(np.abs(forecast.forecast.mean), 1.0))
    for k in range(min(n, len(state.history) + 1)):
        pattern = np.zeros((k + 1, experts.n))
        pattern[k] = 1.0
        slopes = _slopes(experts, forecast_arrays, horizon, step, pattern)
        high, low = (
            experts.aggregator.pool(
                _with(forecast_arrays, side * step, pattern, slopes), horizon
            ).mean
            for side in (1.0, -1.0)
        )
        found[k] = (high - low) / (2.0 * step)
    return found


def _slopes(
    experts: Experts, forecast_arrays: ForecastArrays, horizon: int, step: Array, pattern: Array
) -> Array:
    """Return the derivative of each forecaster's level along a pattern; 0 where it has none."""
    slopes = np.zeros(forecast_arrays.deltas.shape)
    for i, one in enumerate(experts.forecasters):
        here = forecast_arrays.present[:, i]
        if not here.any():
            continue
        if len(pattern) == 1 and not hasattr(one.members[0], "sensitivities"):
            own: Any = slope_of_newest(one, forecast_arrays.state, horizon, step, here)
        else:
            own = slope_along(one, forecast_arrays.state, horizon, step, pattern, here)
        slopes[:, i] = np.where(here, own, 0.0)
    return slopes


def _with(
    forecast_arrays: ForecastArrays, size: Array, pattern: Array, slopes: Array
) -> ForecastArrays:
    """Return what forecasters say with the latest values moved by `size` along a pattern."""
    levels = size[:, np.newaxis] * slopes
    deltas = forecast_arrays.deltas + (levels - (size * pattern[0])[:, np.newaxis])
    scales, shapes = forecast_arrays.stated_scales, forecast_arrays.shapes
    if shapes is not None:
        scales, shapes = distributions.shifted(scales, shapes, levels)
    state = moved(forecast_arrays.state, size * pattern)
    return replace(forecast_arrays, state=state, deltas=deltas, stated_scales=scales, shapes=shapes)
