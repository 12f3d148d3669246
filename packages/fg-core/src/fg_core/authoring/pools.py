"""The edge of a pool: what forecasters state as arrays, and errors in one wording."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from fg_core.action import AgentAction
from fg_core.errors import AgentError
from fg_core.state import ForecastState

__all__ = ["means_and_scales", "memory_of", "no_forecast", "not_started"]

T = TypeVar("T")
Array = NDArray[np.float64]


def not_started(name: str) -> AgentError:
    """Return the error of an aggregator whose `start` was never called.

    Args:
        name: Name of the aggregator.

    Returns:
        The error, to be raised.

    >>> raise not_started("mine")
    Traceback (most recent call last):
    ...
    fg_core.errors.AgentError: aggregator 'mine' has not been started: call start() first
    """
    return AgentError(f"aggregator {name!r} has not been started: call start() first")


def memory_of(name: str, memory: Mapping[int, T], horizon: int) -> T:
    """Return the memory of an aggregator for a horizon.

    Args:
        name: Name of the aggregator.
        memory: Memory by horizon, as `start` and `update` left it.
        horizon: Number of steps ahead that it was asked for.

    Returns:
        The entry of that horizon.

    Raises:
        AgentError: It was not started for this horizon, or not at all.

    >>> memory_of("mine", {1: "weights"}, 1)
    'weights'
    >>> memory_of("mine", {1: "weights"}, 4)
    Traceback (most recent call last):
    ...
    fg_core.errors.AgentError: aggregator 'mine' was not started for horizon 4; it knows [1]
    """
    try:
        return memory[horizon]
    except KeyError:
        raise AgentError(
            f"aggregator {name!r} was not started for horizon {horizon}; it knows {sorted(memory)}"
        ) from None


def no_forecast(t: int, horizon: int) -> AgentError:
    """Return the error of a period for which no forecaster has a forecast.

    Args:
        t: Number of the period that the forecast is made from.
        horizon: Number of steps ahead.

    Returns:
        The error, to be raised.

    >>> raise no_forecast(7, 1)
    Traceback (most recent call last):
    ...
    fg_core.errors.AgentError: no forecaster has a forecast at t = 7, horizon 1
    """
    return AgentError(f"no forecaster has a forecast at t = {t}, horizon {horizon}")


def means_and_scales(
    name: str,
    names: Sequence[str],
    state: ForecastState,
    actions: Sequence[AgentAction | None],
) -> tuple[Array, Array]:
    """Return the means and the standard deviations that forecasters state.

    Args:
        name: Name of the aggregator, for the message.
        names: Names of the forecasters that it was started for.
        state: State that they acted on.
        actions: Actions, one per forecaster, in the order of `names`; None for one without a
            forecast.

    Returns:
        Two arrays of shape (forecaster,), in the unit of the series: means, NaN where there is no
        forecast, and stated scales, NaN where none is stated.

    Raises:
        AgentError: There are more or fewer actions than forecasters.

    >>> actions = (AgentAction("a", 1.0, scale=0.5), None)
    >>> means_and_scales("mine", ("a", "b"), ForecastState(0, 2.0, 0.0, 0.0), actions)
    (array([ 3., nan]), array([0.5, nan]))
    """
    if len(actions) != len(names):
        raise AgentError(
            f"aggregator {name!r} was started for {len(names)} forecasters, "
            f"got {len(actions)} actions"
        )
    means = [np.nan if a is None else state.value + a.delta for a in actions]
    stated = [np.nan if a is None or a.scale is None else a.scale for a in actions]
    return np.array(means, dtype=np.float64), np.array(stated, dtype=np.float64)
