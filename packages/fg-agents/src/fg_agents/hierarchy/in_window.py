"""Errors that fitted forecasters make in their own training window, by horizon.

They say how the errors of several series hang together; that is what the scale of a sum and the
reconciliation of a hierarchy need. They are errors of a fit where it was fitted, so a little too
small: scales with degrees of freedom come from the forecasters themselves.

A forecaster is asked origin by origin, as in a game. Two have an array path over all origins that
gives the same numbers, to the last bit for autoregressions: `fg_core.AutoRegression`, and those
with a method `window_deltas(window, horizon)`. A forecaster that also carries a state of its own
from `update` to `update` is asked with the state that it has at the end of the window.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from fg_core import AgentError, AutoRegression, ForecastState, ForecastUnavailable, TrainingWindow
from fg_core.protocols import Forecaster

__all__ = ["HasWindowDeltas", "complete_rows", "window_deltas", "window_errors"]

Array = NDArray[np.float64]

_LOOKBACK = 64


@runtime_checkable
class HasWindowDeltas(Protocol):
    """A forecaster with an array path: one expected change per origin, NaN where it has none."""

    def window_deltas(self, window: TrainingWindow, horizon: int) -> Array: ...  # noqa: D102


def window_deltas(forecaster: Forecaster, window: TrainingWindow, horizon: int) -> Array:
    """Return the expected change from each row of a window, as a fitted forecaster sees it.

    Args:
        forecaster: Fitted on `window`.
        window: The rows.
        horizon: Steps ahead.

    Returns:
        Shape (time,); NaN where it has no forecast, or too short a history for one.
    """
    if isinstance(forecaster, HasWindowDeltas):
        return forecaster.window_deltas(window, horizon)
    if type(forecaster) is AutoRegression and forecaster.fitted is not None:
        return _autoregression(forecaster, window, horizon)
    return _one_by_one(forecaster, window, horizon)


def window_errors(forecaster: Forecaster, window: TrainingWindow, horizon: int) -> Array:
    """Return target minus forecast by origin.

    Args:
        forecaster: Forecaster that is fitted on `window`.
        window: Training window.
        horizon: Steps ahead.

    Returns:
        Shape (time - horizon,), empty for a window that is too short; NaN: no forecast.

    >>> from fg_core import RandomWalk
    >>> window = TrainingWindow([1.0, 2.0, 4.0])
    >>> window_errors(RandomWalk().fit(window), window, 1).tolist()
    [1.0, 2.0]
    """
    n = len(window) - horizon
    if n <= 0:
        return np.empty(0)
    deltas = window_deltas(forecaster, window, horizon)[:n]
    errors: Array = (window.values[horizon:] - window.values[:n]) - deltas
    return errors


def complete_rows(columns: tuple[Array, ...]) -> Array:
    """Return columns that end at the same origin as one table, without rows that lack a number.

    Args:
        columns: Each of shape (time,), of its own length.

    Returns:
        Shape (time, column).

    >>> complete_rows((np.array([1.0, 2.0, 3.0]), np.array([np.nan, 5.0]))).tolist()
    [[3.0, 5.0]]
    """
    n = min(column.size for column in columns)
    table = np.stack([column[column.size - n :] for column in columns], axis=1)
    return table[np.isfinite(table).all(axis=1)]


def _autoregression(forecaster: AutoRegression, window: TrainingWindow, horizon: int) -> Array:
    """Iterate all origins at once; the same additions in the same order as `act`."""
    fitted = forecaster.fitted
    assert fitted is not None
    deltas = np.full(len(window), np.nan)
    first = max(1, fitted.order) - 1
    if first >= len(window):
        return deltas
    reduced = (window.values - fitted.center) / fitted.unit
    latest_first = [reduced[first - k : len(window) - k] for k in range(max(1, fitted.order))]
    last = latest_first[0]
    with np.errstate(over="ignore", invalid="ignore"):  # explosive roots: no forecast, as in act
        for _ in range(horizon):
            total = np.full(last.size, fitted.offset)
            for coefficient, lag in zip(fitted.phi, latest_first, strict=False):
                total = total + coefficient * lag
            latest_first = [total, *latest_first[:-1]]
        found = fitted.unit * (latest_first[0] - last)
    deltas[first:] = np.where(np.isfinite(found), found, np.nan)
    return deltas


def _one_by_one(forecaster: Forecaster, window: TrainingWindow, horizon: int) -> Array:
    """Ask origin by origin, the latest first, until the history is too short for an answer."""
    deltas = np.full(len(window), np.nan)
    values = window.values.tolist()
    for i in range(len(window) - 1, -1, -1):
        state = ForecastState(
            window.end_t - (len(window) - 1 - i),
            values[i],
            0.0,
            0.0,
            segment_values=window.segments[i] if window.segments else {},
            macro_context=window.contexts[i] if window.contexts else {},
            history=tuple(values[max(0, i - _LOOKBACK) : i]),
        )
        try:
            deltas[i] = forecaster.act(state, horizon).delta
        except ForecastUnavailable:
            continue
        except AgentError:
            if i >= min(_LOOKBACK, len(window) - 1):
                raise  # its history is as long as it ever gets: the complaint is another
            break
    return deltas
