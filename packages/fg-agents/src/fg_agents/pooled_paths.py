"""Pooling what linear forecasters say at many origins, without playing the game.

`fg_agents.linear.forecast_paths` gives the forecasts of all origins in one pass; here a pool is
taught and asked with them, origin by origin, in the game's own order. With clean prints and without
defenders the numbers are those of the game, to the rounding of the forecasts, in a fraction of the
time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fg_core import AgentAction, DataError, ForecastState, ProbabilisticForecast, TrainingWindow
from fg_core.protocols import Aggregator, RevealedForecast

from .linear import ForecastPaths

__all__ = ["PooledPaths", "pool_paths"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PooledPaths:
    """Forecasts of a pool at many origins.

    Args:
        origins: Rows of the series.
        horizons: Steps ahead, in periods.
        means: Expected values, shape (origin, horizon), in the unit of the series.
        variances: Predictive variances in the squared unit of the series, same shape.
        forecasts: The whole distributions, by origin and horizon.
        aggregator: The pool after the last origin.
    """

    origins: tuple[int, ...]
    horizons: tuple[int, ...]
    means: Array
    variances: Array
    forecasts: tuple[tuple[ProbabilisticForecast, ...], ...]
    aggregator: Aggregator


def pool_paths(aggregator: Aggregator, paths: ForecastPaths, values: ArrayLike) -> PooledPaths:
    """Return the forecasts of a pool at consecutive origins.

    At each origin the pool first learns every target that became known with it, and then forecasts.
    What comes after a row changes no bit of any forecast made in it. (A game begins with a forecast
    of its first print: to compare, let the paths begin one row earlier.)

    Args:
        aggregator: Not started yet; it is told the groups of the forecasters if it wants to.
        paths: Forecasts of the forecasters at each origin.
        values: The series, shape (time,); `paths.origins` are rows of it.

    Returns:
        Arrays of shape (origin, horizon), in the unit of the series and its square, and the pool
        after the last origin.

    Raises:
        DataError: Origins that are not consecutive rows of the series.
        AgentError: No forecaster has a forecast at an origin.
    """
    series = np.asarray(values, dtype=np.float64)
    origins, horizons = paths.origins, paths.horizons
    rows = range(origins[0], origins[0] + len(origins)) if origins else range(0)
    if not origins or tuple(rows) != tuple(origins) or not 0 <= rows[0] <= rows[-1] < series.size:
        raise DataError(
            f"origins must be consecutive rows of a series of {series.size}, got {origins[:3]}..."
        )
    if hasattr(aggregator, "with_groups"):
        groups = dict(zip(paths.names, paths.groups, strict=True))
        aggregator = aggregator.with_groups(groups)
    window = TrainingWindow(series[: origins[0] + 1], origins[0])
    pool = aggregator.start(paths.names, window, horizons)
    claims: dict[tuple[int, int], RevealedForecast] = {}
    made: list[tuple[ProbabilisticForecast, ...]] = []
    for i, t in enumerate(origins):
        value = float(series[t])
        for h in horizons:
            claim = claims.pop((t - h, h), None)
            if claim is not None:
                pool = pool.update(
                    RevealedForecast(claim.state, h, claim.actions, claim.forecast, value)
                )
        state = ForecastState(t, value, 0.0, 0.0)
        row = []
        for j, h in enumerate(horizons):
            actions = _actions(paths, i, j, value)
            forecast = pool.aggregate(state, actions, horizon=h)
            claims[t, h] = RevealedForecast(state, h, actions, forecast, value)
            row.append(forecast)
        made.append(tuple(row))
    return PooledPaths(
        origins,
        horizons,
        np.array([[forecast.mean for forecast in row] for row in made]),
        np.array([[forecast.variance for forecast in row] for row in made]),
        tuple(made),
        pool,
    )


def _actions(paths: ForecastPaths, i: int, j: int, value: float) -> tuple[AgentAction | None, ...]:
    means, scales = paths.means[i, :, j].tolist(), paths.scales[i, :, j].tolist()
    return tuple(
        None if mean != mean else AgentAction(name, mean - value, scale=scale)
        for name, mean, scale in zip(paths.names, means, scales, strict=True)
    )
