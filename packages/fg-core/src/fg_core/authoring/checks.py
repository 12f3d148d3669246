"""Checks at the edge of a forecaster, in one wording.

`kind` and `name` are what a message calls the agent: "forecaster 'ar' is not fitted: ...".
"""

from __future__ import annotations

from math import inf, isfinite
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from fg_core.action import AgentAction
from fg_core.batch import StateArrays
from fg_core.errors import AgentError, ConfigError, DataError, ForecastUnavailable
from fg_core.numerical import OUT_OF_RANGE, numerical_failures
from fg_core.state import ForecastState
from fg_core.window import TrainingWindow

__all__ = [
    "fitting",
    "forecast_action",
    "latest",
    "latest_arrays",
    "require_finite_fit",
    "require_fit",
    "require_horizon",
    "require_rows",
]

T = TypeVar("T")
Array = NDArray[np.float64]


def fitting(name: str) -> numerical_failures:
    """Return the context of a fit, whose numerical failures are a missing forecast.

    Args:
        name: Name of the forecaster.

    Returns:
        A context manager, `fg_core.numerical.numerical_failures` with the wording of a fit.

    >>> with fitting("mine"):
    ...     raise np.linalg.LinAlgError("singular matrix")
    Traceback (most recent call last):
    ...
    fg_core.errors.ForecastUnavailable: forecaster 'mine' cannot be fitted: singular matrix
    """
    return numerical_failures(f"forecaster {name!r} cannot be fitted")


def require_finite_fit(name: str, *numbers: float) -> None:
    """Raise `ForecastUnavailable` where an estimate is not finite.

    Args:
        name: Name of the forecaster.
        numbers: Estimates of its parameters.

    >>> require_finite_fit("mine", 0.5, 2.0)
    """
    if not all(map(isfinite, numbers)):
        raise ForecastUnavailable(f"forecaster {name!r} cannot be fitted: {OUT_OF_RANGE}")


def require_fit(name: str, fitted: T | None, *, kind: str = "forecaster") -> T:
    """Return the memory that `fit` left in an agent.

    Args:
        name: Name of the agent.
        fitted: Fit as `fit` left it; None before it was called.
        kind: Kind of agent, for the message.

    Returns:
        `fitted`, without the None of its type.

    Raises:
        AgentError: `fit` was never called.

    >>> require_fit("mine", 0.5)
    0.5
    >>> require_fit("mine", None)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    fg_core.errors.AgentError: forecaster 'mine' is not fitted: call fit(window) and use ...
    """
    if fitted is None:
        raise AgentError(f"{kind} {name!r} is not fitted: call fit(window) and use what it returns")
    return fitted


def require_horizon(name: str, horizon: int, *, kind: str = "forecaster") -> None:
    """Raise `ConfigError` for a horizon below 1.

    Args:
        name: Name of the agent.
        horizon: Number of steps ahead that it was asked for.
        kind: Kind of agent, for the message.

    >>> require_horizon("mine", 0)
    Traceback (most recent call last):
    ...
    fg_core.errors.ConfigError: forecaster 'mine' was asked for horizon 0: 1 or more wanted
    """
    if horizon < 1:
        raise ConfigError(f"{kind} {name!r} was asked for horizon {horizon}: 1 or more wanted")


def require_rows(name: str, window: TrainingWindow, rows: int) -> None:
    """Raise `DataError` where the window has fewer than `rows` rows.

    Args:
        name: Name of the forecaster.
        window: Training window that it was given.
        rows: Number of rows that it needs.

    >>> require_rows("mine", TrainingWindow([1.0, 2.0]), 3)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    fg_core.errors.DataError: forecaster 'mine' needs at least 3 training rows, got 2: begin ...
    """
    if len(window) < rows:
        raise DataError(
            f"forecaster {name!r} needs at least {rows} training rows, got {len(window)}: "
            "begin later or train on a longer window"
        )


def latest(
    name: str, state: ForecastState, count: int, *, kind: str = "forecaster"
) -> tuple[float, ...]:
    """Return the last `count` numbers of the path.

    Args:
        name: Name of the agent.
        state: State that it acts on.
        count: Number of values wanted, at least 1.
        kind: Kind of agent, for the message.

    Returns:
        The values in the unit of the series, oldest first, `state.value` last.

    Raises:
        AgentError: The history is too short, or one of these numbers is not finite.

    >>> latest("mine", ForecastState(3, 4.0, 0.0, 0.0, history=(1.0, 2.0)), 2)
    (2.0, 4.0)
    """
    numbers = _tail(name, state, count, kind)
    for number in numbers:
        if not isfinite(number):
            raise AgentError(
                f"{kind} {name!r} cannot use {number} at or before period {state.t}: "
                "state.value and state.history must be finite"
            )
    return numbers


def latest_arrays(name: str, state: StateArrays, count: int) -> tuple[Array, ...]:
    """Return the latest values of many games, as `latest` does of one.

    That the numbers are finite has been checked by the game, once for all agents.

    Args:
        name: Name of the forecaster.
        state: States that it acts on.
        count: Number of values wanted, at least 1.

    Returns:
        One array of shape (game,) or (1,) per value, oldest first, `state.value` last.

    Raises:
        AgentError: The history is too short.

    >>> state = StateArrays(3, np.array([4.0, 5.0]), np.zeros(2), np.zeros(2))
    >>> [numbers.tolist() for numbers in latest_arrays("mine", state, 1)]
    [[4.0, 5.0]]
    """
    return _tail(name, state, count, "forecaster")


def _tail(name: str, state: Any, count: int, kind: str) -> tuple[Any, ...]:
    if count == 1:
        return (state.value,)
    earlier = count - 1
    if len(state.history) < earlier:
        raise AgentError(
            f"{kind} {name!r} needs {earlier} earlier values in state.history, got "
            f"{len(state.history)}: set lookback to {earlier} or more"
        )
    return (*state.history[len(state.history) - earlier :], state.value)


def forecast_action(name: str, delta: float, scale: float) -> AgentAction:
    """Return `AgentAction(name, delta, scale=scale)`; plain finite floats need no second look.

    A game makes some twenty actions a round.

    Args:
        name: Name of the forecaster.
        delta: Expected change, in the unit of the series.
        scale: Standard deviation of the change, at least 0, in that unit.

    Returns:
        The action.

    Raises:
        DataError: A number is not finite, or the scale is negative.

    >>> forecast_action("mine", 1.0, 0.5).scale
    0.5
    """
    plain = type(delta) is float and type(scale) is float
    if not (plain and -inf < delta < inf and 0.0 <= scale < inf):
        return AgentAction(name, delta, scale=scale)
    action = object.__new__(AgentAction)
    action.__dict__.update(actor=name, delta=delta, scale=scale, p_bad=None)
    return action
